from typing import Any

class Selector:
    def __init__(self, tables: Any, program: Any) -> None: ...
    def run(
        self,
        octets: bytes | bytearray | memoryview,
        index: memoryview,
        count: int,
        first_number: int,
        numbers: memoryview,
        verdicts: bytearray | memoryview,
    ) -> int: ...
