"""A declaration as data: all that it says, in JSON, for other languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rawlab.engine import numbers as n
from rawlab.interop.json_values import answers_of, expression_of, plain
from rawlab.schema.compute import Checksum, Count, Length, Next, Part
from rawlab.schema.declaration import Declaration, Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Flags, Number, Varint
from rawlab.schema.items import Custom, Nested, One
from rawlab.schema.octets import Extent, Pad, Text
from rawlab.schema.opening import Follows
from rawlab.schema.programs import resolve
from rawlab.text.field_notes import kind_of

VERSION = 1
"""Of the form: it grows when a key changes its meaning; new keys may come without."""


def json_of(headers: Sequence[type[Header]]) -> str:
    """The declarations of `headers`, and of the groups that they hold, as a JSON document."""
    return json.dumps(described(headers), indent=2, ensure_ascii=False) + "\n"


def described(headers: Sequence[type[Header]]) -> dict[str, Any]:
    """The document of `json_of` as Python's own data."""
    groups: dict[str, Any] = {}
    return {"rawlab": VERSION,
            "headers": [_header(header, groups) for header in headers], "groups": groups}


def _header(header: type[Header], groups: dict[str, Any]) -> dict[str, Any]:
    declared = declaration_of(header)
    found = {
        "name": declared.name, "class": header.__name__, "title": declared.title,
        "doc": _doc(header), "summary": declared.summary,
        "follows": [_follows(entry, header) for entry in declared.follows],
        "fixed_octets": declared.layout.fixed,
        "fields": [_field(f, declared, header, groups) for f in declared.fields],
    }
    return found | ({} if declared.answers is None else {"answers": answers_of(declared.answers)})


def _doc(cls: type[Any]) -> str:
    return "\n".join(line.strip() for line in (cls.__doc__ or "").strip().splitlines())


def _follows(entry: Follows, header: type[Header]) -> dict[str, Any]:
    found: dict[str, Any] = {"table": entry.table, "values": list(entry.values)}
    if entry.looks is not None:
        found["looks_like"] = expression_of(resolve(entry.looks, header))
    if entry.stream:
        found["stream"] = True
    return found


def _field(
    field: Field[Any], declared: Declaration, cls: type[Any], groups: dict[str, Any]
) -> dict[str, Any]:
    """A field: keys that say nothing are left out."""
    found: dict[str, Any] = {"name": field.name, "attribute": field.attribute,
                             "kind": kind_of(field)}
    if field.bits is not None:
        found["bits"] = field.bits
    place = declared.layout.places.get(field)
    if place is not None:
        found["place"] = {"octet": place.offset, "octets": place.size, "shift": place.shift}
    if isinstance(field, Number):
        found["order"] = field.order or "big"
        if field.signed:
            found["signed"] = True
    found |= _options(field, cls) | _shape(field, groups)
    return found


def _options(field: Field[Any], cls: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in ("label", "unit", "minimum", "maximum", "private", "vital", "pseudo", "digits"):
        value = getattr(field, key)
        if value not in ("", None, False, 0) or (key in ("minimum", "maximum") and value == 0):
            found[key] = value
    if field.scale != 1:
        found["scale"] = field.scale
    if field.base != 10:
        found["base"] = field.base
    if field.names:
        found["names"] = {str(int(value)): name for value, name in sorted(field.names.items())}
    if field.aliases:
        found["aliases"] = list(field.aliases)
    if field.keywords:
        found["keywords"] = list(field.keywords)
    if "default" in field.options:
        found["default"] = plain(field.default)
    if field.over is not None:
        found |= {"over": field.over.attribute, "bit": field.bit}
    if field.when is not None:
        found["when"] = expression_of(field.when)
    if field.require is not None:
        found["require"] = expression_of(resolve(field.require, cls))
    computed = _computed(field, cls)
    return found | ({"compute": computed} if computed else {}) | _opens(field, cls)


def _opens(field: Field[Any], cls: type[Any]) -> dict[str, Any]:
    tables = []
    for table in field.opens:
        opened: dict[str, Any] = {"table": table.name}
        if table.when is not None:
            opened["when"] = expression_of(resolve(table.when, cls))
        if table.stream:
            opened["stream"] = True
        if table.partial is not False:
            opened["partial"] = table.partial if isinstance(table.partial, bool) else (
                expression_of(resolve(table.partial, cls)))
        tables.append(opened)
    return {"opens": tables} if tables else {}


def _computed(field: Field[Any], cls: type[Any]) -> dict[str, Any] | None:
    compute, seal = field.compute, field.seal
    if isinstance(compute, Length):
        parts = [part.name if isinstance(part, Part) else _later(part, cls)
                 for part in compute.parts]
        found: dict[str, Any] = {"length_of": parts, "divisor": compute.divisor,
                                 "add": compute.add}
        return found | ({} if compute.unless is None else {"unless": compute.unless})
    if isinstance(compute, Count):
        return {"count_of": _later(compute.items, cls)}
    if isinstance(compute, Next):
        return {"number_of_next": True}
    if isinstance(seal, Checksum):
        found = {"checksum": seal.algorithm, "pseudo_header": seal.pseudo_header,
                 "over": seal.part}
        return found | ({} if seal.unset is None else {"unset": seal.unset})
    return None


def _later(part: Any, cls: type[Any]) -> dict[str, str]:
    field = part if isinstance(part, Field) else part(cls)
    return {"field": field.attribute}


def _shape(field: Field[Any], groups: dict[str, Any]) -> dict[str, Any]:
    """What is particular to a kind."""
    found: dict[str, Any] = {}
    if isinstance(field, Flags):
        return {"parts": [{"name": name, "shift": shift, "bits": width}
                          for name, (shift, width) in field.parts]}
    if isinstance(field, Varint):
        return {"varint": field.kind}
    if isinstance(field, Pad):
        return {"align": field.align}
    if isinstance(field, Text):
        found["encoding"] = field.encoding
    if isinstance(field, Extent):
        if field.until is not None:
            return found | {"until": field.until.hex()}
        if field.length is None:
            return found | {"rest": True}
        return found | {"length": expression_of(field.length)}
    if isinstance(field, Custom):
        return {"custom": type(field).__name__, "domain_name": field.domain_name}
    if isinstance(field, Nested):
        return _nested(field, groups)
    return found


def _nested(field: Nested[Any, Any], groups: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"group": _group(field.group, groups)}
    by = {n.BY_COUNT: "count", n.BY_LENGTH: "length", n.BY_END: "until"}.get(field.by)
    if by is None:
        found["rest"] = True
    else:
        assert field.length is not None
        found[by] = expression_of(field.length)
    if field.align > 1:
        found["align"] = field.align
    if field.last is not None:
        found["last"] = expression_of(field.last)
    return found | ({"single": True} if isinstance(field, One) else {})


def _group(group: type[Any], groups: dict[str, Any]) -> str:
    """The key under which a group stands in the document; it is described once."""
    key = group.__qualname__
    if key in groups:
        return key
    declared = declaration_of(group)
    found = groups[key] = {"name": declared.name, "title": declared.title, "doc": _doc(group)}
    if declared.when is not None:
        found["when"] = expression_of(declared.when)
    own = declared.fields if declared.when is None else declared.own
    found["fields"] = [_field(field, declared, group, groups) for field in own]
    found["variants"] = [_group(variant, groups) for variant in group.__subclasses__()]
    return key
