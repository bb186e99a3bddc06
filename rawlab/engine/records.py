# cython: language_level=3
"""The index of a batch, and finding the records of capture files.

Each `index_*` function walks over the whole records that lie in ``octets[start:end]``, writes one
column of the index for each packet, and stops where it cannot go on. It returns the next free
column and leaves in `state` why it stopped (WHY), at which octet (POSITION) and how many octets
the record there takes (NEED). It reads nothing outside the range, whatever the records say.

Names are not to be had inside the loops, so rows, cells and reasons stand there as numbers.
"""

import cython

OFFSET = 0
CAPLEN = 1
LENGTH = 2
TIME_NS = 3
INTERFACE = 4
LINKTYPE = 5
ROWS = 6

WHY = 0
POSITION = 1
NEED = 2
STATE_CELLS = 3

NEED_OCTETS = 0
FULL = 1
OTHER_BLOCK = 2
CAPTURED_TOO_LONG = 3
BAD_LENGTH = 4
LENGTHS_DIFFER = 5
UNKNOWN_INTERFACE = 6
OVERRUNS_RECORD = 7
RECORD_TOO_LONG = 8

PCAP_BIG_ENDIAN = 0
PCAP_HEADER_OCTETS = 1
PCAP_TICK_NS = 2
PCAP_LENGTHS = 3
PCAP_LARGEST = 4
PCAP_LINKTYPE = 5
PCAP_CELLS = 6
LENGTHS_SWAPPED = 1
LENGTHS_MAYBE_SWAPPED = 2

SECTION_BIG_ENDIAN = 0
SECTION_FIRST_INTERFACE = 1
SECTION_INTERFACES = 2
SECTION_LARGEST_BLOCK = 3
SECTION_STOP_AT_ALL = 4
SECTION_CELLS = 5

COLUMN_LINKTYPE = 0
COLUMN_SNAPLEN = 1
COLUMN_LARGEST = 2
COLUMN_RULE = 3
COLUMN_FACTOR = 4
COLUMN_LIMIT = 5
COLUMN_OFFSET_NS = 6
COLUMNS = 7
RULE_MULTIPLY = 0
RULE_DIVIDE = 1
RULE_SHIFT = 2


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _u32(
    octets: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, big: cython.bint
) -> cython.longlong:
    """The unsigned 32-bit integer at octet `at`, in either byte order."""
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
def _binary_ns(ticks: cython.ulonglong, exponent: cython.longlong) -> cython.ulonglong:
    """Nanoseconds of `ticks` of 2**-exponent seconds each, rounded down; over 2**63 when more."""
    seconds: cython.ulonglong = 0
    part: cython.ulonglong = ticks
    most: cython.ulonglong = 9223372036
    low: cython.ulonglong = 4294967295
    if exponent < 64:
        seconds = ticks >> exponent
        part = ticks - (seconds << exponent)
    if seconds > most:
        return most * 1000000000 + 1000000000
    if exponent < 32:
        return seconds * 1000000000 + ((part * 1000000000) >> exponent)
    part = (part >> 32) * 1000000000 + (((part & low) * 1000000000) >> 32)
    if exponent - 32 >= 64:
        return 0
    return seconds * 1000000000 + (part >> (exponent - 32))


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _time_ns(
    ticks: cython.ulonglong, table: cython.longlong[::1], row: cython.Py_ssize_t
) -> cython.longlong:
    """Nanoseconds since the epoch, by the interface whose row starts at `row`; saturates."""
    rule: cython.longlong = table[row + 3]
    factor: cython.ulonglong = cython.cast(cython.ulonglong, table[row + 4])
    offset: cython.longlong = table[row + 6]
    most: cython.longlong = 9223372036854775807
    ns: cython.ulonglong = most
    if rule == 0:
        if ticks <= cython.cast(cython.ulonglong, table[row + 5]):
            ns = ticks * factor
    elif rule == 1:
        ns = ticks // factor if factor != 0 else 0
    else:
        ns = _binary_ns(ticks, table[row + 4])
    if ns > cython.cast(cython.ulonglong, most):
        ns = most
    if offset > 0 and ns > cython.cast(cython.ulonglong, most - offset):
        return most
    return cython.cast(cython.longlong, ns) + offset


def index_pcap(
    octets: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    index: cython.longlong[:, ::1],
    first: cython.Py_ssize_t,
    params: cython.longlong[::1],
    state: cython.longlong[::1],
) -> cython.Py_ssize_t:
    """The records of a pcap file; `params` are the PCAP_* cells."""
    big: cython.bint = params[0] != 0
    header: cython.Py_ssize_t = params[1]
    tick_ns: cython.longlong = params[2]
    lengths: cython.longlong = params[3]
    largest: cython.longlong = params[4]
    linktype: cython.longlong = params[5]
    capacity: cython.Py_ssize_t = index.shape[1]
    at: cython.Py_ssize_t = max(start, 0)
    column: cython.Py_ssize_t = max(first, 0)
    why: cython.longlong = 0
    need: cython.longlong = header
    caplen: cython.longlong
    length: cython.longlong
    other: cython.longlong
    header = max(header, 16)
    end = min(end, len(octets))
    with cython.nogil:
        while True:
            need = header
            if column >= capacity:
                why = 1
                break
            if end - at < header:
                break
            caplen = _u32(octets, at + 8, big)
            length = _u32(octets, at + 12, big)
            if lengths != 0 and (lengths == 1 or caplen > length):
                other = caplen
                caplen = length
                length = other
            if caplen > largest:
                why = 3
                break
            need = header + caplen
            if need > end - at:
                break
            index[0, column] = at + header
            index[1, column] = caplen
            index[2, column] = length
            index[3, column] = (
                _u32(octets, at, big) * 1000000000 + _u32(octets, at + 4, big) * tick_ns
            )
            index[4, column] = 0
            index[5, column] = linktype
            column += 1
            at += need
    state[0] = why
    state[1] = at
    state[2] = need
    return column


def index_snoop(
    octets: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    index: cython.longlong[:, ::1],
    first: cython.Py_ssize_t,
    params: cython.longlong[::1],
    state: cython.longlong[::1],
) -> cython.Py_ssize_t:
    """The records of a snoop file (RFC 1761); `params` are the PCAP_LARGEST and _LINKTYPE cells."""
    largest: cython.longlong = params[4]
    linktype: cython.longlong = params[5]
    capacity: cython.Py_ssize_t = index.shape[1]
    at: cython.Py_ssize_t = max(start, 0)
    column: cython.Py_ssize_t = max(first, 0)
    why: cython.longlong = 0
    need: cython.longlong = 24
    caplen: cython.longlong
    total: cython.longlong
    end = min(end, len(octets))
    with cython.nogil:
        while True:
            need = 24
            if column >= capacity:
                why = 1
                break
            if end - at < 24:
                break
            caplen = _u32(octets, at + 4, True)
            total = _u32(octets, at + 8, True)
            need = total
            if caplen > largest:
                why = 3
                break
            if total < 24 + caplen:
                why = 7
                break
            if total > largest + 65536:
                why = 8
                break
            if total > end - at:
                break
            index[0, column] = at + 24
            index[1, column] = caplen
            index[2, column] = _u32(octets, at, True)
            index[3, column] = (
                _u32(octets, at + 16, True) * 1000000000 + _u32(octets, at + 20, True) * 1000
            )
            index[4, column] = 0
            index[5, column] = linktype
            column += 1
            at += total
    state[0] = why
    state[1] = at
    state[2] = need
    return column


def index_pcapng(
    octets: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    index: cython.longlong[:, ::1],
    first: cython.Py_ssize_t,
    places: cython.longlong[::1],
    section: cython.longlong[::1],
    table: cython.longlong[::1],
    state: cython.longlong[::1],
) -> cython.Py_ssize_t:
    """The packet blocks of one pcapng section, each block's first octet in `places`.

    `section` are the SECTION_* cells, `table` has COLUMNS cells for each interface of the section.
    Stops (OTHER_BLOCK) at section headers, interfaces, names and secrets, and passes over blocks
    of other types, unless SECTION_STOP_AT_ALL. Where it stops at another block but a section
    header, that block is whole and its two lengths agree. Simple packets have time 0.
    """
    big: cython.bint = section[0] != 0
    first_interface: cython.longlong = section[1]
    interfaces: cython.longlong = min(section[2], len(table) // 7)
    largest_block: cython.longlong = section[3]
    stop_at_all: cython.bint = section[4] != 0
    capacity: cython.Py_ssize_t = min(index.shape[1], len(places))
    at: cython.Py_ssize_t = max(start, 0)
    column: cython.Py_ssize_t = max(first, 0)
    why: cython.longlong = 0
    need: cython.longlong = 12
    kind: cython.longlong
    total: cython.longlong
    interface: cython.longlong
    caplen: cython.longlong
    length: cython.longlong
    ticks: cython.ulonglong
    row: cython.Py_ssize_t
    end = min(end, len(octets))
    with cython.nogil:
        while True:
            need = 12
            if column >= capacity:
                why = 1
                break
            if end - at < 12:
                break
            kind = _u32(octets, at, big)
            if kind == 168627466:
                why = 2
                break
            total = _u32(octets, at + 4, big)
            need = total
            if total < 12 or total & 3:
                why = 4
                break
            if total > largest_block:
                why = 8
                break
            if total > end - at:
                break
            if _u32(octets, at + total - 4, big) != total:
                why = 5
                break
            if kind == 6 or kind == 2:
                if total < 32:
                    why = 4
                    break
                interface = _u32(octets, at + 8, big)
                if kind == 2:
                    interface = interface >> 16 if big else interface & 65535
                if interface >= interfaces:
                    why = 6
                    break
                row = interface * 7
                caplen = _u32(octets, at + 20, big)
                length = _u32(octets, at + 24, big)
                if caplen > table[row + 2]:
                    why = 3
                    break
                if caplen > total - 32:
                    why = 7
                    break
                ticks = cython.cast(cython.ulonglong, _u32(octets, at + 12, big))
                ticks = (ticks << 32) | cython.cast(cython.ulonglong, _u32(octets, at + 16, big))
                index[0, column] = at + 28
                index[3, column] = _time_ns(ticks, table, row)
            elif kind == 3:
                if total < 16:
                    why = 4
                    break
                if interfaces < 1:
                    why = 6
                    break
                interface = 0
                row = 0
                length = _u32(octets, at + 8, big)
                caplen = min(length, total - 16)
                if table[1] != 0:
                    caplen = min(caplen, table[1])
                if caplen > table[2]:
                    why = 3
                    break
                index[0, column] = at + 12
                index[3, column] = 0
            elif stop_at_all or kind == 1 or kind == 4 or kind == 10:
                why = 2
                break
            else:
                at += total
                continue
            index[1, column] = caplen
            index[2, column] = length
            index[4, column] = first_interface + interface
            index[5, column] = table[row]
            places[column] = at
            column += 1
            at += total
    state[0] = why
    state[1] = at
    state[2] = need
    return column
