"""What a field's value follows from: lengths, counts, numbers and checksums.

Each is a description, used in both directions: when building, the value is computed; when reading,
a length says where something ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from rawlab.schema.field import Field


Later = Union["Field[Any]", Callable[[Any], "Field[Any]"]]
"""A field of the same header, or a function that finds it in the class once that is made."""


@dataclass(frozen=True)
class Part:
    """A part of a packet as seen from a header: the header itself, or what it carries."""

    name: str


header = Part("header")
"""The header; in a group, the whole item."""
payload = Part("payload")
"""What the header carries; in a group, what the variant adds to the base's fields."""


@dataclass(frozen=True, eq=False)
class Length:
    """The octets of some parts, or of a field of this header."""

    parts: tuple[Part | Later, ...]
    unless: int | None = None
    divisor: int = 1
    add: int = 0
    """The value is the octets divided by `divisor`, plus `add`."""

    def __floordiv__(self, divisor: int) -> Length:
        """Counted in units of `divisor` octets."""
        if divisor < 1 or self.add:
            raise ValueError("a length is divided by a positive number before it is added to")
        return replace(self, divisor=self.divisor * divisor)

    def __add__(self, more: int) -> Length:
        return replace(self, add=self.add + more)

    def __sub__(self, less: int) -> Length:
        return replace(self, add=self.add - less)

    @property
    def kinds(self) -> frozenset[str]:
        """The names of the parts; empty where it is the length of a field."""
        return frozenset(part.name for part in self.parts if isinstance(part, Part))


def length_of(*parts: Part | Later, unless: int | None = None) -> Length:
    """The number of octets of `parts`: `header`, `payload`, or a field of this header.

    The field as a rule stands further down: it is given by a function of the class,
    `length_of(lambda h: h.options)`.

    A value of `unless` says nothing about the length (as 0 in the total length of IPv4).
    """
    if not parts:
        raise ValueError("length_of() needs the part whose length it is")
    for part in parts:
        if not isinstance(part, Part) and not callable(part) and not hasattr(part, "attribute"):
            raise TypeError(f"length_of() takes header, payload or a field, not {part!r}")
    return Length(parts, unless)


@dataclass(frozen=True, eq=False)
class Count:
    """The number of items in a field of this header."""

    items: Later


def count_of(items: Later) -> Count:
    """How many items a field holds: `count_of(lambda h: h.answers)`, as it stands further down."""
    return Count(items)


@dataclass(frozen=True)
class Next:
    """The number by which the next header is announced."""


def number_of_next() -> Next:
    """The value by which the header that follows is announced in the table that the field opens."""
    return Next()


@dataclass(frozen=True)
class Checksum:
    """A checksum over the header and what it carries.

    `algorithm` is "internet" (RFC 1071) or "crc32c" (RFC 9260, appendix A).
    """

    algorithm: str
    pseudo_header: bool = False
    part: str = "both"
    unset: int | None = None


def internet_checksum(
    *, pseudo_header: bool = False, part: str = "both", unset: int | None = None
) -> Checksum:
    """The ones' complement checksum (RFC 1071).

    It covers "header", or "both" the header and its payload; with `pseudo_header`, also the
    addresses of the layer below. A value of `unset` means that none was computed (0 in UDP).
    """
    return Checksum("internet", pseudo_header, part, unset)


def crc32c() -> Checksum:
    """The CRC-32C over header and payload, least significant octet first (RFC 9260)."""
    return Checksum("crc32c")
