"""A display filter: compiled once, then asked of packets and batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from rawlab.filter import tree as t
from rawlab.filter.grammar import parse
from rawlab.filter.history import History
from rawlab.filter.names import Names
from rawlab.filter.picking import Picker
from rawlab.filter.predicate import predicate
from rawlab.filter.resolve import Resolver, is_in_order

if TYPE_CHECKING:
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry


class Pickable(Protocol):
    """A batch."""

    def __iter__(self) -> Iterator[Packet]: ...

    def pick(self, positions: Any, /) -> Any: ...


B = TypeVar("B", bound=Pickable)


class Filter:
    """A compiled display filter."""

    def __init__(self, text: str, tree: t.Test) -> None:
        self.text = text
        self.tree = tree
        self.in_order = is_in_order([tree])
        """It looks at times between packets: it has to be asked of every packet, in order."""
        self._history = History()
        self._predicate = predicate(tree, self._history)
        self._picker = Picker(tree, self._predicate)

    def __repr__(self) -> str:
        return f"<Filter {self.text!r}>"

    def matches(self, packet: Packet) -> bool:
        """Whether a packet matches.

        A filter that is `in_order` takes the packets that it is asked of for one capture.
        """
        if not self.in_order:
            return self._predicate(packet)
        self._history.see(packet)
        found = self._predicate(packet)
        if found:
            self._history.show(packet)
        return found

    def select(self, batch: B) -> B:
        """The packets of a batch that match, as a batch over the same octets.

        Any number of threads may ask at the same time, unless the filter is `in_order`.
        """
        matches = self.matches
        if self.in_order:
            picked: B = batch.pick([i for i, packet in enumerate(batch) if matches(packet)])
        else:
            picked = self._picker.pick(batch)
        return picked

    def again(self) -> Filter:
        """The same filter, which has seen no packets yet."""
        return Filter(self.text, self.tree) if self.in_order else self


def compile_filter(text: str, registry: Registry | None = None) -> Filter:
    """The filter that `text` says over the fields of `registry`; FilterError where it is wrong."""
    if registry is None:
        from rawlab.plugins import default_registry

        registry = default_registry()
    if not text.strip():
        return Filter(text, t.Always())
    return Filter(text, Resolver(text, Names(registry)).test(parse(text)))
