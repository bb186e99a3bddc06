# cython: language_level=3
"""Packets of a batch become records of a capture file, in one buffer.

Each function writes the records of the columns from `first` up to `count` of an index to `out`,
from octet `at` on, and stops where it cannot go on. It returns the next column and leaves in
`state` why it stopped (WHY), the end of what was written (END) and the octets that the next record
takes (NEED). Nothing outside the buffers is read or written, whatever the index says.

Names are not to be had inside the loops, so rows, cells and reasons stand there as numbers. The
types of the loops that other engine modules use stand in `framing.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.libc.string import memcpy

WHY = 0
END = 1
NEED = 2
STATE_CELLS = 3

DONE = 0
FULL = 1
"""`out` has no room for the next record."""
OUTSIDE = 2
"""The next packet or record does not lie inside `octets`."""
UNKNOWN_INTERFACE = 3
"""The next packet's interface has no number in the file yet."""
OTHER_LINKTYPE = 4
"""The next packet is of another link type than its interface, or than the file."""
UNFIT = 5
"""The next record cannot be copied as it is."""

TABLE_NUMBER = 0
"""The number of an interface in the file's section; -1: none yet."""
TABLE_LINKTYPE = 1
TABLE_TICK_NS = 2
"""Nanoseconds of one tick of its time stamps."""
TABLE_CELLS = 3


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _put32(out: cython.uchar[::1], at: cython.Py_ssize_t, value: cython.uint) -> cython.void:
    """A 32-bit integer in little-endian order."""
    out[at] = value & 0xFF
    out[at + 1] = (value >> 8) & 0xFF
    out[at + 2] = (value >> 16) & 0xFF
    out[at + 3] = (value >> 24) & 0xFF


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _get32(
    octets: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, big: cython.bint
) -> cython.longlong:
    """The unsigned 32-bit integer at octet `at`."""
    if big:
        return (
            (cython.cast(cython.uint, octets[at]) << 24)
            | (cython.cast(cython.uint, octets[at + 1]) << 16)
            | (cython.cast(cython.uint, octets[at + 2]) << 8)
            | cython.cast(cython.uint, octets[at + 3])
        )
    return (
        cython.cast(cython.uint, octets[at])
        | (cython.cast(cython.uint, octets[at + 1]) << 8)
        | (cython.cast(cython.uint, octets[at + 2]) << 16)
        | (cython.cast(cython.uint, octets[at + 3]) << 24)
    )


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _copy(
    octets: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    size: cython.Py_ssize_t,
    out: cython.uchar[::1],
    at: cython.Py_ssize_t,
) -> cython.void:
    """Copy octets that were found to lie inside both buffers."""
    i: cython.Py_ssize_t
    if size > 0:
        if cython.compiled:
            memcpy(cython.address(out[at]), cython.address(octets[start]), size)
        else:
            for i in range(size):
                out[at + i] = octets[start + i]


def put_pcap(octets, index, first, count, linktype, out, at, state):
    """The loop of `frame_pcap`."""
    length: cython.Py_ssize_t = len(octets)
    room: cython.Py_ssize_t = len(out)
    column: cython.Py_ssize_t = first
    why: cython.longlong = 0
    need: cython.longlong = 0
    most: cython.longlong = 4294967295
    length_on_wire: cython.longlong
    start: cython.longlong
    caplen: cython.longlong
    time: cython.longlong
    seconds: cython.longlong
    latest: cython.longlong = 4294967295999999999
    while column < count:
        start = index[0, column]
        caplen = index[1, column]
        if caplen < 0 or caplen > length or start < 0 or start > length - caplen:
            why = 2
            break
        if index[5, column] != linktype:
            why = 4
            break
        need = 16 + caplen
        if need > room - at:
            why = 1
            break
        time = index[3, column]
        if time < 0:
            time = 0
        elif time > latest:
            time = latest
        seconds = time // 1000000000
        length_on_wire = min(max(index[2, column], 0), most)
        _put32(out, at, cython.cast(cython.uint, seconds))
        _put32(out, at + 4, cython.cast(cython.uint, time - seconds * 1000000000))
        _put32(out, at + 8, cython.cast(cython.uint, caplen))
        _put32(out, at + 12, cython.cast(cython.uint, length_on_wire))
        _copy(octets, start, caplen, out, at + 16)
        at += need
        column += 1
    state[0] = why
    state[1] = at
    state[2] = need
    return column


def frame_pcap(
    octets: cython.const[cython.uchar][::1],
    index: cython.const[cython.longlong][:, ::1],
    first: cython.Py_ssize_t,
    count: cython.Py_ssize_t,
    linktype: cython.longlong,
    out: cython.uchar[::1],
    at: cython.Py_ssize_t,
    state: cython.longlong[::1],
) -> cython.Py_ssize_t:
    """Records of a little-endian pcap file of nanoseconds; all packets are of one link type.

    Times before 1970 become 1970, those after 2106 the last that fits; so do lengths.
    """
    first = max(first, 0)
    at = max(at, 0)
    count = min(count, index.shape[1])
    with cython.nogil:
        first = put_pcap(octets, index, first, count, linktype, out, at, state)
    return first


def put_pcapng(octets, index, first, count, table, out, at, state):
    """The loop of `frame_pcapng`."""
    length: cython.Py_ssize_t = len(octets)
    room: cython.Py_ssize_t = len(out)
    interfaces: cython.longlong = len(table) // 3
    column: cython.Py_ssize_t = first
    why: cython.longlong = 0
    need: cython.longlong = 0
    most: cython.longlong = 4294967295
    length_on_wire: cython.longlong
    start: cython.longlong
    caplen: cython.longlong
    padding: cython.longlong
    interface: cython.longlong
    row: cython.Py_ssize_t
    time: cython.longlong
    i: cython.longlong
    while column < count:
        start = index[0, column]
        caplen = index[1, column]
        if caplen < 0 or caplen > length or start < 0 or start > length - caplen:
            why = 2
            break
        interface = index[4, column]
        if interface < 0 or interface >= interfaces or table[interface * 3] < 0:
            why = 3
            break
        row = interface * 3
        if index[5, column] != table[row + 1]:
            why = 4
            break
        padding = (4 - (caplen & 3)) & 3
        need = 32 + caplen + padding
        if need > room - at:
            why = 1
            break
        time = index[3, column]
        if time < 0:
            time = 0
        if table[row + 2] > 1:
            time = time // table[row + 2]
        length_on_wire = min(max(index[2, column], 0), most)
        _put32(out, at, 6)
        _put32(out, at + 4, cython.cast(cython.uint, need))
        _put32(out, at + 8, cython.cast(cython.uint, table[row]))
        _put32(out, at + 12, cython.cast(cython.uint, time >> 32))
        _put32(out, at + 16, cython.cast(cython.uint, time))
        _put32(out, at + 20, cython.cast(cython.uint, caplen))
        _put32(out, at + 24, cython.cast(cython.uint, length_on_wire))
        _copy(octets, start, caplen, out, at + 28)
        for i in range(padding):
            out[at + 28 + caplen + i] = 0
        at += need
        _put32(out, at - 4, cython.cast(cython.uint, need))
        column += 1
    state[0] = why
    state[1] = at
    state[2] = need
    return column


def frame_pcapng(
    octets: cython.const[cython.uchar][::1],
    index: cython.const[cython.longlong][:, ::1],
    first: cython.Py_ssize_t,
    count: cython.Py_ssize_t,
    table: cython.const[cython.longlong][::1],
    out: cython.uchar[::1],
    at: cython.Py_ssize_t,
    state: cython.longlong[::1],
) -> cython.Py_ssize_t:
    """Enhanced packet blocks, little-endian and without options.

    `table` has TABLE_CELLS for each interface of the batch. Times before 1970 become 1970.
    """
    first = max(first, 0)
    at = max(at, 0)
    count = min(count, index.shape[1])
    with cython.nogil:
        first = put_pcapng(octets, index, first, count, table, out, at, state)
    return first


def copy_blocks(
    octets: cython.const[cython.uchar][::1],
    index: cython.const[cython.longlong][:, ::1],
    places: cython.const[cython.longlong][::1],
    first: cython.Py_ssize_t,
    count: cython.Py_ssize_t,
    table: cython.const[cython.longlong][::1],
    big: cython.bint,
    out: cython.uchar[::1],
    at: cython.Py_ssize_t,
    state: cython.longlong[::1],
) -> cython.Py_ssize_t:
    """The pcapng blocks at `places` as they are, but for the numbers of the interfaces.

    Those come from the index by way of `table`, as for `frame_pcapng`. `big`: the byte order of
    the blocks. UNFIT are what is no packet block, simple packets of another interface than the
    file's first, and obsolete packets whose interface has too large a number.
    """
    length: cython.Py_ssize_t = len(octets)
    room: cython.Py_ssize_t = len(out)
    interfaces: cython.longlong = len(table) // 3
    column: cython.Py_ssize_t = max(first, 0)
    why: cython.longlong = 0
    need: cython.longlong = 0
    start: cython.longlong
    interface: cython.longlong
    number: cython.longlong
    kind: cython.longlong
    at = max(at, 0)
    count = min(count, min(index.shape[1], len(places)))
    with cython.nogil:
        while column < count:
            start = places[column]
            if start < 0 or start > length - 12:
                why = 2
                break
            need = _get32(octets, start + 4, big)
            if need < 16 or need > length - start:
                why = 2
                break
            interface = index[4, column]
            if interface < 0 or interface >= interfaces or table[interface * 3] < 0:
                why = 3
                break
            number = table[interface * 3]
            kind = _get32(octets, start, big)
            if kind == 3:
                if number != 0:
                    why = 5
                    break
            elif (kind != 6 and kind != 2) or need < 32 or (kind == 2 and number > 65535):
                why = 5
                break
            if need > room - at:
                why = 1
                break
            _copy(octets, start, need, out, at)
            if kind == 2:
                out[at + 8] = (number >> 8 if big else number) & 0xFF
                out[at + 9] = (number if big else number >> 8) & 0xFF
            elif kind == 6:
                if big:
                    out[at + 8] = (number >> 24) & 0xFF
                    out[at + 9] = (number >> 16) & 0xFF
                    out[at + 10] = (number >> 8) & 0xFF
                    out[at + 11] = number & 0xFF
                else:
                    _put32(out, at + 8, cython.cast(cython.uint, number))
            at += need
            column += 1
    state[0] = why
    state[1] = at
    state[2] = need
    return column
