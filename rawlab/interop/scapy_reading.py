"""Fields that scapy reads: their values are what scapy shows, its exceptions are faults."""

from __future__ import annotations

import struct
import sys
from functools import cache, lru_cache
from typing import Any, NamedTuple

from rawlab.interop.libraries import library
from rawlab.schema.error import Malformed
from rawlab.schema.items import Custom


class Extent(NamedTuple):
    """A field as scapy read it: its value as text, and the octets that it took."""

    shown: str
    start: int
    end: int


class ScapyField(Custom[str]):
    """A field that scapy reads; its value is what scapy shows of it.

    Reading is bounded by the header's octets, and scapy's exceptions are faults.
    """

    def __init__(self, kind: type[Any], number: int, **options: Any) -> None:
        super().__init__(**options)
        self.kind: Any = kind
        self.number_of_field = number

    def read(self, message: memoryview, start: int, end: int) -> tuple[str, int]:
        """The value as text; "" and no octets where scapy's condition leaves the field out."""
        found = extents(self.kind, bytes(message[:end]))
        extent = found[self.number_of_field] if self.number_of_field < len(found) else None
        if isinstance(extent, str):
            raise Malformed(f"scapy: {extent}", at=start, want=1, got=0)
        if extent is None:
            return "", start
        return extent.shown, max(start, min(extent.end, end))

    def write(self, value: Any, written: bytes) -> bytes:
        """Octets only: what scapy shows cannot be turned back."""
        if isinstance(value, (bytes, bytearray)):
            return bytes(value)
        raise TypeError(f"{self.name} is read by scapy: give its octets, not {value!r}")


class ScapyPayload(ScapyField):
    """What follows a header whose fields scapy reads: the layers that scapy finds there."""

    def read(self, message: memoryview, start: int, end: int) -> tuple[str, int]:
        """The layers as scapy prints them; takes all octets that are left."""
        if start >= end:
            return "", start
        return self._printed(_dissected(self.kind, bytes(message[:end]), start).payload), end

    @staticmethod
    def _printed(packet: Any) -> str:
        return str(repr(packet))


class ScapyPacket(ScapyPayload):
    """A whole layer that scapy dissects in a way of its own, and what it carries."""

    def read(self, message: memoryview, start: int, end: int) -> tuple[str, int]:
        """The layers as scapy prints them; takes all octets."""
        return self._printed(_dissected(self.kind, bytes(message[start:end]), start)), end


def _dissected(kind: Any, octets: bytes, start: int) -> Any:
    """A packet of scapy's; Malformed where it fails."""
    try:
        return kind(octets)
    except failures_of(kind) as error:
        raise Malformed(f"scapy: {_reason(error)}", at=start, want=1, got=0) from None


ERRORS = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, OSError,
          RuntimeError, TypeError, ValueError, ImportError)
"""What scapy's layers raise on octets that they did not expect."""


@cache
def failures_of(kind: Any) -> tuple[type[BaseException], ...]:
    """All that a class of scapy's may raise: also what the modules of its fields declare."""
    places = [*kind.__mro__, *(type(field) for field in kind.fields_desc)]
    modules = {sys.modules[place.__module__] for place in places if place.__module__ in sys.modules}
    declared = {found for module in modules for found in vars(module).values()
                if isinstance(found, type) and issubclass(found, Exception)
                and found is not Exception}
    return (*ERRORS, struct.error, library("scapy.error").Scapy_Exception, *declared)


def _reason(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())[:200]


@lru_cache(maxsize=16)
def extents(kind: Any, octets: bytes) -> tuple[Extent | str | None, ...]:
    """Each field of scapy's class as it reads `octets`; None where it is not there.

    The first that fails, and all after it, are the reason.
    """
    conditional = library("scapy.fields").ConditionalField
    found: list[Extent | str | None] = []
    try:
        packet = kind()
        packet.original = octets
        left: Any = octets
        for field in packet.fields_desc:
            before = _left(left)
            left, value = field.getfield(packet, left)
            if value is None and isinstance(field, conditional):
                found.append(None)
                continue
            packet.fields[field.name] = value
            start, end = len(octets) - before, len(octets) - _left(left)
            if left == b"" and before == 0 and not _holds(value):
                raise ValueError("no octets are left")
            found.append(Extent(_shown(field, packet, value), start, end))
    except failures_of(kind) as error:
        missing = len(kind().fields_desc) - len(found)
        found += [_reason(error)] * missing
    return tuple(found)


def _holds(value: Any) -> bool:
    """Whether an empty value may stand where no octets are left."""
    return value in (b"", "", None) or isinstance(value, (list, tuple))


def _left(octets: Any) -> int:
    """The octets not yet read; within bits scapy keeps a pair."""
    return len(octets[0]) if isinstance(octets, tuple) else len(octets)


def _shown(field: Any, packet: Any, value: Any) -> str:
    text = field.i2repr(packet, value)
    return text if isinstance(text, str) else repr(text)
