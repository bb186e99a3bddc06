"""Reading octets by headers that a test declares."""

from __future__ import annotations

from typing import Any

from rawlab.packet import Packet
from rawlab.schema import FieldValue, Header, Registry, field_values, fields_of, header_name

USER0 = 147
"""LINKTYPE_USER0: the link type of headers that are under test."""


def registry_of(first: type[Header], *more: type[Header]) -> Registry:
    """A registry of just these headers, in which `first` follows on link type USER0."""
    registry = Registry([first, *more])
    registry.decode_as(f"linktype=={USER0},{header_name(first)}")
    return registry


def dissect(
    octets: str | bytes, first: type[Header], *more: type[Header], length: int | None = None
) -> Packet:
    """A packet of `octets` (hexadecimal, or as they are) whose first header is `first`."""
    raw = bytes.fromhex(octets) if isinstance(octets, str) else octets
    return Packet(raw, linktype=USER0, length=length, registry=registry_of(first, *more))


def values_of(layer: Header) -> dict[str, Any]:
    """The values of a layer by attribute, after checking that both ways to read them agree."""
    found = {value.field.attribute: value.value for value in field_values(layer)}
    for field in fields_of(type(layer)):
        assert getattr(layer, field.attribute) == found.get(field.attribute), field
    return found


def read(octets: str | bytes, header: type[Header], length: int | None = None) -> dict[str, Any]:
    """The values that `header` reads from octets that are wholly its own and not damaged."""
    packet = dissect(octets, header, length=length)
    assert packet.faults == ()
    (layer,) = packet.layers
    return values_of(layer)


def places_of(layer: Header) -> dict[str, tuple[int, int]]:
    """Where each value lies, by dotted name: first bit of the packet and number of bits."""
    found: dict[str, tuple[int, int]] = {}

    def note(values: tuple[FieldValue, ...]) -> None:
        for value in values:
            found.setdefault(value.name, (value.bit_offset, value.bit_length))
            for item in value.items:
                note(item.items)

    note(field_values(layer))
    return found


def faults_of(packet: Packet) -> list[tuple[object, ...]]:
    """The faults of a packet as (kind's name, layer, field, offset, want, got)."""
    return [(fault.kind.name, *fault[1:6]) for fault in packet.faults]
