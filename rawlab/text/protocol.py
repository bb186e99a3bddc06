"""A declared protocol for people: where it follows, its diagram, its fields, their tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rawlab.schema import fields_of, header_name
from rawlab.schema.declaration import declaration_of
from rawlab.schema.integer import Flags
from rawlab.schema.items import Nested
from rawlab.text.condition import condition_text
from rawlab.text.diagram import Cell, diagram
from rawlab.text.field_notes import kind_of, notes_of, width_of
from rawlab.text.summary import title_of

if TYPE_CHECKING:
    from rawlab.schema import Field, Header
    from rawlab.schema.opening import Follows
    from rawlab.schema.registry import Registry

_MOST_BITS = 256
"""Wider fields are drawn as if their length varied."""
_INDENT = "  "


def protocol_lines(header: type[Header], registry: Registry) -> Iterator[str]:
    """All that the declaration of `header` says."""
    yield f"{header_name(header)}: {title_of(header)}"
    more = (header.__doc__ or "").strip().splitlines()[1:]
    yield from (line.strip() for line in more)
    yield ""
    rules = announcements(header, registry)
    yield "follows on: " + ("; ".join(rules) or "nothing, it is decoded only by --decode-as")
    opened = _opened(header)
    if opened:
        yield "announces what follows by: " + ", ".join(opened)
    drawing = header_diagram(header)
    if drawing:
        yield ""
        yield from drawing
    yield ""
    yield from _field_table(list(fields_of(header)), "")
    yield from _value_tables(fields_of(header))
    yield from _groups(fields_of(header), set())


def announcements(header: type[Header], registry: Registry) -> list[str]:
    """Where a header follows: tables and values."""
    return [_rule(entry) for entry, owner in registry.follows() if owner is header]


def header_diagram(header: type[Any]) -> list[str]:
    """The diagram of the fields that are always there, in the form of RFCs."""
    cells: list[Cell] = []
    declared = declaration_of(header)
    for field in declared.fields:
        if field.over is None and field.when is None:
            cells.extend(_cells(field, field.name.removeprefix(declared.name + ".")))
    return diagram(cells)


def _cells(field: Field[Any], name: str) -> Iterator[Cell]:
    label = "" if field.private else name
    if isinstance(field, Flags) and field.bits:
        left = field.bits
        for part, (shift, width) in field.parts:
            if left > shift + width:
                yield Cell("", left - shift - width)
            yield Cell(part, width)
            left = shift
        if left:
            yield Cell("", left)
        return
    bits = field.bits
    if bits == 0:
        return
    yield Cell(label, None if bits is None or bits > _MOST_BITS else bits)


def _rule(entry: Follows) -> str:
    values = ", ".join(_value(entry.table, value) for value in entry.values)
    if entry.looks is not None:
        told = f"{entry.table}, by its looks"
    else:
        told = f"{entry.table} {values}" if values else f"{entry.table}, any other value"
    return f"stream of {told}" if entry.stream else told


def _value(table: str, value: int) -> str:
    return f"0x{value:04x}" if table == "ethertype" else str(value)


def _opened(header: type[Header]) -> list[str]:
    return [
        f"{table.name} ({field.name})" for field in fields_of(header) for table in field.opens
    ]


def _field_table(fields: list[Field[Any]], margin: str) -> Iterator[str]:
    rows = [(field.name, width_of(field), kind_of(field), notes_of(field)) for field in fields]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for name, width, kind, notes in rows:
        line = f"{margin}{name:<{widths[0]}}  {width:>{widths[1]}}  {kind:<{widths[2]}}  {notes}"
        yield line.rstrip()


def _value_tables(fields: tuple[Field[Any], ...]) -> Iterator[str]:
    for field in fields:
        if field.names:
            yield ""
            yield f"values of {field.name}"
            for value, name in sorted(field.names.items()):
                yield f"{_INDENT}{field.show(value):>6}  {name}"


def _groups(fields: tuple[Field[Any], ...], seen: set[type[Any]]) -> Iterator[str]:
    """The groups that fields hold, each once, with their variants."""
    for field in fields:
        if isinstance(field, Nested) and field.group not in seen:
            yield from _group(field.group, seen)


def _group(group: type[Any], seen: set[type[Any]]) -> Iterator[str]:
    seen.add(group)
    declared = declaration_of(group)
    yield ""
    if declared.when is None:
        yield f"group {declared.name}: {title_of(group)}"
    else:
        yield f"when {condition_text(declared.when)}: {title_of(group)}"
    own = [field for field in declared.own if not field.private]
    yield from _field_table(own, _INDENT)
    yield from _value_tables(tuple(own))
    yield from _groups(tuple(own), seen)
    for variant in group.__subclasses__():
        yield from _group(variant, seen)
