from array import array

Cells = array[int] | memoryview

def copy_runs(
    source: bytes | bytearray | memoryview,
    starts: Cells,
    sizes: Cells,
    out: bytearray | memoryview,
    places: Cells,
) -> None: ...
