"""Line programs: the plans of lines as steps that the engine takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from rawlab.engine import line_codes as c
from rawlab.engine.reader import flat, table
from rawlab.text.line_values import Untold, Value, plain_value, shown_value
from rawlab.text.phrases import phrases_of
from rawlab.text.summary import summary_template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rawlab.schema.tables import Tables
    from rawlab.text.line_plan import Part, Plan, Stack
    from rawlab.text.paint import Paint

MOST_STACKS = 1024
"""Stacks that are learned; others are told without the engine."""


class Rows:
    """A table of int64 that grows at its end."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.count = 0
        self.table = flat(table(64, columns))

    def add(self, values: dict[int, int]) -> int:
        """Add a row, whose other columns are 0; returns its number."""
        start = self.count * self.columns
        if start == len(self.table):
            longer = flat(table(2 * self.count, self.columns))
            longer[:start] = self.table
            self.table = longer
        for column, value in values.items():
            self.table[start + column] = value
        self.count += 1
        return self.count - 1

    def set(self, row: int, column: int, value: int) -> None:
        """Set one number."""
        self.table[row * self.columns + column] = value

    def get(self, row: int, column: int) -> int:
        """One number."""
        return self.table[row * self.columns + column]


class Programs(ABC):
    """The programs of all stacks that were met, of the headers of `tables`."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.nodes = Rows(c.NODE_COLUMNS)
        self.steps = Rows(c.STEP_COLUMNS)
        self.names = Rows(c.NAME_COLUMNS)
        self.texts = bytearray()
        self._places: dict[str, tuple[int, int]] = {}
        self._named: dict[tuple[tuple[int, str], ...], int] = {}
        self._known = 0
        self._node_of(())

    @abstractmethod
    def _write(self, stack: Stack) -> None:
        """Write the steps for packets of `stack`. Raises Untold."""

    def learn(self, stack: Stack) -> bool:
        """Write the steps for packets of `stack`; False where there is no more room for that."""
        if self._known == MOST_STACKS:
            return False
        self._known += 1
        node = self._node_of([self.tables.number[kind] for kind in stack])
        first = self.steps.count
        try:
            self._write(stack)
        except Untold:
            first = c.NONE
        self.nodes.set(node, c.N_FIRST, first)
        self.nodes.set(node, c.N_LAST, self.steps.count)
        return True

    def _node_of(self, headers: Sequence[int]) -> int:
        """The node of a stack, made where it is missing."""
        node = 0
        if not self.nodes.count:
            self.nodes.add({c.N_FIRST: c.UNKNOWN})
        for header in headers:
            child = self.nodes.get(node, c.N_CHILD)
            while child and self.nodes.get(child, c.N_HEADER) != header:
                child = self.nodes.get(child, c.N_SIBLING)
            if not child:
                sibling = self.nodes.get(node, c.N_CHILD)
                child = self.nodes.add(
                    {c.N_HEADER: header, c.N_SIBLING: sibling, c.N_FIRST: c.UNKNOWN})
                self.nodes.set(node, c.N_CHILD, child)
            node = child
        return node

    # Steps.

    def _literal(self, text: str) -> None:
        self._place_literal(self._text(text))

    def _place_literal(self, place: tuple[int, int]) -> None:
        self.steps.add({c.S_OP: c.LITERAL, c.S_BEFORE: place[0], c.S_BEFORE_SIZE: place[1]})

    def _value(
        self, layer: int, value: Value, before: str, after: str, op: int = c.VALUE
    ) -> None:
        before_at, before_size = self._text(before)
        after_at, after_size = self._text(after)
        self.steps.add({
            c.S_OP: op, c.S_LAYER: layer,
            c.S_BEFORE: before_at, c.S_BEFORE_SIZE: before_size,
            c.S_AFTER: after_at, c.S_AFTER_SIZE: after_size,
            c.S_NAME: self._rows_of(value.names), c.S_NAMES: len(value.names),
            **value.columns,
        })

    def _end_phrase(self, values: int) -> None:
        """After the first of the last `values` values that is there, the program goes on here."""
        for step in range(self.steps.count - values, self.steps.count):
            self.steps.set(step, c.S_NEXT, self.steps.count)

    def _rows_of(self, names: tuple[tuple[int, str], ...]) -> int:
        """The first of the rows that hold `names`."""
        if names not in self._named:
            places = [(number, *self._text(name)) for number, name in names]
            self._named[names] = self.names.count
            for number, at, size in places:
                self.names.add({c.M_VALUE: number, c.M_TEXT: at, c.M_SIZE: size})
        return self._named[names]

    def _text(self, text: str) -> tuple[int, int]:
        """Where a text stands among all texts. Raises Untold if it is not plain ASCII."""
        if not (text.isascii() and text.isprintable()):
            raise Untold
        return self._place(text)

    def _place(self, text: str) -> tuple[int, int]:
        if text not in self._places:
            octets = text.encode()
            self._places[text] = len(self.texts), len(octets)
            self.texts += octets
        return self._places[text]


class LinePrograms(Programs):
    """Lines as `LinePrinter` has them."""

    def __init__(self, tables: Tables, paint: Paint, plan: Callable[[Stack], Plan]) -> None:
        super().__init__(tables)
        self._paint = paint
        self._plan = plan

    def _write(self, stack: Stack) -> None:
        plan = self._plan(stack)
        for part in plan.link:
            self._part(stack, part, part.title)
            self._literal(", ")
        self._part(stack, plan.main, self._paint.title(plan.main.title))
        if plan.outer is not None:
            self._literal(" in ")
            self._part(stack, plan.outer, plan.outer.title)
        if plan.quoted is not None:
            self._literal(" about ")
            self._part(stack, plan.quoted, plan.quoted.title)
        self.steps.add({c.S_OP: c.OCTETS})

    def _part(self, stack: Stack, part: Part, title: str) -> None:
        self._text(part.title)  # no escapes but those of the paint
        if part.addresses >= 0:
            self._end(stack, part, "src", "srcport")
            self._literal(" > ")
            self._end(stack, part, "dst", "dstport")
            self._literal(" ")
        self._place_literal(self._place(title))
        if part.summarize is not None:
            self._summary(stack, part.told)

    def _end(self, stack: Stack, part: Part, address: str, port: str) -> None:
        value = plain_value(self.tables, stack[part.addresses], address)
        before = after = ""
        if part.ports >= 0:
            before, after = ("[", "]:") if value.has_colons else ("", ":")
        self._value(part.addresses, value, before, after)
        self._absent("?:" if part.ports >= 0 else "?")
        if part.ports >= 0:
            self._value(part.ports, plain_value(self.tables, stack[part.ports], port), "", "")
            self._absent("?")

    def _absent(self, mark: str) -> None:
        """The mark of a value that the step before did not find."""
        self._literal(mark)
        self.steps.set(self.steps.count - 2, c.S_NEXT, self.steps.count)

    def _summary(self, stack: Stack, layer: int) -> None:
        header = stack[layer]
        template = summary_template(header)
        self.steps.add({c.S_OP: c.SUMMARY})
        phrases = phrases_of(template)
        if not phrases:
            self._literal(template)
        for phrase in phrases:
            for name in phrase.names:
                value = shown_value(self.tables, header, name)
                self._value(layer, value, phrase.before, phrase.after)
            self._end_phrase(len(phrase.names))
        self.steps.add({c.S_OP: c.SUMMARY_END})
