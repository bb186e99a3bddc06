"""A declared header as a page of Markdown: its diagram, its fields, the names of their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rawlab.schema import fields_of, header_name
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.items import Nested
from rawlab.schema.registry import Registry
from rawlab.text.condition import condition_text
from rawlab.text.field_notes import kind_of, notes_of, width_of
from rawlab.text.protocol import announcements, header_diagram
from rawlab.text.summary import title_of

_COLUMNS = ("Field", "Width", "Kind", "Notes")


def markdown_of(headers: Sequence[type[Header]], registry: Registry) -> str:
    """A section for each of `headers`."""
    return "\n".join(line for header in headers for line in _section(header, registry))


def _section(header: type[Header], registry: Registry) -> Iterator[str]:
    yield f"## {header_name(header)}: {_escaped(title_of(header))}"
    yield ""
    more = [line.strip() for line in (header.__doc__ or "").strip().splitlines()[1:]]
    yield from ([_escaped(line) for line in more if line] + [""] if any(more) else [])
    rules = announcements(header, registry)
    yield f"Follows on: {_escaped('; '.join(rules) or 'nothing')}."
    yield ""
    drawing = header_diagram(header)
    if drawing:
        yield from ("```text", *drawing, "```", "")
    yield from _table(fields_of(header))
    yield from _parts(fields_of(header), set())


def _table(fields: Sequence[Field[Any]]) -> Iterator[str]:
    if not fields:
        return
    yield _row(_COLUMNS)
    yield _row(["---"] * len(_COLUMNS))
    for field in fields:
        notes = _escaped(notes_of(field))
        yield _row([f"`{field.name}`", width_of(field), kind_of(field), notes])
    yield ""


def _parts(fields: Sequence[Field[Any]], seen: set[type[Any]]) -> Iterator[str]:
    """What does not go into the table: names of values, and groups."""
    for field in fields:
        if field.names:
            yield f"Values of `{field.name}`:"
            yield ""
            yield from (_row(("Value", "Name")), _row(("---", "---")))
            for value, name in sorted(field.names.items()):
                yield _row((field.show(value), _escaped(name)))
            yield ""
    for field in fields:
        if isinstance(field, Nested) and field.group not in seen:
            yield from _group(field.group, seen)


def _group(group: type[Any], seen: set[type[Any]]) -> Iterator[str]:
    seen.add(group)
    declared = declaration_of(group)
    told = f"group `{declared.name}`" if declared.when is None else (
        f"when {condition_text(declared.when)}")
    yield f"### {_escaped(title_of(group))}"
    yield ""
    yield f"{told[0].upper()}{told[1:]}."
    yield ""
    own = [field for field in declared.own if not field.private]
    yield from _table(own)
    yield from _parts(own, seen)
    for variant in group.__subclasses__():
        yield from _group(variant, seen)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _escaped(text: str) -> str:
    """Text in which nothing is Markdown's."""
    for character in "\\|<>*_`":
        text = text.replace(character, f"\\{character}")
    return text
