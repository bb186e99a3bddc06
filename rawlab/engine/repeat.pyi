def repeat(
    template: bytes | bytearray | memoryview,
    places: memoryview,
    values: memoryview,
    sums: memoryview,
    parts: memoryview,
    count: int,
    out: bytearray | memoryview,
) -> None: ...
