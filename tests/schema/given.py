"""Values that a header was made from, compared with what is read of it."""

from __future__ import annotations

from typing import Any

from rawlab.packet import Packet
from rawlab.schema import Header, Registry, header_name
from rawlab.schema.declaration import Declared, declaration_of
from rawlab.schema.original import given_values_of

USER0 = 147


def differing(made: Declared, found: Declared) -> list[tuple[str, Any, Any]]:
    """(field, given, read) of the values that are not read as they were given."""
    fields = {f.attribute: f for f in declaration_of(type(made)).fields}
    result = []
    for attribute, value in given_values_of(made).items():
        got = getattr(found, attribute)
        if not same(value, got):
            name = fields[attribute].name if attribute in fields else attribute
            result.append((name, value, got))
    return result


def same(value: Any, got: Any) -> bool:
    """Whether a value was read as given; in groups, what was given of them."""
    if isinstance(value, (tuple, list)):
        return isinstance(got, tuple) and len(value) == len(got) and all(map(same, value, got))
    if isinstance(value, Declared):
        return type(value) is type(got) and not differing(value, got)
    return bool(value == got)


def alone(header: type[Header]) -> Registry:
    """A registry in which packets of LINKTYPE_USER0 begin with this header."""
    registry = Registry([header])
    registry.decode_as(f"linktype=={USER0},{header_name(header)}")
    return registry


def read_alone(octets: bytes, registry: Registry) -> Packet:
    """Octets as packet of such a registry."""
    return Packet(octets, linktype=USER0, registry=registry)
