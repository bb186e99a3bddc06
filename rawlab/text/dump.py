"""The octets of a packet as a dump: as tcpdump does it, or with the layers named beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rawlab.engine.view import bounds_of
from rawlab.schema import fields_of, header_name
from rawlab.schema.declaration import declaration_of
from rawlab.text.hexdump import DumpForm, hexdump, named_dump

if TYPE_CHECKING:
    from rawlab.packet import Packet
    from rawlab.schema import Header

_LINK_TABLES = frozenset({"ethertype", "llc"})
"""What announces tags and LLC, which count as parts of the link header."""
_LINK_OPENS = frozenset({"ethertype", "llc.dsap"})
_NETWORK = "ip.proto"


def dump_lines(packet: Packet, form: DumpForm) -> list[str]:
    """The dump of one packet; without its link header unless the form asks for it."""
    octets = packet.octets
    if not form.link_header:
        octets = octets[link_header_end(packet.layers) :]
    return hexdump(octets, form.characters)


def dump_layers(packet: Packet, characters: bool) -> Iterator[str]:
    """The dump of one packet, with each layer's octets named beside them."""
    octets = packet.octets
    end = 0
    for layer in packet.layers:
        start, end = layer_span(layer)
        yield from named_dump(octets[start:end], header_name(type(layer)), start, characters)
    trailer = len(octets) - len(packet.trailer)
    yield from named_dump(octets[end:trailer], "payload", end, characters)
    yield from named_dump(octets[trailer:], "trailer", trailer, characters)


def layer_span(layer: Header) -> tuple[int, int]:
    """The octets of the packet that a header covers: first, and the one after its last."""
    origin, start, end, _, _ = bounds_of(layer)
    return start - origin, end - origin


def link_header_end(layers: tuple[Header, ...]) -> int:
    """Where the link header ends: after the first layer, if it is no IP, VLAN tags and LLC."""
    count = link_layers(tuple(map(type, layers)))
    return layer_span(layers[count - 1])[1] if count else 0


def link_layers(stack: tuple[type[Header], ...]) -> int:
    """How many of the headers are the link header: the first, if it is no IP, tags and LLC."""
    for position, kind in enumerate(stack):
        follows = {rule.table for rule in declaration_of(kind).follows}
        if position == 0:
            is_link = _NETWORK not in follows
        else:
            is_link = not follows.isdisjoint(_LINK_TABLES) and _opens(kind, _LINK_OPENS)
        if not is_link:
            return position
    return len(stack)


def _opens(kind: type[Header], tables: frozenset[str]) -> bool:
    return any(opened.name in tables for field in fields_of(kind) for opened in field.opens)
