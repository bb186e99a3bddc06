"""What was wrong with a packet, as data."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Kind(enum.IntEnum):
    """How a packet is damaged. The engine knows these by number."""

    TRUNCATED = 1
    """The captured octets end before the field does."""
    OVERRUN = 2
    """The field runs over the end that an enclosing length sets, or that length over its frame."""
    LENGTH = 3
    """A length is smaller than what it has to cover."""
    VALUE = 4
    """A value lies outside the bounds that the declaration gives."""
    LIMIT = 5
    """More layers, items or nesting than rawlab follows."""
    OVERFLOW = 6
    """Arithmetic over the fields left the range of 64 bits."""
    DIVISION = 7
    """Arithmetic over the fields divided by zero."""
    PROGRESS = 8
    """An item of no octets, which would repeat for ever."""
    MALFORMED = 9
    """A custom field found its octets malformed."""

    def __repr__(self) -> str:
        return self.name


class Fault(NamedTuple):
    """One thing that is wrong: in which layer and field, at which octet of the packet.

    `want` and `got` are octets for TRUNCATED, OVERRUN and LENGTH; else the bound and the value.
    """

    kind: Kind
    layer: str
    field: str
    offset: int
    want: int
    got: int
    reason: str = ""

    def __str__(self) -> str:
        place = f"{self.layer}.{self.field}" if self.field else self.layer
        text = f"{self.kind.name} {place} at octet {self.offset}: "
        return text + (self.reason or f"want {self.want}, got {self.got}")
