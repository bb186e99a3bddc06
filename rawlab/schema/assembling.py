"""The octets of a draft: sizes and numbers from the inside out, then checksums."""

from __future__ import annotations

from rawlab.schema.building import Built, build
from rawlab.schema.declaration import Declared, Header, declaration_of
from rawlab.schema.draft import Draft, Layer, as_layer
from rawlab.schema.known import Surroundings
from rawlab.schema.sealing import Laid, seal

IP_LINKTYPES = {228, 229}
"""LINKTYPE_IPV4 and LINKTYPE_IPV6; LINKTYPE_RAW is known to more programs."""
LINKTYPE_RAW = 101
LINKTYPE_USER0 = 147


def octets_of(view: Declared) -> bytes:
    """The octets of a header or group alone."""
    if isinstance(view, Header):
        return bytes(Draft((view,)))
    return build(view, Surroundings()).octets


def assemble(draft: Draft) -> bytes:
    """The octets of a draft, field by field."""
    return lay_out(draft)[0]


def lay_out(draft: Draft) -> tuple[bytes, list[Laid]]:
    """The octets of a draft, and where its layers lie in them, outermost first."""
    size = len(draft.payload)
    octets = [draft.payload]
    trailers: list[bytes] = []
    built: list[Built] = []
    follower: type[Header] | None = None
    layers = [*map(as_layer, draft.layers)]
    for layer in reversed(layers):
        if layer.octets is not None:
            made = Built(layer.octets, (), announced_by(layer.header))
        else:
            around = Surroundings(follower, size, layer.keep, layer.before is not None)
            made = build(layer.header, around, layer.edits)
        built.append(made)
        octets.append(made.octets)
        trailers.append(layer.trailer)
        size += len(made.octets) + len(layer.trailer)
        follower = type(layer.header)
    buffer = bytearray().join((*reversed(octets), *trailers))
    laid = _laid(layers, built[::-1], size)
    seal(laid, buffer)
    return bytes(buffer), laid


def announced_by(header: Header) -> int | None:
    """The number by which a dissected header announces what follows."""
    for found in declaration_of(type(header)).fields:
        if found.opens:
            value = getattr(header, found.attribute)
            return None if value is None else int(value)
    return None


def _laid(layers: list[Layer], built: list[Built], limit: int) -> list[Laid]:
    """Where the layers lie, outermost first."""
    laid = []
    start = 0
    for layer, made in zip(layers, built, strict=True):
        limit -= len(layer.trailer)
        end = start + len(made.octets)
        laid.append(Laid(type(layer.header), start, end, limit, made, layer.before))
        start = end
    return laid


def linktype_of(header: type[Header]) -> int:
    """The LINKTYPE_ value of packets that begin with a header of this class."""
    values = [value for entry in declaration_of(header).follows
              if entry.table == "linktype" for value in entry.values]
    if IP_LINKTYPES & set(values):
        return LINKTYPE_RAW
    return values[0] if values else LINKTYPE_USER0
