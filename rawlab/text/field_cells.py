"""The text of fields of a packet's layers, by names: what the rows of `-T fields` are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rawlab.engine.view import bounds_of, source_of
from rawlab.schema import field_values, fields_of, header_name, header_title
from rawlab.schema.declaration import declaration_of
from rawlab.schema.groups import walk_fields
from rawlab.schema.integer import Flags, Number
from rawlab.schema.items import Nested
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.schema import Field, FieldValue, Header

Values = Callable[[tuple["Header", ...]], Sequence[str]]
"""From a packet's layers to the texts of all occurrences of a field."""
Reader = Callable[["Header"], Sequence[str]]
_NONE: tuple[str, ...] = ()


class Cells:
    """How to read the named fields of layers: for each column, the names that it means."""

    def __init__(self, meanings: Sequence[tuple[str, ...]]) -> None:
        self.meanings = meanings
        self._readers: dict[type[Header], dict[str, Reader]] = {}

    def readers(self, kind: type[Header]) -> dict[str, Reader]:
        """For headers of a kind, by name in wire order: what reads the field of that name."""
        found = self._readers.get(kind)
        if found is None:
            wanted = {name for names in self.meanings for name in names}
            found = self._readers[kind] = _make_readers(kind, wanted)
        return found


class StackCells:
    """The same for packets of one stack of headers."""

    def __init__(self, cells: Cells, stack: tuple[type[Header], ...]) -> None:
        self._cells = cells
        self._stack = stack

    def column(self, column: int) -> Values | None:
        """What reads a column; None where no layer has any field of it."""
        readers = [
            (position, reader)
            for position, kind in enumerate(self._stack)
            for name, reader in self._cells.readers(kind).items()
            if name in self._cells.meanings[column]
        ]
        if not readers:
            return None
        if len(readers) == 1:
            [(position, reader)] = readers
            return lambda layers: reader(layers[position])

        def values(layers: tuple[Header, ...]) -> list[str]:
            return [text for position, reader in readers for text in reader(layers[position])]

        return values


def _make_readers(kind: type[Header], wanted: set[str]) -> dict[str, Reader]:
    readers: dict[str, Reader] = {}
    plain = set()
    for field in fields_of(kind):
        for name, show in () if isinstance(field, Nested) else _texts(field):
            plain.add(name)
            if name in wanted:
                readers[name] = _attribute_reader(field.attribute, show)
    nested = {
        name
        for field in walk_fields(declaration_of(kind).fields)
        for name, _ in _texts(field)
        if name in wanted and name not in plain
    }
    tree = TreeReader(nested)
    readers |= {name: tree.reader(name) for name in nested}
    if header_name(kind) in wanted:
        title = (header_title(kind),)
        readers[header_name(kind)] = lambda layer: title
    return readers


def _attribute_reader(attribute: str, show: Callable[[Any], str]) -> Reader:
    def read(layer: Header) -> Sequence[str]:
        value = getattr(layer, attribute)
        return _NONE if value is None else (show(value),)

    return read


class TreeReader:
    """Reads fields of groups, one walk over a header for all of them."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._layer: object = None
        self._found: dict[str, list[str]] = {}

    def reader(self, name: str) -> Reader:
        """What reads all occurrences of one of the names."""

        def read(layer: Header) -> Sequence[str]:
            if layer is not self._layer:
                self._layer, self._found = layer, self._collect(layer)
            return self._found.get(name, _NONE)

        return read

    def _collect(self, layer: Header) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for value in _walk(field_values(layer)):
            if isinstance(value.field, Nested):
                if value.name in self._names:
                    found.setdefault(value.name, []).append(_octets(layer, value))
                continue
            for name, show in _texts(value.field):
                if name in self._names:
                    found.setdefault(name, []).append(show(value.value))
        return found


def _walk(values: Iterable[FieldValue]) -> Iterator[FieldValue]:
    """All values, those that hold groups before what is in the groups."""
    for value in values:
        yield value
        for item in value.items:
            yield from _walk(item.items)


def _octets(layer: Header, value: FieldValue) -> str:
    """What a field of groups covers, in hexadecimal."""
    origin = bounds_of(layer)[0]
    start, end = value.octet_range
    return source_of(layer).cut(origin + start, origin + end).hex()


def names_of(field: Field[Any]) -> list[str]:
    """All names of a field's values: its own, its aliases, and those of its named bits."""
    return [name for name, _ in _texts(field)]


def _texts(field: Field[Any]) -> Iterator[tuple[str, Callable[[Any], str]]]:
    """The names of a field, aliases and named bits included, and how each is printed."""
    show = field.show if isinstance(field, Number) else _escaping(field.show)
    prefix = field.name.rpartition(".")[0]
    aliases = [alias if "." in alias else f"{prefix}.{alias}" for alias in field.aliases]
    for name in dict.fromkeys([field.name, *aliases]):
        yield name, show
    if isinstance(field, Flags):
        for part, (shift, width) in field.parts:
            yield f"{field.name}.{part}", _bits(shift, (1 << width) - 1)


def _bits(shift: int, mask: int) -> Callable[[Any], str]:
    return lambda value: str((int(value) >> shift) & mask)


def _escaping(show: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: escape(show(value))
