from typing import Any, Self

from rawlab.engine.view import View

class Mould:
    def __init__(
        self,
        octets: bytes,
        fields: list[tuple[str, Any]],
        stores: memoryview,
        lengths: memoryview,
        told: list[Any],
        sums: memoryview,
        addresses: memoryview,
        announced: int,
        opening: int,
    ) -> None: ...

class Pile:
    layers: tuple[Any, ...]
    payload: bytes
    def __init__(self, layers: tuple[Any, ...], payload: bytes = b"") -> None: ...
    def __truediv__(self, other: Pile | View | bytes) -> Self: ...
    def __bytes__(self) -> bytes: ...
