"""Picking from batches: by the engine's verdicts, and by asking packets where it has none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rawlab.engine import select_codes as c
from rawlab.engine.gather import find
from rawlab.engine.select import Selector
from rawlab.filter.program import Program, compile_program

if TYPE_CHECKING:
    from rawlab.filter.tree import Test
    from rawlab.packet import Packet
    from rawlab.schema.tables import Tables

_NO_NUMBERS = memoryview(bytearray()).cast("q")


class Picker:
    """Picks from batches by one tree; any number of threads may use it."""

    def __init__(self, tree: Test, matches: Callable[[Packet], bool]) -> None:
        """`matches` is asked of the packets that rows cannot decide."""
        self._tree = tree
        self._matches = matches
        self._lock = threading.Lock()
        self._prepared: dict[int, _Prepared] = {}
        """By the identity of the tables, which each holds."""

    def pick(self, batch: Any) -> Any:
        """The packets of a batch that match, as `batch.pick` gives them; all: the batch itself."""
        prepared = self._prepare(batch.tables)
        if prepared.program is None:
            asked = [i for i, packet in enumerate(batch) if self._matches(packet)]
            return batch.pick(asked)
        count = len(batch)
        verdicts = bytearray(count)
        selector = prepared.borrow()
        numbers = batch.numbers
        undecided = selector.run(
            batch.octets, batch.index, count, batch.first_number,
            _NO_NUMBERS if numbers is None else numbers, verdicts)
        prepared.give_back(selector)
        if undecided:
            self._ask(batch, verdicts)
        found = find(verdicts, c.YES)
        return batch if len(found) == count else batch.pick(found)

    def _ask(self, batch: Any, verdicts: bytearray) -> None:
        """Ask the packets that are undecided: only they are dissected."""
        open_ = find(verdicts, c.UNDECIDED)
        for position, packet in zip(open_, batch.pick(open_), strict=True):
            verdicts[position] = c.YES if self._matches(packet) else c.NO

    def _prepare(self, tables: Tables) -> _Prepared:
        with self._lock:
            prepared = self._prepared.get(id(tables))
            if prepared is None:
                prepared = self._prepared[id(tables)] = _Prepared(self._tree, tables)
            return prepared


class _Prepared:
    """The program for packets that are decoded by some tables, and selectors that run it."""

    def __init__(self, tree: Test, tables: Tables) -> None:
        program = compile_program(tree, tables)
        self.program: Program | None = None if program is None or program.hopeless else program
        self._tables = tables
        self._free: list[Selector] = []

    def borrow(self) -> Selector:
        """A selector that nobody else uses; give it back."""
        try:
            return self._free.pop()
        except IndexError:
            return Selector(self._tables, self.program)

    def give_back(self, selector: Selector) -> None:
        """The selector is free for others."""
        self._free.append(selector)
