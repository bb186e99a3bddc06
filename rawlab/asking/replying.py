"""A reply built from a request: each header turned round by its declared rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rawlab.schema.answering import reply_values
from rawlab.schema.compute import Next
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.draft import Draft
from rawlab.schema.expression import Expression, fields_in
from rawlab.schema.field import Field
from rawlab.schema.redraft import attributes
from rawlab.schema.solving import evaluate

if TYPE_CHECKING:
    from rawlab.packet import Packet


def reply_to(
    request: Packet,
    changes: Mapping[str | type[Header] | Header, Mapping[str, Any]] | None = None,
    *,
    payload: bytes | None = None,
    **layers: Mapping[str, Any],
) -> Draft:
    """What answers `request`: its headers, each as its rule (`answers=`) turns it round.

    Values that no rule names, and the payload, are the request's; those that are computed are
    computed. `changes` are named as in `Packet.edit`: `reply_to(request, icmp={"seq": 3})`.
    Where the request went to many, nobody's address is its source: give it.
    Raises NoAnswer (a ValueError) where nothing answers it; KeyError or TypeError for a change of
    what is not there.
    """
    given: dict[int, Mapping[str, Any]] = {}
    for key, changed in (*(changes or {}).items(), *layers.items()):
        given[request._number_of(key)] = changed
    asked = request.layers
    if not asked:
        raise ValueError("the request has no layer that is decoded")
    headers = [_turned(layer, given.get(at, {}), layer is asked[-1])
               for at, layer in enumerate(asked)]
    return Draft(tuple(headers), request.payload if payload is None else payload)


def _turned(request: Header, changed: Mapping[str, Any], last: bool) -> Header:
    """A header that answers another, with some values of the caller's.

    The last announces the payload as that of the request did.
    """
    declared = declaration_of(type(request))
    chosen = attributes(request, changed)
    implied = set(_implied(declared.fields))
    values: dict[str, Any] = {}
    for field in declared.fields:
        value = getattr(request, field.attribute)
        if value is None or field.private or field.seal or field in implied:
            continue
        if field.compute is not None and not (last and isinstance(field.compute, Next)):
            continue
        values[field.attribute] = value
    values.update(reply_values(request))
    values.update(chosen)
    fields = {field.attribute: field for field in declared.fields}
    there = {name: value for name, value in values.items()
             if name in chosen or _is_there(fields[name], values, fields)}
    return type(request)(**there)


def _implied(fields: tuple[Field[Any], ...]) -> list[Field[Any]]:
    """Lengths and counts that follow from the fields that refer to them."""
    found: list[Field[Any]] = []
    for field in fields:
        for name in ("length", "count"):
            told = getattr(field, name, None)
            if isinstance(told, Expression):
                found += fields_in(told)
    return found


def _is_there(
    field: Field[Any], values: Mapping[str, Any], fields: Mapping[str, Field[Any]]
) -> bool:
    """Whether a reply with these values has the field, as far as that is known."""
    if field.when is None:
        return True

    def value(other: Field[Any]) -> int | None:
        found = values.get(other.attribute)
        return found if isinstance(found, int) else None

    return evaluate(field.when, value) != 0
