from array import array

WHY: int
END: int
NEED: int
STATE_CELLS: int
DONE: int
FULL: int
OUTSIDE: int
UNKNOWN_INTERFACE: int
OTHER_LINKTYPE: int
UNFIT: int
TABLE_NUMBER: int
TABLE_LINKTYPE: int
TABLE_TICK_NS: int
TABLE_CELLS: int

Octets = bytes | bytearray | memoryview
Cells = array[int] | memoryview

def frame_pcap(
    octets: Octets,
    index: memoryview,
    first: int,
    count: int,
    linktype: int,
    out: bytearray | memoryview,
    at: int,
    state: array[int],
) -> int: ...
def frame_pcapng(
    octets: Octets,
    index: memoryview,
    first: int,
    count: int,
    table: Cells,
    out: bytearray | memoryview,
    at: int,
    state: array[int],
) -> int: ...
def copy_blocks(
    octets: Octets,
    index: memoryview,
    places: Cells,
    first: int,
    count: int,
    table: Cells,
    big: bool,
    out: bytearray | memoryview,
    at: int,
    state: array[int],
) -> int: ...
