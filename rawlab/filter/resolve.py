"""From a tree of words to a typed tree of tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rawlab.filter import tree as t
from rawlab.filter.constants import Words, place_of, word_of
from rawlab.filter.error import FilterError
from rawlab.filter.mistaken import advice
from rawlab.filter.operands import Operands
from rawlab.filter.pattern import compile_pattern
from rawlab.filter.tree import Sort

if TYPE_CHECKING:
    from typing import Literal

    from rawlab.filter.names import Names

    Comparison = Literal["==", "!=", "<", "<=", ">", ">="]

COMPARISONS: dict[str, tuple[Comparison, bool]] = {
    "==": ("==", False), "eq": ("==", False), "any_eq": ("==", False),
    "===": ("==", True), "all_eq": ("==", True),
    "!=": ("!=", True), "ne": ("!=", True), "all_ne": ("!=", True),
    "!==": ("!=", False), "~=": ("!=", False), "any_ne": ("!=", False),
    "<": ("<", False), "lt": ("<", False), "<=": ("<=", False), "le": ("<=", False),
    ">": (">", False), "gt": (">", False), ">=": (">=", False), "ge": (">=", False),
}
"""How each operator compares, and whether all values have to."""
MIRRORED: dict[Comparison, Comparison] = {
    "==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
TESTS = frozenset("either exclusive both negation comparison quantified relation not_in"
                  " quantified_in quantified_not_in".split())
"""Kinds of nodes that are true or false, and have no value."""


class Resolver:
    """Resolves the tree of one filter."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.operands = Operands(text, names)

    def test(self, node: Words) -> t.Test:
        """The test that a node is. Raises FilterError."""
        with self.operands.deeper(node):
            kind = str(node.data)
            if kind in ("either", "both"):
                tests = tuple(self.test(child) for child in children(node))
                return t.Or(tests) if kind == "either" else t.And(tests)
            if kind == "exclusive":
                return self._exclusive([self.test(child) for child in children(node)])
            if kind == "negation":
                return negated(self.test(children(node)[0]))
            if kind in ("comparison", "quantified"):
                return self._chain(node)
            if kind in TESTS:
                return self._membership(node, kind)
            return self._presence(node)

    def _exclusive(self, tests: list[t.Test]) -> t.Test:
        result = tests[0]
        for other in tests[1:]:
            result = t.And((t.Or((result, other)), t.Not(t.And((result, other)))))
        return result

    def _presence(self, node: Words) -> t.Test:
        operand = self.operands.operand(node)
        if isinstance(operand, t.Constant):
            raise self._wrong(node, "a constant alone is no test")
        if isinstance(operand, t.Arithmetic | t.Negative):
            return t.NotZero(operand)
        return t.Present(operand)

    # Comparisons.

    def _chain(self, node: Words) -> t.Test:
        """`a < b < c` says a < b and b < c."""
        parts = list(node.children)
        every = None
        if node.data == "quantified":
            every = str(parts.pop(0)) == "all"
        tests = []
        for left, op, right in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            self._only_values(left, right)
            tests.append(self._relation(left, str(op), right, every))
        return tests[0] if len(tests) == 1 else t.And(tuple(tests))

    def _only_values(self, *nodes: Words) -> None:
        for node in nodes:
            if node.data in TESTS:
                raise self._wrong(node, "a test is true or false, and has no value to compare")

    def _relation(self, left: Words, op: str, right: Words, every: bool | None) -> t.Test:
        if op == "contains":
            return self._contains(left, right, bool(every))
        if op in ("matches", "~"):
            return self._matches(left, right, bool(every))
        comparison, all_of = COMPARISONS[op]
        found, other, mirrored = self._pair(left, right)
        if mirrored:
            comparison = MIRRORED[comparison]
        return t.Compare(comparison, found, other, all_of if every is None else every)

    def _pair(self, left: Words, right: Words) -> tuple[t.Operand, t.Operand, bool]:
        """Both sides, made comparable, and whether they have changed places."""
        operands = self.operands
        if operands.is_loose(left) and operands.is_loose(right):
            raise operands.unknown(left, right)
        if operands.is_loose(left):
            found, other, _ = self._pair(right, left)
            return found, other, True
        found = operands.operand(left)
        if operands.is_loose(right) or operands.is_value_name(right, found):
            return found, operands.constant(right, found, bounded=True), False
        return *operands.comparable(found, operands.operand(right), left, right), False

    def _contains(self, left: Words, right: Words, every: bool) -> t.Test:
        operands = self.operands
        found = operands.operand(left)
        if found.sort is Sort.MAC:
            found = operands.as_octets(found)
        if found.sort not in (Sort.TEXT, Sort.OCTETS, Sort.PROTOCOL):
            raise self._wrong(left, f"{word_of(left)} is {a(found.sort)}, and contains is for text"
                              " and octets; string(...) makes text of it")
        if operands.is_loose(right):
            return t.Contains(found, operands.constant(right, found), every)
        part = operands.operand(right)
        if found.sort is not Sort.TEXT or part.sort is not Sort.TEXT:
            if part.sort in (Sort.NUMBER, Sort.BOOLEAN, Sort.TIME):
                raise self._wrong(right, f"{word_of(right)} is {a(part.sort)}, not octets")
            found, part = operands.as_octets(found), operands.as_octets(part)
        return t.Contains(found, part, every)

    def _matches(self, left: Words, right: Words, every: bool) -> t.Test:
        found = self.operands.operand(left)
        if found.sort not in (Sort.TEXT, Sort.OCTETS, Sort.PROTOCOL):
            raise self._wrong(left, f"{word_of(left)} is {a(found.sort)}, and matches is for text;"
                              f" say string({word_of(left)}) matches ...")
        if right.data != "string":
            raise self._wrong(right, 'a regular expression stands in double quotes, r"..."')
        pattern = self.operands.pattern(right)
        try:
            compile_pattern(pattern)
        except ValueError as error:
            raise self._wrong(right, str(error)) from None
        return t.Matches(found, pattern, every)

    # Sets.

    def _membership(self, node: Words, kind: str) -> t.Test:
        parts = list(node.children)
        every = kind.startswith("quantified") and str(parts.pop(0)) == "all"
        self._only_values(parts[0])
        if kind.endswith("not_in"):  # as Wireshark: no value is in the set, also after any
            return negated(self._among(parts[0], children(parts[1]), every=False))
        return self._among(parts[0], children(parts[1]), every)

    def _among(self, node: Words, members: list[Words], every: bool) -> t.Test:
        operands = self.operands
        found = operands.operand(node)
        if isinstance(found, t.Constant):
            raise self._wrong(node, "a field stands before in")
        ranges: list[t.Range] = []
        others: list[t.Test] = []
        for member in members:
            ends = children(member)
            if len(ends) == 1 and not operands.is_loose(ends[0]) and not operands.is_value_name(
                    ends[0], found):
                same = operands.comparable(found, operands.operand(ends[0]), node, ends[0])
                others.append(t.Compare("==", *same, every))
                continue
            for end in ends:
                if not operands.is_loose(end) and not operands.is_value_name(end, found):
                    raise self._wrong(end, "a range goes from one constant to another")
            first, last = (operands.constant(end, found, bounded=True)
                           for end in (ends[0], ends[-1]))
            if first.low > last.high:  # type: ignore[operator]
                raise self._wrong(ends[0], "the range begins after its end")
            ranges.append((first.low, last.high))
        if not others:
            return t.Among(found, tuple(ranges), every)
        if every:
            raise self._wrong(node, "all goes with a set of constants only")
        return t.Or((t.Among(found, tuple(ranges)), *others))

    def _wrong(self, node: Words, reason: str) -> FilterError:
        start, length = place_of(node)
        return FilterError(reason + advice(self.text, ""), self.text, start, length)


def children(node: Words) -> list[Words]:
    """The nodes below a node, which are no tokens."""
    return [child for child in node.children if not isinstance(child, str)]


def negated(test: t.Test) -> t.Test:
    """The opposite of a test."""
    return test.test if isinstance(test, t.Not) else t.Not(test)


def a(sort: Sort) -> str:
    """A sort with its article."""
    plural = sort in (Sort.OCTETS, Sort.TEXT)
    article = "an" if sort is Sort.IPV4 or sort is Sort.IPV6 else "a"
    return sort.value if plural else f"{article} {sort.value}"


def is_in_order(tests: Sequence[object]) -> bool:
    """Whether any part of the tests looks at packets before."""
    from dataclasses import fields, is_dataclass

    pending = list(tests)
    while pending:
        node = pending.pop()
        if isinstance(node, t.FrameField) and node.name in t.IN_ORDER:
            return True
        if isinstance(node, tuple) and not hasattr(node, "header"):
            pending.extend(node)
        elif is_dataclass(node):
            pending.extend(getattr(node, field.name) for field in fields(node))
    return False
