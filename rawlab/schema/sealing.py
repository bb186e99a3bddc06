"""Computing the checksums of a packet whose octets lie there already."""

from __future__ import annotations

from typing import NamedTuple

from rawlab.engine.checksum import crc32c, internet_sum
from rawlab.schema.building import Blank, Built
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.layout import Place


class Before(NamedTuple):
    """What a checksum was computed over that cannot be computed anew: a part of it is not here."""

    octets: bytes
    """The octets of the layer that were here, its header first."""
    addresses: int
    """The sum of the addresses around it."""


class Laid(NamedTuple):
    """A layer in the octets of its packet."""

    header: type[Header]
    start: int
    end: int
    """Of the header."""
    limit: int
    """Of what the header carries."""
    built: Built
    before: Before | None = None


def seal(layers: list[Laid], buffer: bytearray) -> None:
    """Fill in the open checksums, the innermost first."""
    for i in range(len(layers) - 1, -1, -1):
        for blank in layers[i].built.blanks:
            _fill(layers, i, blank, buffer)


def _fill(layers: list[Laid], i: int, blank: Blank, buffer: bytearray) -> None:
    layer, seal = layers[i], blank.seal
    at, stop = layer.start + blank.offset, layer.limit
    if layer.before is not None and seal.part != "header":
        value = _adjusted(layers, i, blank, layer.before, buffer)
    elif seal.algorithm == "crc32c":
        value = int.from_bytes(crc32c(buffer, layer.start, stop).to_bytes(4, "little"))
    else:
        initial = 0
        if seal.pseudo_header:
            network = network_of(layers, i)
            announced = layers[i - 1].built.announced
            if network is None or announced is None:
                return
            length = stop - layer.start
            initial = announced + (length & 0xFFFF) + (length >> 16)
            initial += address_sum(network.header, buffer, network.start)
        if seal.part == "header":
            stop = layer.end
        value = 0xFFFF ^ internet_sum(buffer, layer.start, stop, initial)
        if value == seal.unset:
            value ^= 0xFFFF  # in ones' complement the same number
    buffer[at : at + blank.size] = value.to_bytes(blank.size)


def _adjusted(
    layers: list[Laid], i: int, blank: Blank, before: Before, buffer: bytearray
) -> int:
    """The checksum that was there, changed by as much as the octets that are here (RFC 1624)."""
    if blank.seal.algorithm != "internet":
        return blank.was
    layer = layers[i]
    old = bytearray(before.octets)
    old[blank.offset : blank.offset + blank.size] = bytes(blank.size)
    gone = come = 0
    network = network_of(layers, i)
    if blank.seal.pseudo_header and network is not None:
        gone, come = before.addresses, address_sum(network.header, buffer, network.start)
    gone = internet_sum(old, 0, len(old), gone)
    come = internet_sum(buffer, layer.start, layer.limit, come)
    total = (0xFFFF ^ blank.was) + come + (0xFFFF ^ gone)
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF ^ total


def network_of(layers: list[Laid], i: int) -> Laid | None:
    """The nearest layer around layer `i` whose addresses its checksum covers."""
    return next((layer for layer in reversed(layers[:i]) if address_places(layer.header)), None)


def address_places(header: type[Header]) -> list[Place]:
    """Where the addresses lie that the checksums of inner layers cover."""
    declared = declaration_of(header)
    return [declared.layout.places[f] for f in declared.fields
            if f.pseudo and (f.bits or 0) >= 32]


def address_sum(header: type[Header], octets: bytes | bytearray | memoryview, start: int) -> int:
    """The sum of those addresses of a header that begins at `start`."""
    return sum(internet_sum(octets, start + place.offset, start + place.offset + place.size)
               for place in address_places(header))
