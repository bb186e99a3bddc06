"""The moulds that headers are cast from, if they are no more than their fixed prefix.

Which bits stand where is worked out once for all headers of a class that are made from the same
fields and stand around the same header. `Builder` says what that is, so both ways agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rawlab.engine import mould_codes as m
from rawlab.engine.mould import Mould
from rawlab.schema.building import Blank, Builder, Built
from rawlab.schema.compute import Length, Next
from rawlab.schema.declaration import Declaration, Header, declaration_of
from rawlab.schema.expression import fields_in
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.known import Surroundings, announcements
from rawlab.schema.layout import Place
from rawlab.schema.sealing import address_places
from rawlab.schema.tables import matrix

WORD = 8
"""Octets of the longest integer."""
MOST_MOULDS = 1024
"""Kept for each class; what comes after is built field by field."""


def mould_of(
    header: Header, values: Mapping[str, Any], follower: type[Header] | None
) -> Mould | None:
    """The mould of headers made from the same fields; None where there is none."""
    moulds = declaration_of(type(header)).moulds
    key = (tuple(values), follower)
    found: Mould | None = moulds.get(key)
    if found is not None or key in moulds or len(moulds) >= MOST_MOULDS:
        return found
    moulds[key] = found = make_mould(header, values, follower)
    return found


def make_mould(
    header: Header, values: Mapping[str, Any], follower: type[Header] | None
) -> Mould | None:
    """A mould for headers made from values of these fields, inside which `follower` stands."""
    declared = declaration_of(type(header))
    given = {declared.by_attribute[name] for name in values}
    if not given <= set(declared.layout.places):
        return None
    if any(not isinstance(f, Number) and declared.layout.places[f].size <= WORD for f in given):
        return None  # the engine takes what is no longer for an integer
    for field in declared.fields:
        if (field.when is not None and field.over is None) or field.order == "little":
            return None  # whether or where it is there may depend on a value
        if field.over is not None and field.when is not None and field not in given:
            if given & set(fields_in(field.when)):
                return None  # what the bits mean may depend on a given value
        inferred = field.opens and field not in given and not isinstance(field.compute, Next)
        if inferred and announcements(field, follower):
            return None  # so may what announces the follower
    builder = Builder(header, Surroundings(follower), {}, b"")
    built = builder.build()
    lengths = [f for f in declared.fields
               if isinstance(f.compute, Length) and f.compute.kinds and f not in given]
    if any(f.over is not None and f in builder.known.numbers for f in lengths):
        return None  # whether Ethernet has a length or a type depends on the length
    if len(built.octets) != declared.layout.fixed:
        return None
    counted = [f for f in lengths if f.over is None]
    return _pour(declared, list(given), counted, built)


def _pour(
    declared: Declaration, given: list[Field[Any]], counted: list[Field[Any]], built: Built
) -> Mould:
    places = declared.layout.places
    opening = next((f for f in declared.fields if f.opens), None)
    number = next((i for i, field in enumerate(given) if field is opening), -1)
    return Mould(
        built.octets,
        [(field.attribute, field) for field in given],
        matrix([_store(field, places[field]) for field in given], m.STORE_COLUMNS),
        matrix([_length(field, places[field], len(built.octets)) for field in counted],
               m.LENGTH_COLUMNS),
        counted,
        matrix([_sum(blank) for blank in built.blanks], m.SUM_COLUMNS),
        matrix([(p.offset, p.offset + p.size) for p in address_places(declared.owner)], 2),
        -1 if built.announced is None else built.announced,
        number,
    )


def _store(field: Field[Any], place: Place) -> list[int]:
    plain = isinstance(field, Number) and not field.signed and field.scale == 1
    mask = (1 << min(place.bits, 63)) - 1
    return [place.offset, place.size, place.shift, mask, mask if plain else 0]


def _length(field: Field[Any], place: Place, header_octets: int) -> list[int]:
    compute = field.compute
    assert isinstance(compute, Length)
    always = header_octets if "header" in compute.kinds else 0
    return [place.offset, place.size, place.shift, (1 << place.bits) - 1, always,
            int("payload" in compute.kinds), compute.divisor, compute.add,
            field.scale]


def _sum(blank: Blank) -> list[int]:
    seal = blank.seal
    return [blank.offset, blank.size, int(seal.part == "header"), int(seal.pseudo_header),
            -1 if seal.unset is None else seal.unset, int(seal.algorithm == "crc32c")]
