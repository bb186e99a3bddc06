# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The index of a batch, and finding the records of capture files.

Each `index_*` function walks over whole records that lie in ``octets[start:end]``, writes one
column of the index for each packet, and stops where it cannot go on. It returns the next free
column and leaves in `state` why it stopped, at which octet, and how many octets from there the
record takes. It reads nothing outside the range, whatever the records say.
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
SECTION_PASS_OVER = 4
SECTION_CELLS = 5

COLUMN_LINKTYPE = 0
COLUMN_SNAPLEN = 1
COLUMN_LARGEST = 2
COLUMN_RULE = 3
COLUMN_FACTOR = 4
COLUMN_OFFSET_NS = 5
COLUMNS = 6
MULTIPLY = 0
DIVIDE = 1
SHIFT = 2


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _u32(octets: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, big: cython.bint) -> cython.longlong:
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


def index_pcap(
    octets: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    index: cython.longlong[:, ::1],
    first: cython.Py_ssize_t,
    capacity: cython.Py_ssize_t,
    params: cython.longlong[::1],
    state: cython.longlong[::1],
) -> cython.Py_ssize_t:
    big: cython.bint = params[0] != 0
    header: cython.Py_ssize_t = params[1]
    tick_ns: cython.longlong = params[2]
    lengths: cython.longlong = params[3]
    largest: cython.longlong = params[4]
    linktype: cython.longlong = params[5]
    at: cython.Py_ssize_t = start
    column: cython.Py_ssize_t = first
    why: cython.longlong = 0
    need: cython.longlong = header
    caplen: cython.longlong
    length: cython.longlong
    other: cython.longlong
    with cython.nogil:
        while True:
            if column >= capacity:
                why = 1
                break
            if end - at < header:
                need = header
                break
            caplen = _u32(octets, at + 8, big)
            length = _u32(octets, at + 12, big)
            if lengths != 0 and (lengths == 1 or caplen > length):
                other = caplen
                caplen = length
                length = other
            need = header + caplen
            if caplen > largest:
                why = 3
                break
            if need > end - at:
                break
            index[0, column] = at + header
            index[1, column] = caplen
            index[2, column] = length
            index[3, column] = _u32(octets, at, big) * 1000000000 + _u32(octets, at + 4, big) * tick_ns
            index[4, column] = 0
            index[5, column] = linktype
            column += 1
            at += need
    state[0] = why
    state[1] = at
    state[2] = need
    return column
