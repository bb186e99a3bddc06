from array import array

from rawlab.engine.framing import Cells

AT_ONCE: int

def frame_block(
    octets: memoryview,
    halves: memoryview,
    words: memoryview,
    index: memoryview,
    plan: memoryview,
    count: int,
    table: Cells,
    linktype: int,
    out: bytearray | memoryview,
    at: int,
    state: array[int],
) -> int: ...
