from typing import Any

class Scanner:
    def __init__(self, tables: Any) -> None: ...
    def layers(
        self,
        octets: bytes | bytearray | memoryview,
        index: memoryview,
        first: int,
        count: int,
        begins: memoryview,
        layers: memoryview,
        faults: memoryview,
    ) -> int: ...
    def columns(
        self,
        octets: bytes | bytearray | memoryview,
        index: memoryview,
        count: int,
        plan: memoryview,
        wanted: memoryview,
        chain: memoryview,
        out: Any,
        row: int,
    ) -> None: ...
