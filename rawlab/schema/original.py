"""What a dissected header brings along when it is built again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rawlab.engine.view import bounds_of, source_of, values_of
from rawlab.schema.compute import Count, Length
from rawlab.schema.declaration import Declared, Group
from rawlab.schema.field import Field
from rawlab.schema.groups import group_fields
from rawlab.schema.integer import Number
from rawlab.schema.items import Custom
from rawlab.schema.reading import INSIDE, Tree, run


class Original(NamedTuple):
    """The fields of a dissected header as they were found."""

    values: Mapping[Field[Any], Any]
    octets: Mapping[Field[Any], bytes]
    """Of the fields that are no integers of a fixed width, as they stand in the packet."""
    rest: bytes
    """Octets of the header that no field covers."""


def original_of(view: Declared) -> Original | None:
    """What was dissected; None for a header that was made from values, and for groups."""
    if source_of(view) is None or isinstance(view, Group):
        return None
    origin, start, end, _, _ = bounds_of(view)
    whole = memoryview(source_of(view).whole())
    values: dict[Field[Any], Any] = {}
    octets: dict[Field[Any], bytes] = {}
    last = start
    for found in Tree(view, run(view)).build():
        first, after = (origin + octet for octet in found.octet_range)
        if after > end:
            break
        values[found.field] = found.value
        if not isinstance(found.field, Number):
            octets[found.field] = bytes(whole[first:after])
        last = max(last, after)
    return Original(values, octets, bytes(whole[last:end]))


def given_values_of(view: Declared) -> Mapping[str, Any]:
    """The values by attribute that a header or group was made from.

    Of a dissected group these are its values, but for lengths and counts, which are found again.
    """
    values = values_of(view) or {}
    if source_of(view) is None:
        return values
    if not isinstance(view, Group):
        return {}
    return {v.field.attribute: v.value for v in values.get(INSIDE, ())
            if not isinstance(v.field.compute, (Length, Count))}


def verbatim(view: Declared) -> bytes | None:
    """The octets of a dissected group that mean the same wherever they stand; else None."""
    if source_of(view) is None or not isinstance(view, Group):
        return None
    if any(isinstance(field, Custom) for field in group_fields(type(view))):
        return None
    _, start, end, _, _ = bounds_of(view)
    return bytes(memoryview(source_of(view).whole())[start:end])
