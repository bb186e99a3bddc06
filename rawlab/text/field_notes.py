"""What a declaration says of one field, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.integer import Enum, Flag, Flags, Signed, Unsigned, Varint
from rawlab.schema.items import Custom, Items, One
from rawlab.schema.octets import Octets, Pad, Text
from rawlab.text.condition import condition_text

if TYPE_CHECKING:
    from rawlab.schema import Field

_KINDS: tuple[tuple[type[Any], str], ...] = (
    (Flag, "flag"),
    (Flags, "flags"),
    (Enum, "enumeration"),
    (Signed, "signed"),
    (Unsigned, "unsigned"),
    (Varint, "variable-length integer"),
    (MACAddress, "MAC address"),
    (IPv4Address, "IPv4 address"),
    (IPv6Address, "IPv6 address"),
    (Text, "text"),
    (Octets, "octets"),
    (Pad, "padding"),
    (Items, "items"),
    (One, "group"),
    (Custom, "custom"),
)


def kind_of(field: Field[Any]) -> str:
    """The kind of value: `unsigned`, `IPv4 address`, `items`."""
    return next((words for kind, words in _KINDS if isinstance(field, kind)), "value")


def width_of(field: Field[Any]) -> str:
    """How wide it is on the wire."""
    if field.bits is None:
        return "varies"
    return f"{field.bits} bit{'' if field.bits == 1 else 's'}"


def notes_of(field: Field[Any]) -> str:
    """Label, unit, named bits, bounds, what is computed, and when it is there."""
    notes = []
    if field.label:
        notes.append(field.label)
    if field.unit:
        notes.append(f"in {field.unit}")
    if isinstance(field, Flags):
        notes.append("bits " + " ".join(name for name, _ in field.parts))
    if field.minimum is not None:
        notes.append(f"at least {field.minimum}")
    if field.maximum is not None:
        notes.append(f"at most {field.maximum}")
    if field.compute is not None or field.seal is not None:
        notes.append("computed")
    if field.aliases:
        notes.append(f"also {', '.join(field.aliases)}")
    if field.when is not None:
        notes.append(f"when {condition_text(field.when)}")
    return "; ".join(notes)
