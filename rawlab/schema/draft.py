"""A packet that is being built: headers stacked by `/`, the octets that they make together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rawlab.schema.building import Built, build
from rawlab.schema.declaration import Declared, Header, declaration_of
from rawlab.schema.known import Surroundings
from rawlab.schema.sealing import Before, Laid, seal

IP_LINKTYPES = {228, 229}
"""LINKTYPE_IPV4 and LINKTYPE_IPV6; LINKTYPE_RAW is known to more programs."""
LINKTYPE_RAW = 101
LINKTYPE_USER0 = 147


@dataclass(frozen=True)
class Layer:
    """One header of a draft."""

    header: Header
    edits: Mapping[str, Any] = field(default_factory=dict)
    """Values, by attribute, in place of what a dissected header held."""
    keep: frozenset[str] = frozenset()
    """Names of computed fields that stay as they were dissected; "*" is all of them."""
    trailer: bytes = b""
    """Octets after all that the header carries, which no length of it counts."""
    before: Before | None = None
    """Of a header whose payload is not all here: what its checksum was computed over."""
    octets: bytes | None = None
    """Its octets where it is not to be built, since it is damaged."""


@dataclass(frozen=True)
class Draft:
    """Headers around each other and the payload of the innermost. Nothing of it changes.

    `bytes(draft)` builds it: lengths, counts and numbers of what follows are computed inside out,
    then checksums. What was given is kept, even if it lies.
    """

    layers: tuple[Layer, ...]
    payload: bytes = b""

    def __truediv__(self, other: Header | Draft | bytes) -> Draft:
        """`other` inside the innermost header; octets come after those that are there."""
        if isinstance(other, (bytes, bytearray, memoryview)):
            return replace(self, payload=self.payload + bytes(other))
        if isinstance(other, Header):
            other = draft_of(other)
        if not isinstance(other, Draft):
            return NotImplemented
        if self.payload:
            raise ValueError("a header cannot follow octets: put the octets last")
        return Draft(self.layers + other.layers, other.payload)

    def padded(self, octets: int, fill: bytes = b"\0") -> Draft:
        """Padded to `octets` in all, behind what the outermost header carries, as frames are."""
        padding = fill * (octets - len(bytes(self)))
        if len(self.layers) < 2:
            return self / padding
        outer, inner, *others = self.layers
        return replace(
            self, layers=(outer, replace(inner, trailer=inner.trailer + padding), *others))

    def __bytes__(self) -> bytes:
        return assemble(self)

    def __len__(self) -> int:
        return len(bytes(self))

    def __iter__(self) -> Iterator[Header]:
        """Its headers, outermost first."""
        return (layer.header for layer in self.layers)

    def __repr__(self) -> str:
        parts = [repr(header) for header in self]
        return " / ".join([*parts, repr(self.payload)] if self.payload else parts)

    @property
    def linktype(self) -> int:
        """The LINKTYPE_ value of its outermost header; LINKTYPE_USER0 where there is none."""
        values = [value for entry in declaration_of(type(self.layers[0].header)).follows
                  if entry.table == "linktype" for value in entry.values]
        if IP_LINKTYPES & set(values):
            return LINKTYPE_RAW
        return values[0] if values else LINKTYPE_USER0


def draft_of(header: Header) -> Draft:
    """A draft of one header."""
    return Draft((Layer(header),))


def octets_of(view: Declared) -> bytes:
    """The octets of a header or group alone."""
    if isinstance(view, Header):
        return assemble(draft_of(view))
    return build(view, Surroundings()).octets


def assemble(draft: Draft) -> bytes:
    """The octets of a draft: sizes and numbers from the inside out, then checksums."""
    size = len(draft.payload)
    octets = [draft.payload]
    trailers: list[bytes] = []
    built: list[Built] = []
    follower: type[Header] | None = None
    for layer in reversed(draft.layers):
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
    if any(made.blanks for made in built):
        seal(_laid(draft, built[::-1], len(buffer)), buffer)
    return bytes(buffer)


def announced_by(header: Header) -> int | None:
    """The number by which a dissected header announces what follows."""
    for found in declaration_of(type(header)).fields:
        if found.opens:
            value = getattr(header, found.attribute)
            return None if value is None else int(value)
    return None


def _laid(draft: Draft, built: list[Built], limit: int) -> list[Laid]:
    """Where the layers lie, outermost first."""
    laid = []
    start = 0
    for layer, made in zip(draft.layers, built, strict=True):
        limit -= len(layer.trailer)
        end = start + len(made.octets)
        laid.append(Laid(type(layer.header), start, end, limit, made.announced, made.blanks,
                         layer.before))
        start = end
    return laid
