"""Kinds of fields that scapy lacks, made when they are first used."""

from __future__ import annotations

from functools import cache
from typing import Any

from rawlab.interop.libraries import library
from rawlab.schema.integer import Varint


def _left(octets: Any) -> int:
    return len(octets[0]) if isinstance(octets, tuple) else len(octets)


def _read(packet: Any, octets: Any) -> int:
    """How many octets of the header are read already."""
    return len(packet.original) - _left(octets)


@cache
def signed_field() -> Any:
    """Signed integers of any width."""
    base: Any = library("scapy.fields").BitField

    class SignedBits(base):  # type: ignore[misc]
        """A signed run of bits, two's complement."""

        def m2i(self, pkt: Any, x: int) -> int:
            width: int = self.size
            return x - (1 << width) if x >> (width - 1) else x

        def i2m(self, pkt: Any, x: int | None) -> int:
            width: int = self.size
            return (x or 0) & ((1 << width) - 1)

    return SignedBits


@cache
def varint_field() -> Any:
    """Integers of varying length."""
    base: Any = library("scapy.fields").Field

    class VaryingInteger(base):  # type: ignore[misc]
        """QUIC's or LEB128."""

        __slots__ = ("varint",)

        def __init__(self, name: str, default: int | None, varint: Varint) -> None:
            super().__init__(name, default, "B")
            self.varint = varint

        def addfield(self, pkt: Any, s: bytes, val: int | None) -> bytes:
            return s + self.varint.encode(val or 0)

        def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, int]:
            if self.varint.kind == "quic":
                size = 1 << (s[0] >> 6)
                number = int.from_bytes(s[:size]) & ((1 << 8 * size - 2) - 1)
                return s[size:], number
            size = next(i for i, octet in enumerate(s) if octet < 0x80) + 1
            return s[size:], sum((s[i] & 0x7F) << 7 * i for i in range(size))

    return VaryingInteger


@cache
def ended_field() -> Any:
    """Octets up to a delimiter, which is no part of the value."""
    base: Any = library("scapy.fields").StrField

    class Ended(base):  # type: ignore[misc]
        """A string and its delimiter."""

        __slots__ = ("until",)

        def __init__(self, name: str, default: bytes, until: bytes) -> None:
            super().__init__(name, default)
            self.until = until

        def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
            value: bytes = self.i2m(pkt, val)
            delimiter: bytes = self.until
            return s + value + delimiter

        def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, bytes]:
            value, _, left = s.partition(self.until)
            return left, value

    return Ended


@cache
def pad_field() -> Any:
    """Padding up to a multiple of octets from the start of the header."""
    base: Any = library("scapy.fields").StrField

    class Padding(base):  # type: ignore[misc]
        """Octets that only align what follows."""

        __slots__ = ("align",)

        def __init__(self, name: str, default: bytes, align: int) -> None:
            super().__init__(name, default)
            self.align = align

        def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
            return s + bytes(-len(s) % self.align)

        def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, bytes]:
            size = -_read(pkt, s) % self.align
            return s[size:], s[:size]

    return Padding


@cache
def rest_field() -> Any:
    """Octets to the end of the header or item."""
    base: Any = library("scapy.fields").StrField

    class Rest(base):  # type: ignore[misc]
        """What is left, as far as the header's length goes."""

        __slots__ = ("end",)

        def __init__(self, name: str, default: bytes, end: Any, known: bool = False) -> None:
            super().__init__(name, default)
            self.end = (end, known)

        def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, bytes]:
            end, known = self.end
            told = end(pkt)
            if told is None:
                return (s, b"") if known else (b"", s)
            size = max(0, told - _read(pkt, s))
            return s[size:], s[:size]

    return Rest


@cache
def list_field() -> Any:
    """Lists whose length counts from where the header begins."""
    base: Any = library("scapy.fields").PacketListField

    class Listed(base):  # type: ignore[misc]
        """Items up to an end that the packet tells; to its own end where it does not."""

        __slots__ = ("size",)

        def __init__(self, name: str, default: Any, one: Any, size: Any) -> None:
            super().__init__(name, default, one)
            self.size = size

        def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, Any]:
            told = self.size(pkt, _read(pkt, s))
            size = len(s) if told is None else max(0, told)
            left, found = super().getfield(pkt, s[:size])
            return left + s[size:], found

    return Listed


@cache
def one_field() -> Any:
    """A single group."""
    base: Any = library("scapy.fields").PacketField

    class OneGroup(base):  # type: ignore[misc]
        """One item; what it leaves is read on."""

    return OneGroup
