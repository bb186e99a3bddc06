from typing import Any

from rawlab.engine.line_head import LineHead

class Liner(LineHead):
    def __init__(
        self, tables: Any, plain: bytes, domains: bytes, stamp: int, digits: int, dotted: bool
    ) -> None: ...
    def learn(
        self,
        nodes: memoryview,
        steps: memoryview,
        names: memoryview,
        texts: bytes | bytearray,
    ) -> None: ...
    def look_at(
        self,
        octets: bytes | bytearray | memoryview,
        index: memoryview,
        begins: memoryview,
        layers: memoryview,
        faulty: bytes | bytearray,
        out: bytearray,
    ) -> None: ...
    def tell_any(self) -> None: ...
    def let_go(self) -> None: ...
    def write(self, first: int, count: int) -> tuple[int, int, int]: ...
