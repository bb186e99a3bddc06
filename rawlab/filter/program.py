"""A filter's tree as the integer rows that the engine runs over batches.

What rows can say: whether layers are there, and whether numbers and addresses at fixed places of
headers, or known beside the packet, lie in ranges. Of all else they say in which layers it is to
be looked for; where those are there and it decides, a packet is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rawlab.engine import select_codes as c
from rawlab.filter.sources import ANY, ENDLESS, Bounds, Row, Source, range_rows, sources_of
from rawlab.filter.tree import (
    Always,
    Among,
    And,
    Arithmetic,
    Call,
    Carried,
    Compare,
    Constant,
    Contains,
    FieldValues,
    Layer,
    Matches,
    Negative,
    Not,
    NotZero,
    Operand,
    Or,
    Present,
    Slice,
    Test,
    Value,
)
from rawlab.schema.declaration import Header
from rawlab.schema.following import leading_to
from rawlab.schema.tables import Tables, matrix

_YES, _NO = c.YES - c.ENDS, c.NO - c.ENDS


class TooLarge(Exception):
    """The filter has more tests than a program may have."""


@dataclass
class Program:
    """What the engine runs; see `rawlab.engine.select`."""

    tests: memoryview
    sources: memoryview
    ranges: memoryview
    settled: bytes
    """Of each header, 1 where nothing that the filter asks about can follow it."""
    test_count: int
    root: int
    """The test to begin with, or how it ends at once."""
    doubtful: bool
    """Rows cannot say all."""
    layered: bool
    """It asks for what only the layers of each packet tell: lengths of payloads."""

    @property
    def hopeless(self) -> bool:
        """It would leave every packet undecided."""
        return self.doubtful and self.test_count == 1 and self._asks_anywhere()

    def _asks_anywhere(self) -> bool:
        return bool(self.sources[0, c.S_KIND] == c.FROM_ANYWHERE)


def compile_program(tree: Test, tables: Tables) -> Program | None:
    """The program of a tree for packets that are decoded by `tables`; None where it is too large.

    Headers that the tables do not have are in no packet.
    """
    writer = _Writer(tables)
    try:
        root = writer.lay(tree, _YES, _NO, False)
    except TooLarge:
        return None
    return writer.program(root)


@dataclass
class _Writer:
    """Writes the rows, the last test first: where a test leads to has been written before it."""

    tables: Tables
    tests: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    ranges: list[Row] = field(default_factory=list)

    def lay(self, test: Test, yes: int, no: int, negated: bool) -> int:
        """Write a test that leads to `yes` or `no`; where it begins."""
        match test:
            case Always():
                return yes
            case Not(inner):
                return self.lay(inner, no, yes, not negated)
            case And(tests):
                for inner in reversed(tests):
                    yes = self.lay(inner, yes, no, negated)
                return yes
            case Or(tests):
                for inner in reversed(tests):
                    no = self.lay(inner, yes, no, negated)
                return no
        return self._lay_values(test, yes, no, negated)

    def _lay_values(self, test: Test, yes: int, no: int, negated: bool) -> int:
        asked = _asked(test)
        found = asked and sources_of(asked.operand, asked.bounds, asked.mask, self.tables)
        if asked is None or found is None:
            return self._row(self._unknown(test), yes, no, negated)
        if not asked.every:
            return self._row(found, yes, no, negated)
        # Of every value: one is there, and none lies outside.
        outside = [replace(source, bounds=_outside(asked.bounds)) for source in found]
        yes = self._row(outside, no, yes, not negated)
        return self._row([source.anything() for source in found], yes, no, negated)

    def _unknown(self, test: Test) -> list[Source]:
        headers = _headers_of_test(test)
        if headers is None:
            return [Source(c.FROM_ANYWHERE)]
        known = self.tables.number
        return [Source(c.FROM_ELSEWHERE, known[h]) for h in dict.fromkeys(headers) if h in known]

    def _row(self, sources: Sequence[Source], yes: int, no: int, negated: bool) -> int:
        if len(self.tests) == c.MOST_TESTS:
            raise TooLarge
        row = [0] * c.TEST_COLUMNS
        row[c.T_FIRST], row[c.T_COUNT] = len(self.sources), len(sources)
        row[c.T_YES], row[c.T_NO], row[c.T_NEGATED] = yes, no, int(negated)
        for source in sources:
            ranges = range_rows(source)
            placed = list(source.row())
            placed[c.S_RANGE], placed[c.S_RANGES] = len(self.ranges), len(ranges)
            self.sources.append(placed)
            self.ranges += ranges
        self.tests.append(row)
        return len(self.tests) - 1

    def program(self, root: int) -> Program:
        """The rows as the engine takes them."""
        kinds = {row[c.S_KIND] for row in self.sources}
        relevant = {row[c.S_HEADER] for row in self.sources if row[c.S_HEADER] >= 0}
        before = leading_to(self.tables, relevant)
        settled = bytes(int(h not in before) for h in range(max(1, len(self.tables.classes))))
        return Program(
            matrix(self.tests, c.TEST_COLUMNS), matrix(self.sources, c.SOURCE_COLUMNS),
            matrix(self.ranges, c.RANGE_COLUMNS), settled,
            len(self.tests), root, bool(kinds & {c.FROM_ELSEWHERE, c.FROM_ANYWHERE}),
            c.FROM_PAYLOAD in kinds,
        )  # fmt: skip


class Asked(NamedTuple):
    """What a test asks of values: bounds that one of them, or every one, lies in."""

    operand: Operand
    bounds: Bounds
    every: bool = False
    mask: int | None = None


def _asked(test: Test) -> Asked | None:
    """What a test asks of values, where it asks no more than that."""
    match test:
        case Present(operand):
            return Asked(operand, ANY)
        case NotZero(Arithmetic("&", operand, Constant(low=int(mask)))) if mask >= 0:
            return Asked(operand, ((1, ENDLESS), (-ENDLESS, -1)), mask=mask)
        case Compare(op, operand, Constant(low=low, high=high), every):
            bounds = _bounds(op, low, high)
            return None if bounds is None else _masked(operand, bounds, every)
        case Among(operand, ranges, every):
            inside = [(_number(low), _number(high)) for low, high in ranges]
            known = tuple((low, high) for low, high in inside
                          if low is not None and high is not None)
            return Asked(operand, known, every) if len(known) == len(ranges) else None
    return None


def _masked(operand: Operand, bounds: Bounds, every: bool) -> Asked:
    match operand:
        case Arithmetic("&", inner, Constant(low=int(mask))) if mask >= 0:
            return Asked(inner, bounds, every, mask)
    return Asked(operand, bounds, every)


def _bounds(op: str, least: Value, most: Value) -> Bounds | None:
    """What compares so with a number or an address; None for other values."""
    low, high = _number(least), _number(most)
    if low is None or high is None:
        return None
    within, before, after = (low, high), (-ENDLESS, low - 1), (high + 1, ENDLESS)
    return {
        "==": (within,), "!=": (before, after), "<": (before,), "<=": ((-ENDLESS, high),),
        ">": (after,), ">=": ((low, ENDLESS),),
    }[op]  # fmt: skip


def _number(value: Value) -> int | None:
    """A number as it is, an address of IPv6 as the number of its 128 bits."""
    if isinstance(value, bytes) and len(value) == 16:
        return int.from_bytes(value, "big")
    return value if isinstance(value, int) else None


def _outside(bounds: Bounds) -> Bounds:
    """What lies in none of the bounds."""
    left = []
    least = -ENDLESS
    for low, high in sorted(bounds):
        if low > least:
            left.append((least, low - 1))
        least = max(least, high + 1)
    return (*left, (least, ENDLESS)) if least <= ENDLESS else tuple(left)


Headers = Iterable[type[Header]]


def _headers_of_test(test: Test) -> Headers | None:
    """The headers of which one has to be there for the test to be true; None: it may be anyhow."""
    match test:
        case Compare(_, left, right) | Contains(left, right):
            found = _headers_of(left)
            return found if found is not None else _headers_of(right)
        case Present(operand) | NotZero(operand) | Among(operand) | Matches(operand):
            return _headers_of(operand)
    return None


def _headers_of(operand: Operand) -> Headers | None:
    """The headers of which one has to be there for the operand to have values."""
    match operand:
        case FieldValues():
            return [source.header for source in operand.sources]
        case Layer() | Carried():
            return operand.headers
        case Slice(inner) | Negative(inner):
            return _headers_of(inner)
        case Arithmetic(_, left, right):
            found = _headers_of(left)
            return found if found is not None else _headers_of(right)
        case Call(_, arguments):
            every = [_headers_of(argument) for argument in arguments]
            if any(headers is None for headers in every):
                return None
            return [header for headers in every for header in headers or ()]
    return None
