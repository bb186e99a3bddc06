# cython: language_level=3
"""A block of the kernel's capture ring (AF_PACKET, TPACKET_V3) becomes the index of a batch.

The layout is that of `struct tpacket_block_desc`, `struct tpacket3_hdr` and `struct sockaddr_ll`
in linux/if_packet.h. Its numbers are in the machine's own byte order, so the block is given as
three views of the same memory (octets, 16-bit halves, 32-bit words): no load depends on the
machine. The types of what other engine modules use stand in `ring.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine.prefetch import prefetch

PLAN_INTERFACE = 0
"""In: the number of the interface that the ring is bound to."""
PLAN_LINKTYPE = 1
"""In: the LINKTYPE_ value of the packets."""
PLAN_SNAPLEN = 2
"""In: the most octets to keep of a packet, restored VLAN tag and cooked header included."""
PLAN_COOKED = 3
"""In: 0 packets have a link header; 1 they have none, and a cooked header is to be written (SLL
where PLAN_LINKTYPE says so, else SLL2); 2 the same, and they come from any interface, whose number
is looked up in PLAN_INDEXES."""
PLAN_TRUNCATED = 4
"""Out, added to: packets of which not all octets were captured."""
PLAN_KNOWN = 5
"""In and out: how many kernel interface indexes follow; those met first are appended."""
PLAN_NEXT = 6
"""In and out: where in the block the header of the next packet stands."""
PLAN_INDEXES = 7
"""The kernel's interface indexes, in the order of their numbers (from number 0 on)."""

LINUX_SLL = 113
"""LINKTYPE_ value of the older cooked header."""
SLL_LENGTH = 16
"""Octets of a LINKTYPE_LINUX_SLL header."""
SLL2_LENGTH = 20
"""Octets of a LINKTYPE_LINUX_SLL2 header."""
TAG_LENGTH = 4
"""Octets of a VLAN tag (IEEE 802.1Q)."""

# The same numbers as C variables, for the loops that run without the GIL.
_offset = cython.declare(cython.longlong, 0)
_caplen = cython.declare(cython.longlong, 1)
_length = cython.declare(cython.longlong, 2)
_time_ns = cython.declare(cython.longlong, 3)
_interface = cython.declare(cython.longlong, 4)
_linktype = cython.declare(cython.longlong, 5)
_known = cython.declare(cython.longlong, 5)
_next = cython.declare(cython.longlong, 6)
_indexes = cython.declare(cython.longlong, 7)
_ethernet = cython.declare(cython.longlong, 1)
_prefix = cython.declare(cython.longlong, 68)  # tpacket3_hdr (48 octets) and sockaddr_ll (20)
_sll = cython.declare(cython.longlong, 16)
_sll2 = cython.declare(cython.longlong, 20)
_linux_sll = cython.declare(cython.longlong, 113)
_tag = cython.declare(cython.longlong, 4)
_ahead = cython.declare(cython.longlong, 8)
# What has been done to a packet, in its header's padding (tp_padding), which the kernel clears.
_tag_restored = cython.declare(cython.longlong, 1)
_counted = cython.declare(cython.longlong, 2)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _has_tag(words: cython.uint[::1], at: cython.longlong) -> cython.bint:
    """Whether the kernel took a VLAN tag out of the packet whose header is at `at`."""
    return (words[(at + 20) >> 2] & 0x10) != 0 or words[(at + 32) >> 2] != 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _tag_protocol(
    halves: cython.ushort[::1], words: cython.uint[::1], at: cython.longlong
) -> cython.uint:
    """The tag's protocol; kernels that do not say it mean 802.1Q."""
    if words[(at + 20) >> 2] & 0x40:
        return halves[(at + 36) >> 1]
    return 0x8100


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _put16(octets: cython.uchar[::1], at: cython.longlong, value: cython.uint) -> cython.void:
    octets[at] = (value >> 8) & 0xFF
    octets[at + 1] = value & 0xFF


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _restore_tag(
    octets: cython.uchar[::1], start: cython.longlong, protocol: cython.uint, tci: cython.uint
) -> cython.void:
    """Move both MAC addresses of the frame at `start` four octets down; write the tag after."""
    i: cython.longlong
    for i in range(start, start + 12):
        octets[i - 4] = octets[i]
    _put16(octets, start + 8, protocol)
    _put16(octets, start + 10, tci)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _write_sll(
    octets: cython.uchar[::1],
    halves: cython.ushort[::1],
    words: cython.uint[::1],
    at: cython.longlong,
    start: cython.longlong,
) -> cython.longlong:
    """As `_write_cooked`, an SLL header."""
    place: cython.longlong = start - _sll
    i: cython.longlong
    if _has_tag(words, at):
        place -= _tag
        _put16(octets, place + 14, _tag_protocol(halves, words, at))
        _put16(octets, start - 4, words[(at + 32) >> 2] & 0xFFFF)
        octets[start - 2] = octets[at + 50]
        octets[start - 1] = octets[at + 51]
    else:
        octets[place + 14] = octets[at + 50]
        octets[place + 15] = octets[at + 51]
    _put16(octets, place, octets[at + 58])
    _put16(octets, place + 2, halves[(at + 56) >> 1])
    _put16(octets, place + 4, octets[at + 59])
    for i in range(8):
        octets[place + 6 + i] = octets[at + 60 + i]
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _write_cooked(
    octets: cython.uchar[::1],
    halves: cython.ushort[::1],
    words: cython.uint[::1],
    at: cython.longlong,
    start: cython.longlong,
) -> cython.longlong:
    """Write the SLL2 header, and a tag that the kernel took, before `start`; returns its place."""
    place: cython.longlong = start - _sll2
    i: cython.longlong
    tagged: cython.bint = _has_tag(words, at)
    if tagged:
        place -= _tag
        _put16(octets, place, _tag_protocol(halves, words, at))
        _put16(octets, start - 4, words[(at + 32) >> 2] & 0xFFFF)
        octets[start - 2] = octets[at + 50]
        octets[start - 1] = octets[at + 51]
    else:
        octets[place] = octets[at + 50]
        octets[place + 1] = octets[at + 51]
    _put16(octets, place + 2, 0)
    _put16(octets, place + 4, (words[(at + 52) >> 2] >> 16) & 0xFFFF)
    _put16(octets, place + 6, words[(at + 52) >> 2] & 0xFFFF)
    _put16(octets, place + 8, halves[(at + 56) >> 1])
    for i in range(10):  # packet type, address length, address: as in sockaddr_ll
        octets[place + 10 + i] = octets[at + 58 + i]
    return place


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _number_of(plan: cython.longlong[::1], ifindex: cython.longlong) -> cython.longlong:
    """The number of the interface with this kernel index; 0 when the table is full."""
    count: cython.longlong = plan[_known]
    i: cython.longlong
    for i in range(count):
        if plan[_indexes + i] == ifindex:
            return i
    if _indexes + count >= plan.shape[0]:
        return 0
    plan[_indexes + count] = ifindex
    plan[_known] = count + 1
    return count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _index_packet(
    octets: cython.uchar[::1],
    halves: cython.ushort[::1],
    words: cython.uint[::1],
    index: cython.longlong[:, ::1],
    plan: cython.longlong[::1],
    at: cython.longlong,
    n: cython.longlong,
) -> cython.bint:
    """Index the packet whose header is at `at` as column `n`; false when it is not in the block."""
    linktype: cython.longlong = plan[1]
    snaplen: cython.longlong = plan[2]
    caplen: cython.longlong = words[(at + 12) >> 2]
    length: cython.longlong = words[(at + 16) >> 2]
    mac: cython.longlong = halves[(at + 24) >> 1]
    start: cython.longlong = at + mac
    place: cython.longlong = start
    if mac < _prefix + _sll2 + _tag and plan[3] != 0:
        return False
    if mac < _prefix + _tag or start + caplen > octets.shape[0]:
        return False
    if plan[3] != 0:
        if linktype == _linux_sll:
            place = _write_sll(octets, halves, words, at, start)
        else:
            place = _write_cooked(octets, halves, words, at, start)
        length += start - place
    elif linktype == _ethernet and _has_tag(words, at):
        length += _tag
        if caplen >= 12:
            if not words[(at + 40) >> 2] & _tag_restored:
                words[(at + 40) >> 2] |= _tag_restored
                _restore_tag(
                    octets, start, _tag_protocol(halves, words, at), words[(at + 32) >> 2] & 0xFFFF
                )
            place = start - _tag
    caplen += start - place
    if caplen > snaplen:
        caplen = snaplen
    if caplen > length:
        length = caplen
    if caplen < length and not words[(at + 40) >> 2] & _counted:
        words[(at + 40) >> 2] |= _counted
        plan[4] += 1
    index[_interface, n] = plan[0]
    if plan[3] == 2:
        index[_interface, n] = _number_of(plan, words[(at + 52) >> 2])
    index[_offset, n] = place
    index[_caplen, n] = caplen
    index[_length, n] = length
    index[_time_ns, n] = (
        cython.cast(cython.longlong, words[(at + 4) >> 2]) * 1000000000 + words[(at + 8) >> 2]
    )
    index[_linktype, n] = linktype
    return True


def index_packets(octets, halves, words, index, plan, most):
    """Index at most `most` packets from PLAN_NEXT on, which is moved past them; returns how many.

    Another processor has just written the packets, so that each line of its cache that is read
    here has a long way: those of packets further on are asked for beforehand, the first octets of
    each packet too, which will be wanted next.
    """
    size: cython.longlong = octets.shape[0]
    ahead: cython.longlong
    count: cython.longlong = 0
    at: cython.longlong = plan[_next]
    step: cython.longlong
    if most > index.shape[1]:
        most = index.shape[1]
    while count < most:
        if at < 0 or at & 7 or at + _prefix > size:
            break
        if not _index_packet(octets, halves, words, index, plan, at, count):
            break
        count += 1
        step = words[at >> 2]
        if step == 0:
            at = size  # no packet follows
            break
        if cython.compiled:
            ahead = at + step * _ahead
            if 0 < ahead < size - 192:
                prefetch(cython.address(octets[ahead]))
                prefetch(cython.address(octets[ahead + 64]))
                prefetch(cython.address(octets[ahead + 128]))
        at += step
    plan[_next] = at
    return count


def begin(octets, halves, words, index, plan):
    """Stand before the first packet of a block. Raises ValueError when the views do not fit."""
    size: cython.longlong = octets.shape[0]
    if size < 48 or halves.shape[0] * 2 != size or words.shape[0] * 4 != size:
        raise ValueError("three views of the same 48 octets at least are needed for a ring block")
    if plan.shape[0] < 7 or index.shape[0] < 6:
        raise ValueError("the plan needs 7 numbers at least, the index 6 rows")
    if not 0 <= plan[5] <= plan.shape[0] - 7:
        raise ValueError("the plan knows more interfaces than it has room for")
    plan[6] = words[4]
    return True


def index_block(
    octets: cython.uchar[::1],
    halves: cython.ushort[::1],
    words: cython.uint[::1],
    index: cython.longlong[:, ::1],
    plan: cython.longlong[::1],
    hold_gil: cython.bint = False,
) -> int:
    """Index the packets of one ring block; returns how many there are.

    `octets`, `halves` and `words` are the same writable memory. Stripped VLAN tags and cooked
    headers are written in place, in the headroom before each packet; a block that is indexed again
    gives the same. Ends early at a packet that does not fit the block, or when `index` is full. The
    PLAN_ constants say how `plan` is laid out. With `hold_gil` no other thread of Python runs
    meanwhile.
    """
    count: cython.longlong
    begin(octets, halves, words, index, plan)
    if hold_gil:
        count = index_packets(octets, halves, words, index, plan, words[3])
    else:
        with cython.nogil:
            count = index_packets(octets, halves, words, index, plan, words[3])
    return count
