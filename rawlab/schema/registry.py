"""A set of headers, and where each one follows: what decodes packets."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.groups import walk_fields
from rawlab.schema.integer import Flags
from rawlab.schema.opening import Follows
from rawlab.schema.tables import Tables


class Found(NamedTuple):
    """What the name of a field means."""

    header: type[Header]
    field: Field[Any]
    part: str = ""
    """The name of a flag, where it means one."""


class Registry:
    """Headers by name, and the tables in which they follow one another.

    A registry is passed to what decodes; nothing is registered by importing a module.
    """

    def __init__(self, headers: Iterable[type[Header]] = ()) -> None:
        self._headers: dict[str, list[type[Header]]] = {}
        self._extra: list[tuple[Follows, type[Header]]] = []
        self._tables: Tables | None = None
        self._names: dict[str, list[Found]] | None = None
        for header in headers:
            self.add(header)

    def __iter__(self) -> Iterator[type[Header]]:
        return (header for headers in self._headers.values() for header in headers)

    def __len__(self) -> int:
        return sum(map(len, self._headers.values()))

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the headers, and not what is made of them when asked for."""
        return {**vars(self), "_tables": None, "_names": None}

    def __contains__(self, name: object) -> bool:
        return name in self._headers

    def __getitem__(self, name: str) -> tuple[type[Header], ...]:
        """The headers called `name`: several where a protocol has more than one form."""
        try:
            return tuple(self._headers[name])
        except KeyError:
            raise KeyError(f"no protocol {name!r}{self._near(name, self._headers)}") from None

    def add(self, header: type[Header]) -> None:
        """Add a header; where it claims what another does, the later one wins."""
        headers = self._headers.setdefault(declaration_of(header).name, [])
        if header not in headers:
            headers.append(header)
        self._tables = None
        self._names = None

    def add_module(self, module: ModuleType) -> list[type[Header]]:
        """Add every header that `module` holds; returns them."""
        found = [v for v in vars(module).values()
                 if isinstance(v, type) and issubclass(v, Header) and v is not Header]
        for header in found:
            self.add(header)
        return found

    def extended(self, *headers: type[Header]) -> Registry:
        """A copy that also holds `headers`."""
        copy = Registry([*self, *headers])
        copy._extra = list(self._extra)
        return copy

    def decode_as(self, rule: str) -> None:
        """Enter "table==value,protocol", as in "tcp.port==8080,http".

        A value may be a range "8000-8010". ValueError where the rule cannot be read or names
        no table or protocol that there is.
        """
        selector, comma, name = rule.partition(",")
        table, equals, value = selector.partition("==")
        if not comma or not equals:
            raise ValueError(f'{rule!r} is not of the form "table==value,protocol"')
        name, table = name.strip(), table.strip()
        if name not in self._headers:
            raise ValueError(f"no protocol {name!r}{self._near(name, self._headers)}")
        known = self.table_names()
        if _table_named(table, known) not in known:
            raise ValueError(f"no table {table!r}{self._near(table, known)}")
        first, _, last = value.strip().partition("-")
        try:
            values = range(int(first, 0), int(last or first, 0) + 1)
        except ValueError:
            raise ValueError(f"{value!r} is not a number nor a range of numbers") from None
        if len(values) > 65536:
            raise ValueError(f"{value!r} is a range of more than 65536 values")
        header = self._headers[name][0]
        streams = any(entry.stream for entry in declaration_of(header).follows)
        self._extra.append((Follows(table, tuple(values), stream=streams), header))
        self._tables = None

    def table_names(self) -> dict[str, list[Field[Any]]]:
        """Every table, with the fields that open it; "linktype" is opened by captures."""
        names: dict[str, list[Field[Any]]] = {"linktype": []}
        for header in self:
            for field in declaration_of(header).fields:
                for table in field.opens:
                    names.setdefault(table.name, []).append(field)
        return names

    def follows(self) -> list[tuple[Follows, type[Header]]]:
        """Where each header follows, by table names; later entries win."""
        entries = [(entry, header) for header in self for entry in declaration_of(header).follows]
        entries += self._extra
        known = self.table_names()
        return [(Follows(_table_named(e.table, known), e.values, e.looks, e.stream), header)
                for e, header in entries]

    def unopened(self) -> list[tuple[Follows, type[Header]]]:
        """Entries in tables that no field opens: a misspelt name, or a protocol that is missing."""
        known = self.table_names()
        return [(entry, header) for entry, header in self.follows() if entry.table not in known]

    def tables(self) -> Tables:
        """The tables for the engine; made when first asked for after a change."""
        if self._tables is None:
            self._tables = Tables(self, self.follows())
        return self._tables

    # Fields by name.

    def field(self, name: str) -> tuple[Found, ...]:
        """What `name` means: one for each header that has such a field.

        KeyError, with the names that are near, where there is none.
        """
        found = self.field_names().get(name)
        if found is None:
            raise KeyError(f"no field {name!r}{self._near(name, self.field_names())}")
        return tuple(found)

    def field_names(self) -> dict[str, list[Found]]:
        """Every field by its dotted name, those of groups and named bits included."""
        if self._names is None:
            self._names = {}
            for header in self:
                for field in walk_fields(declaration_of(header).fields):
                    self._enter(header, field, self._names)
        return self._names

    @staticmethod
    def _enter(header: type[Header], field: Field[Any], names: dict[str, list[Found]]) -> None:
        names.setdefault(field.name, []).append(Found(header, field))
        own = declaration_of(header).by_attribute.get(field.attribute) is field
        for alias in field.aliases if own else ():
            prefix = field.name.rpartition(".")[0]
            name = alias if "." in alias else f"{prefix}.{alias}"
            names.setdefault(name, []).append(Found(header, field))
        if isinstance(field, Flags):
            for part, _ in field.parts:
                names.setdefault(f"{field.name}.{part}", []).append(Found(header, field, part))

    @staticmethod
    def _near(name: str, known: Iterable[str]) -> str:
        near = difflib.get_close_matches(name, list(known), 3, 0.6)
        return f"; near it: {', '.join(near)}" if near else ""


def _table_named(name: str, known: dict[str, list[Field[Any]]]) -> str:
    """A table's name; a field that opens one may stand for it."""
    if name in known:
        return name
    for table, fields in known.items():
        if any(field.name == name for field in fields):
            return table
    return name
