"""A packet that is being built: headers stacked by `/`, the octets that they make together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from rawlab.engine.mould import Mould, Pile

if TYPE_CHECKING:
    from rawlab.schema.declaration import Header
    from rawlab.schema.sealing import Before

NO_EDITS: Mapping[str, Any] = MappingProxyType({})


class Layer(NamedTuple):
    """One header of a draft."""

    header: Header
    edits: Mapping[str, Any] = NO_EDITS
    """Values, by attribute, in place of what a dissected header held."""
    keep: frozenset[str] = frozenset()
    """Names of computed fields that stay as they were dissected; "*" is all of them."""
    trailer: bytes = b""
    """Octets after all that the header carries, which no length of it counts."""
    before: Before | None = None
    """Of a header whose payload is not all here: what its checksum was computed over."""
    octets: bytes | None = None
    """Its octets where it is not to be built, since it is damaged."""


class Draft(Pile):
    """Headers around each other and the payload of the innermost. Nothing of it changes.

    `bytes(draft)` builds it: lengths, counts and numbers of what follows are computed inside out,
    then checksums. What was given is kept, even if it lies.
    """

    if TYPE_CHECKING:
        layers: tuple[Header | Layer, ...]

    def _mould(
        self, header: Header, values: dict[str, Any], follower: type[Header] | None
    ) -> Mould | None:
        from rawlab.schema.moulds import mould_of

        return mould_of(header, values, follower)

    def _build(self) -> bytes:
        from rawlab.schema.assembling import assemble

        return assemble(self)

    def padded(self, octets: int, fill: bytes = b"\0") -> Draft:
        """Padded to `octets` in all, behind what the outermost header carries, as frames are."""
        padding = fill * (octets - len(bytes(self)))
        if len(self.layers) < 2:
            return self / padding
        outer, inner, *others = map(as_layer, self.layers)
        inner = inner._replace(trailer=inner.trailer + padding)
        return Draft((outer, inner, *others), self.payload)

    def __len__(self) -> int:
        return len(bytes(self))

    @property
    def headers(self) -> tuple[Header, ...]:
        """Its headers, outermost first."""
        return tuple(as_layer(layer).header for layer in self.layers)

    def __repr__(self) -> str:
        parts = [repr(header) for header in self.headers]
        return " / ".join([*parts, repr(self.payload)] if self.payload else parts)

    @property
    def linktype(self) -> int:
        """The LINKTYPE_ value of its outermost header; LINKTYPE_USER0 where there is none."""
        from rawlab.schema.assembling import linktype_of

        return linktype_of(type(self.headers[0]))


def as_layer(layer: Header | Layer) -> Layer:
    """A header as a layer without edits."""
    return layer if isinstance(layer, Layer) else Layer(layer)
