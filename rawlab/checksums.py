"""Verifying the checksums of a packet, from what its headers declare of them."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from rawlab.engine import numbers as n
from rawlab.engine.checksum import crc32c, internet_sum
from rawlab.engine.view import bounds_of, flags_of, source_of
from rawlab.schema.compute import Checksum
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.layout import Place

if TYPE_CHECKING:
    from rawlab.packet import Packet


class Status(enum.IntEnum):
    """What verifying a checksum found; the numbers are Wireshark's."""

    BAD = 0
    GOOD = 1
    UNVERIFIED = 2
    """Not all octets that it covers are here: a fragment, or a packet that was cut."""
    ABSENT = 3
    """The sender computed none."""


class Verified(NamedTuple):
    """A checksum of a packet."""

    layer: Header
    name: str
    """The field's name, as in `udp.checksum`."""
    stored: int
    computed: int | None
    """What it should be; None where that cannot be told."""
    status: Status


def verify(packet: Packet) -> tuple[Verified, ...]:
    """Every checksum of `packet` that stands at a fixed place of its header, outermost first."""
    return tuple(_verify(packet))


def _verify(packet: Packet) -> Iterator[Verified]:
    layers = packet.layers
    for i, layer in enumerate(layers):
        declared = declaration_of(type(layer))
        for field in declared.fields:
            place = declared.layout.places.get(field)
            if field.seal is None or place is None or field.when is not None:
                continue
            _, start, end, _, _ = bounds_of(layer)
            if start + place.offset + place.size <= end:
                yield _one(packet, layers[: i + 1], field, field.seal, place)


def _one(
    packet: Packet, layers: tuple[Header, ...], field: Field[Any], seal: Checksum, place: Place
) -> Verified:
    layer = layers[-1]
    _, start, end, limit, captured = bounds_of(layer)
    stop = end if seal.part == "header" else limit
    octets = source_of(layer).whole()
    at = start + place.offset
    stored = int.from_bytes(bytes(memoryview(octets)[at : at + place.size]), "big")
    cut = packet.caplen < packet.length and stop == captured
    if seal.unset is not None and stored == seal.unset:
        return Verified(layer, field.name, stored, None, Status.ABSENT)
    if seal.part != "header" and (cut or flags_of(layer) & (n.INCOMPLETE | n.PART)):
        return Verified(layer, field.name, stored, None, Status.UNVERIFIED)
    if seal.algorithm == "crc32c":
        value = crc32c(octets, start, at)
        value = crc32c(bytes(place.size), 0, place.size, value)
        value = crc32c(octets, at + place.size, stop, value)
        computed = int.from_bytes(value.to_bytes(4, "little"), "big")  # RFC 9260, appendix A
        status = Status.GOOD if computed == stored else Status.BAD
        return Verified(layer, field.name, stored, computed, status)
    initial = 0
    if seal.pseudo_header:
        pseudo = pseudo_sum(layers, stop - start)
        if pseudo is None:
            return Verified(layer, field.name, stored, None, Status.UNVERIFIED)
        initial = pseudo
    total = internet_sum(octets, start, stop, initial)
    rest = internet_sum(octets, start, at, initial) + internet_sum(octets, at + place.size, stop)
    computed = 0xFFFF - ((rest & 0xFFFF) + (rest >> 16))
    status = Status.GOOD if total == 0xFFFF else Status.BAD
    return Verified(layer, field.name, stored, computed, status)


def pseudo_sum(layers: tuple[Header, ...], length: int) -> int | None:
    """The sum of the pseudo header of the last layer, which has `length` octets.

    RFC 9293, 3.1 and RFC 8200, 8.1: the addresses of the network header around it, the length, and
    the number by which the layer was announced. None where no layer around it has addresses, or
    where a routing header hides the last destination.
    """
    around = list(reversed(layers[:-1]))
    network = next((layer for layer in around if _addresses(layer)), None)
    number = _announced_by(layers[-2]) if len(layers) > 1 else None
    if network is None or number is None:
        return None
    if any(_reroutes(layer) for layer in around[: around.index(network)]):
        return None
    _, start, _, _, _ = bounds_of(network)
    octets = source_of(network).whole()
    total = number + (length & 0xFFFF) + (length >> 16)
    for place in _addresses(network):
        total += internet_sum(octets, start + place.offset, start + place.offset + place.size)
    return total


def _addresses(layer: Header) -> list[Place]:
    """Where a header's addresses for the pseudo header lie."""
    declared = declaration_of(type(layer))
    return [declared.layout.places[field] for field in declared.fields
            if field.pseudo and (field.bits or 0) >= 32]


def _reroutes(layer: Header) -> bool:
    """Whether a header says that the address above it is not the last destination."""
    return any(field.pseudo and getattr(layer, field.attribute)
               for field in declaration_of(type(layer)).fields)


def _announced_by(layer: Header) -> int | None:
    """The number by which a header announces the next one."""
    for field in declaration_of(type(layer)).fields:
        if field.opens:
            value = getattr(layer, field.attribute)
            return None if value is None else int(value)
    return None
