"""Octets and text: of a given length, up to a delimiter, or the rest; and padding."""

from __future__ import annotations

from typing import Any, Unpack

from rawlab.engine import numbers as n
from rawlab.schema.expression import Constant, Expression, constant
from rawlab.schema.field import Field, Options, Row, Span, V


class Extent(Field[V]):
    """A run of octets whose length is given, computed, ended by a delimiter, or the rest."""

    def __init__(
        self,
        *,
        length: Expression | int | None = None,
        until: bytes | None = None,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(**options)
        if length is not None and until is not None:
            raise ValueError("octets end by a length or by a delimiter, not by both")
        if until is not None and not 1 <= len(until) <= 7:
            raise ValueError("a delimiter has 1 to 7 octets")
        self.length = None if length is None else constant(length)
        self.until = until
        if isinstance(self.length, Constant):
            if not 0 <= self.length.value < 1 << 31:
                raise ValueError(f"a length of {self.length.value} octets")
            self.bits = 8 * self.length.value

    def row(self) -> Row:
        if self.until is not None:
            delimiter = int.from_bytes(self.until)
            return {n.F_OP: n.UNTIL, n.F_BITS: len(self.until), n.F_LENGTH: delimiter}
        return {n.F_OP: n.OCTETS, n.F_BY: n.BY_REST if self.length is None else n.BY_LENGTH}

    @property
    def takes_rest(self) -> bool:
        return self.when is None and self.length is None and self.until is None

    def raw(self, octets: memoryview, span: Span) -> bytes:
        """The octets of a span, without the delimiter."""
        start = span[1] >> 3
        return bytes(octets[start : start + span[4]])

    def encode(self, value: Any) -> bytes:
        """The octets of a value, its delimiter after it.

        TypeError for a value of another kind, ValueError where its length is not the declared one.
        """
        octets = self._octets(value)
        if self.until is not None:
            if self.until in octets:
                raise ValueError(f"{self.name}: its delimiter {self.until!r} stands inside")
            return octets + self.until
        if self.bits is not None and 8 * len(octets) != self.bits:
            raise ValueError(f"{self.name}: {self.bits // 8} octets, not {len(octets)}")
        return octets

    def _octets(self, value: Any) -> bytes:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        raise TypeError(f"{self.name} is octets, not {type(value).__name__} ({value!r})")


class Octets(Extent[bytes]):
    """Octets, as `bytes`."""

    def value_at(self, octets: memoryview, span: Span) -> bytes:
        return self.raw(octets, span)

    def show(self, value: Any) -> str:
        return bytes(value).hex()


class Text(Extent[str]):
    """Text; what its encoding cannot read is kept as backslash escapes."""

    def __init__(
        self,
        *,
        encoding: str = "utf-8",
        length: Expression | int | None = None,
        until: bytes | None = None,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(length=length, until=until, **options)
        "".encode(encoding)  # an unknown encoding fails here
        self.encoding = encoding

    def value_at(self, octets: memoryview, span: Span) -> str:
        return self.raw(octets, span).decode(self.encoding, "backslashreplace")

    def _octets(self, value: Any) -> bytes:
        return value.encode(self.encoding) if isinstance(value, str) else super()._octets(value)


class Pad(Field[bytes]):
    """Octets up to the next multiple of `align` octets from the start of the header or group."""

    def __init__(self, *, align: int, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        if align < 2 or align & (align - 1):
            raise ValueError(f"padding goes to a power of two, not {align}")
        self.align = align

    def row(self) -> Row:
        return {n.F_OP: n.ALIGNMENT, n.F_ALIGN: self.align}

    def value_at(self, octets: memoryview, span: Span) -> bytes:
        start = span[1] >> 3
        return bytes(octets[start : start + span[4]])

    def show(self, value: Any) -> str:
        return bytes(value).hex()
