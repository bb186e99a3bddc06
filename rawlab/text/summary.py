"""A header's one-line summary, from the template that its declaration gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rawlab.schema import fields_of, header_title
from rawlab.schema.declaration import declaration_of
from rawlab.schema.integer import Flags, FlagSet
from rawlab.schema.items import Nested
from rawlab.schema.octets import Octets, Text
from rawlab.text.escape import escape
from rawlab.text.phrases import phrases_of

if TYPE_CHECKING:
    from rawlab.schema import Field, Group, Header

Show = Callable[[Any], str]
Summarize = Callable[["Header"], str]

_MOST_FIELDS = 4
_SHOWN_BEFORE = ("{srcport} > {dstport}", "{src} > {dst}")
"""What a line shows already; a summary that begins with it need not say it again."""


def summary_template(header: type[Header]) -> str:
    """What a line tells of a header, besides its name and its ends; empty where that is nothing.

    Without a summary in its declaration, a header is told by the first few of its fields.
    """
    declared = declaration_of(header)
    template = declared.summary or _first_fields(header)
    if template.lower().startswith(f"{declared.name} "):
        template = template[len(declared.name) + 1 :]
    for shown in _SHOWN_BEFORE:
        template = template.removeprefix(shown).lstrip(" ,")
    return template


def summarizer(header: type[Header]) -> Summarize | None:
    """A function that fills the summary of `header`; None where there is nothing to tell.

    A value that is absent goes with the words before it: of `{type} code {code} seq {seq}` stays
    `echo code 0`. Values side by side, `{src_eth}{src_ipv4}`, are alternatives, and share their
    words. Numbers with names are shown by these. What comes from the wire is not escaped.
    """
    template = summary_template(header)
    if not template:
        return None
    shows = {field.attribute: shower(field) for field in fields_of(header)}
    phrases = [
        (phrase.before, [(name, shows[name]) for name in phrase.names], phrase.after)
        for phrase in phrases_of(template)
    ]
    if not phrases:
        return lambda layer: template

    def fill(layer: Header) -> str:
        line = ""
        for before, values, after in phrases:
            for name, show in values:
                value = getattr(layer, name)
                if value is not None and (text := show(value)):
                    line += before + text + after
                    break
        return line

    return fill


def _first_fields(header: type[Header]) -> str:
    """A template of the first fields that fit a line: no text or octets of any length."""
    fields = [
        field for field in fields_of(header)
        if not field.private and not isinstance(field, (Nested, Octets, Text))
    ]
    return " ".join(
        f"{field.attribute.replace('__', '.').rstrip('_')} {{{field.attribute}}}"
        for field in fields[:_MOST_FIELDS]
    )


def title_of(kind: type[Header | Group]) -> str:
    """The first line of a declaration's docstring, as a title."""
    return escape(header_title(kind)).removesuffix(".")


def shower(field: Field[Any]) -> Show:
    """How a summary shows a field: by the name of its value, the names of its set bits, ..."""
    show = field.show
    names = dict(field.names)
    if names:
        return lambda value: names.get(value) or show(value)
    if isinstance(field, Flags):
        return _FlagNames(field).show
    if isinstance(field, Nested):
        return _show_groups
    return show


class _FlagNames:
    """Shows flags by the names of the bits that are set, each value's text made once."""

    def __init__(self, field: Flags) -> None:
        self._field = field
        self._texts: dict[int, str] = {}

    def show(self, value: FlagSet) -> str:
        """The names; the number where none is set."""
        text = self._texts.get(value)
        if text is None:
            text = ",".join(value.set_names()) or self._field.show(value)
            if len(self._texts) < 65536:
                self._texts[value] = text
        return text


def _show_groups(value: Any) -> str:
    """The first field of each group: the name that a DNS question asks for."""
    groups = value if isinstance(value, tuple) else (value,)
    told = []
    for group in groups:
        fields = fields_of(type(group))
        first = getattr(group, fields[0].attribute) if fields else None
        if first is not None:
            told.append(fields[0].show(first))
    return ", ".join(told)
