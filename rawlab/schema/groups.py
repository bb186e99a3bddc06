"""All fields of a header: its own, and those of the groups that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rawlab.schema.declaration import declaration_of
from rawlab.schema.field import Field
from rawlab.schema.items import Nested


def walk_fields(fields: Iterable[Field[Any]]) -> Iterator[Field[Any]]:
    """Fields and the fields of the groups that they hold, variants included."""
    for field in fields:
        if field.private:
            continue
        yield field
        if isinstance(field, Nested):
            yield from group_fields(field.group)


def group_fields(group: type[Any]) -> Iterator[Field[Any]]:
    """The fields of a group, then those of its variants."""
    declared = declaration_of(group)
    yield from walk_fields(declared.own if declared.when is not None else declared.fields)
    for variant in group.__subclasses__():
        yield from group_fields(variant)
    if declared.when is None:
        yield group.data
