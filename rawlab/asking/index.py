"""Finding the request that a packet answers among many, by a table of what identifies them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from rawlab.asking.matching import answers_at, counted, quoting_layer
from rawlab.schema.address import MACAddress
from rawlab.schema.answering import is_own, is_unset, terms_for
from rawlab.schema.answers import Mirrored, Same
from rawlab.schema.declaration import Header
from rawlab.schema.field import Field

T = TypeVar("T")
Shape = tuple[tuple[type[Header], str], ...]
"""Which values identify a packet: the class of a layer, and an attribute."""
Key = tuple[Any, ...]
_QUOTED_LAYERS = 2
"""By so many quoted headers a request is found: an error has room for no more for sure."""


class Index(Generic[T]):
    """Requests by the values that a reply to them has to have.

    Finding one takes as long among ten thousand as among ten, but where their declared rules
    leave them alike.
    """

    def __init__(self) -> None:
        self._replies: dict[Shape, dict[Key, list[tuple[Sequence[Header], T]]]] = {}
        self._quotes: dict[Shape, dict[Key, list[tuple[Sequence[Header], T]]]] = {}

    def add(self, layers: Sequence[Header], item: T) -> None:
        """Enter what was asked by a packet with these layers."""
        sent = counted(layers)
        _enter(self._replies, _expected(sent), (layers, item))
        for at in range(len(sent)):
            for end in range(at + 1, min(at + _QUOTED_LAYERS, len(sent)) + 1):
                _enter(self._quotes, _identity(sent[at:end]), (layers, item))

    def find(self, layers: Sequence[Header]) -> Iterator[T]:
        """What was asked by the packets that one with these layers answers, the first first."""
        at = quoting_layer(layers)
        if at is None:
            tables, seen = self._replies, counted(layers)
        else:
            tables, seen = self._quotes, counted(layers[at + 1 :])[:_QUOTED_LAYERS]
        given: set[int] = set()
        for shape, table in tables.items():
            key = _values(shape, seen)
            for sent, item in table.get(key, ()) if key is not None else ():
                if id(item) not in given and answers_at(sent, layers, at):
                    given.add(id(item))
                    yield item


def _enter(
    tables: dict[Shape, dict[Key, list[T]]], known: dict[tuple[type[Header], str], Any], item: T
) -> None:
    tables.setdefault(tuple(known), {}).setdefault(tuple(known.values()), []).append(item)


def _values(shape: Shape, layers: Sequence[Header]) -> Key | None:
    """The values of a packet that a shape names, of the first layer of each class."""
    by_class: dict[type[Header], Header] = {}
    for layer in layers:
        by_class.setdefault(type(layer), layer)
    found = []
    for cls, attribute in shape:
        layer_there = by_class.get(cls)
        if layer_there is None:
            return None
        found.append(getattr(layer_there, attribute) if attribute else None)
    return tuple(found)


def _expected(sent: Sequence[Header]) -> dict[tuple[type[Header], str], Any]:
    """The values that an answer has for sure."""
    known: dict[tuple[type[Header], str], Any] = {}
    for layer in _first_of_each(sent):
        cls = type(layer)
        for term in terms_for(layer):
            if isinstance(term, Mirrored) and not isinstance(term.sender, MACAddress):
                sender, receiver = _both(layer, term)
                if is_own(receiver):
                    known[cls, term.sender.attribute] = receiver
                if isinstance(sender, int):
                    known[cls, term.receiver.attribute] = sender
            elif isinstance(term, Same):
                known.update(_equal(layer, term.fields))
    return known


def _identity(sent: Sequence[Header]) -> dict[tuple[type[Header], str], Any]:
    """The values by which headers are known again where they are quoted."""
    known: dict[tuple[type[Header], str], Any] = {}
    for layer in sent:
        known[type(layer), ""] = None  # it has to be there
        for term in terms_for(layer):
            if isinstance(term, Mirrored):
                for field, value in zip((term.sender, term.receiver), _both(layer, term),
                                        strict=True):
                    if not is_unset(value):
                        known[type(layer), field.attribute] = value
            elif isinstance(term, Same):
                known.update(_equal(layer, term.fields))
    return known


def _first_of_each(layers: Sequence[Header]) -> list[Header]:
    """The outermost layer of each class."""
    found: dict[type[Header], Header] = {}
    for layer in layers:
        found.setdefault(type(layer), layer)
    return list(found.values())


def _both(layer: Header, term: Mirrored) -> tuple[Any, Any]:
    return getattr(layer, term.sender.attribute), getattr(layer, term.receiver.attribute)


def _equal(layer: Header, fields: tuple[Field[Any], ...]) -> dict[tuple[type[Header], str], Any]:
    found = {}
    for field in fields:
        value = getattr(layer, field.attribute)
        if value.__hash__ is not None and not isinstance(value, tuple):
            found[type(layer), field.attribute] = value
    return found
