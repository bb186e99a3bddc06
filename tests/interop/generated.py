"""Valid packets of a declared header, by chance and a seed."""

from __future__ import annotations

from rawlab.fuzz.chance import Chance
from rawlab.fuzz.making import make_header
from rawlab.packet import Packet
from rawlab.schema import Header, Registry
from rawlab.schema.draft import Draft


def headers(kind: type[Header], count: int, seed: int = 1) -> list[tuple[Header, bytes]]:
    """`count` headers, each with the payload that it carries."""
    found = []
    for number in range(count):
        chance = Chance(seed, number)
        header, takes_rest = make_header(kind, chance)
        found.append((header, b"" if takes_rest else chance.octets(0, 20)))
    return found


def packets(
    kind: type[Header], registry: Registry, linktype: int, count: int, seed: int = 1
) -> list[Packet]:
    """`count` packets that begin with a header of this kind."""
    return [Packet(bytes(Draft((header,), payload)), linktype=linktype, registry=registry, number=i)
            for i, (header, payload) in enumerate(headers(kind, count, seed), 1)]
