"""From a typed tree to a function that says of a packet whether it matches."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from rawlab.filter import tree as t
from rawlab.filter.functions import text_octets
from rawlab.filter.history import History
from rawlab.filter.layers import Reader
from rawlab.filter.pattern import compile_pattern
from rawlab.filter.reading import reader, wide_reader

Predicate = Callable[[Any], bool]
"""Whether a packet matches."""
Each = Callable[[Any], bool]
"""Whether one value meets a condition."""
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}


def predicate(test: t.Test, history: History) -> Predicate:
    """The function that a test is."""
    if isinstance(test, t.And | t.Or):
        return _joined(test, [predicate(part, history) for part in test.tests])
    if isinstance(test, t.Not):
        inner = predicate(test.test, history)
        return lambda packet: not inner(packet)
    if isinstance(test, t.Present):
        return _present(test.operand, history)
    if isinstance(test, t.NotZero):
        return _quantified(reader(test.operand, history), _is_not_zero, False)
    if isinstance(test, t.Compare):
        return _compared(test, history)
    if isinstance(test, t.Among):
        return _quantified(reader(test.operand, history), _within(test.ranges), test.every)
    if isinstance(test, t.Contains):
        return _contained(test, history)
    if isinstance(test, t.Matches):
        return _matched(test, history)
    return lambda packet: True


def _joined(test: t.And | t.Or, parts: list[Predicate]) -> Predicate:
    if len(parts) == 2:
        first, second = parts
        if isinstance(test, t.And):
            return lambda packet: first(packet) and second(packet)
        return lambda packet: first(packet) or second(packet)
    if isinstance(test, t.And):

        def conjunction(packet: Any) -> bool:
            for part in parts:
                if not part(packet):
                    return False
            return True

        return conjunction

    def disjunction(packet: Any) -> bool:
        for part in parts:
            if part(packet):
                return True
        return False

    return disjunction


def _present(operand: t.Operand, history: History) -> Predicate:
    if isinstance(operand, t.Frame):
        return lambda packet: True
    if isinstance(operand, t.Layer) and not operand.layers:
        kinds = frozenset(operand.headers)
        return lambda packet: bool(packet._every(kinds))
    read = reader(operand, history)
    return lambda packet: bool(read(packet))


def _quantified(read: Reader, meets: Each, every: bool) -> Predicate:
    """Whether some value meets a condition, or each of them, of which there is one at least."""
    if every:

        def test_all(packet: Any) -> bool:
            values = read(packet)
            for value in values:
                if not meets(value):
                    return False
            return bool(values)

        return test_all

    def test_any(packet: Any) -> bool:
        for value in read(packet):
            if meets(value):
                return True
        return False

    return test_any


def _is_not_zero(value: Any) -> bool:
    return any(value) if isinstance(value, bytes) else value != 0


def _compared(test: t.Compare, history: History) -> Predicate:
    read = reader(test.left, history)
    if isinstance(test.right, t.Constant):
        return _quantified(read, against(test.op, test.right), test.every)
    compare, every = OPERATORS[test.op], test.every
    other = reader(test.right, history)

    def of_pairs(packet: Any) -> bool:
        left, right = read(packet), other(packet)
        found = (compare(a, b) for a in left for b in right)
        return bool(left) and bool(right) and all(found) if every else any(found)

    return of_pairs


def against(op: str, constant: t.Constant) -> Each:
    """The comparison of a value with a constant, which may be a network."""
    low, high = constant.low, constant.high
    if low != high and op in ("==", "!="):
        if op == "==":
            return lambda value: low <= value <= high
        return lambda value: not low <= value <= high
    bound = high if op in ("<=", ">") else low
    tests: dict[str, Each] = {
        "==": lambda value: bool(value == bound), "!=": lambda value: bool(value != bound),
        "<": lambda value: bool(value < bound), "<=": lambda value: bool(value <= bound),
        ">": lambda value: bool(value > bound), ">=": lambda value: bool(value >= bound),
    }
    return tests[op]


def _within(ranges: tuple[t.Range, ...]) -> Each:
    single = frozenset(low for low, high in ranges if low == high)
    wide: list[Any] = [(low, high) for low, high in ranges if low != high]
    if not wide:
        return single.__contains__

    def within(value: Any) -> bool:
        if value in single:
            return True
        for low, high in wide:
            if low <= value <= high:
                return True
        return False

    return within


def _contained(test: t.Contains, history: History) -> Predicate:
    read = wide_reader(test.operand, history)
    if isinstance(test.part, t.Constant):
        part: Any = test.part.low
        return _quantified(read, lambda value: part in value, test.every)
    parts = wide_reader(test.part, history)

    def of_pairs(packet: Any) -> bool:
        values, inside = read(packet), parts(packet)
        found = (b in a for a in values for b in inside)
        return bool(values) and bool(inside) and all(found) if test.every else any(found)

    return of_pairs


def _matched(test: t.Matches, history: History) -> Predicate:
    search = compile_pattern(test.pattern)
    read = wide_reader(test.operand, history)
    if test.operand.sort is t.Sort.TEXT:
        return _quantified(read, lambda value: search(text_octets(value)), test.every)
    return _quantified(read, search, test.every)
