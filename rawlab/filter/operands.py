"""From words to operands: fields, constants, slices, arithmetic and functions, with their types."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rawlab.filter import tree as t
from rawlab.filter.constants import INTEGERS, NAMEABLE, Constants, Words, word_of
from rawlab.filter.parts import parse_parts
from rawlab.filter.tree import Sort

MASKED = (*INTEGERS, Sort.MAC, Sort.IPV4, Sort.OCTETS)
SLICED = (Sort.OCTETS, Sort.PROTOCOL, Sort.TEXT, Sort.MAC, Sort.IPV4, Sort.IPV6)
FUNCTIONS: dict[str, tuple[tuple[Sort, ...], Sort | None, str]] = {
    "len": (tuple(Sort), Sort.NUMBER, "a field"),
    "count": (tuple(Sort), Sort.NUMBER, "a field"),
    "upper": ((Sort.TEXT,), Sort.TEXT, "text"),
    "lower": ((Sort.TEXT,), Sort.TEXT, "text"),
    "string": ((*INTEGERS, Sort.MAC, Sort.IPV4, Sort.IPV6, Sort.TIME), Sort.TEXT,
               "a number or an address"),
    "abs": ((Sort.NUMBER, Sort.TIME), None, "a number"),
    "max": (tuple(Sort), None, "fields of one kind"),
    "min": (tuple(Sort), None, "fields of one kind"),
}
"""The sorts that a function takes, what it gives (None: the same), and how to say it."""


class Operands(Constants):
    """Resolves the operands of one filter."""

    def operand(self, node: Words) -> t.Operand:
        """The operand that a node is. Raises FilterError."""
        with self.deeper(node):
            kind = str(node.data)
            made = getattr(self, f"_{kind}", None)
            if made is None:
                raise self.wrong(node, "a test is true or false, and has no value")
            result: t.Operand = made(node)
            return result

    def _word(self, node: Words) -> t.Operand:
        found = self.named(node)
        if found is None:
            word = str(node.children[0])
            if NAMEABLE.fullmatch(word):
                raise self.unknown(node)
            raise self.wrong(node, f"{word!r} is neither a field nor a protocol")
        return found

    def _string(self, node: Words) -> t.Operand:
        raise self.wrong(node, "a constant stands where a field is needed")

    _character = _string

    def _reference(self, node: Words) -> t.Operand:
        raise self.wrong(node, "references (${...}) mean the packet that is selected in a window;"
                         " there is none here")

    def _sign(self, node: Words) -> t.Operand:
        sign, inner = node.children
        operand = self.operand(inner)
        if operand.sort not in (Sort.NUMBER, Sort.TIME):
            raise self.wrong(inner, f"{word_of(inner)} is {operand.sort.value}, not a number")
        return t.Negative(operand, operand.sort) if sign == "-" else operand

    def _slice(self, node: Words) -> t.Operand:
        inner, written = node.children
        operand = self.operand(inner)
        if operand.sort not in SLICED:
            raise self.wrong(inner, f"{word_of(inner)} is a {operand.sort.value} and is not sliced"
                             " into octets; & masks its bits")
        return t.Slice(operand, self.parts(node, str(written)[1:-1]))

    def _layer(self, node: Words) -> t.Operand:
        inner, written = node.children
        operand = self.operand(inner)
        if not isinstance(operand, t.FieldValues | t.Layer | t.Carried):
            raise self.wrong(inner, "only a field or protocol is looked for in some layers (#)")
        layers = self.parts(node, str(written)[1:].strip().removeprefix("[").removesuffix("]"))
        if any(part.start == 0 for part in layers):
            raise self.wrong(node, "layers are counted from 1")
        return replace(operand, layers=layers)

    def parts(self, node: Words, written: str) -> tuple[t.Part, ...]:
        """The parts of a slice."""
        try:
            return parse_parts(written)
        except ValueError as error:
            raise self.wrong(node, str(error)) from None

    def _sum(self, node: Words) -> t.Operand:
        first, *rest = node.children
        result = first
        for sign, other in zip(rest[::2], rest[1::2], strict=True):
            result = self.arithmetic(str(sign), result, other, node)
        found: t.Operand = result
        return found

    _product = _sum

    def _masked(self, node: Words) -> t.Operand:
        result = node.children[0]
        for other in node.children[1:]:
            result = self.arithmetic("&", result, other, node)
        found: t.Operand = result
        return found

    def arithmetic(self, op: Any, left: Any, right: Words, node: Words) -> t.Operand:
        """`left op right`; `left` is a node, or an operand that is made already."""
        allowed = MASKED if op == "&" else (Sort.NUMBER, Sort.TIME)

        def checked(operand: t.Operand) -> t.Operand:
            if operand.sort not in allowed:
                raise self.wrong(node, f"{op} is not for values that are {operand.sort.value}")
            return operand

        made = isinstance(left, t.Operand)
        if not made and self.is_loose(left):
            second = checked(self.operand(right))
            first: t.Operand = self.constant(left, second)
        else:
            first = checked(left if made else self.operand(left))
            loose = self.is_loose(right)
            second = self.constant(right, first) if loose else checked(self.operand(right))
        if first.sort is not second.sort and {first.sort, second.sort} - set(INTEGERS):
            raise self.wrong(node, f"{first.sort.value} {op} {second.sort.value} means nothing")
        sort = Sort.NUMBER if first.sort in INTEGERS else first.sort
        return t.Arithmetic(op, first, second, sort)

    def _call(self, node: Words) -> t.Operand:
        function, *given = node.children
        name: Any = str(function)
        if name not in FUNCTIONS:
            raise self.wrong(node, f"no function is called {name!r}; there are"
                             f" {', '.join(FUNCTIONS)}")
        taken, gives, told = FUNCTIONS[name]
        if not given or (len(given) > 1 and name not in ("max", "min")):
            raise self.wrong(node, f"{name}() takes {told}")
        first = next((child for child in given if not self.is_loose(child)), None)
        if first is None:
            raise self.wrong(node, f"{name}() takes {told}, not only constants")
        example = self.operand(first)
        arguments = tuple(
            self.constant(child, example) if self.is_loose(child) else self.operand(child)
            for child in given)
        for child, argument in zip(given, arguments, strict=True):
            if argument.sort not in taken or argument.sort is not example.sort:
                raise self.wrong(child, f"{name}() takes {told}, and {word_of(child)} is"
                                 f" {argument.sort.value}")
        return t.Call(name, arguments, gives or example.sort)

    # Making two operands comparable.

    def comparable(
        self, left: t.Operand, right: t.Operand, first: Words, second: Words
    ) -> tuple[t.Operand, t.Operand]:
        """Two operands whose values have the same form. Raises FilterError."""
        sorts = {left.sort, right.sort}
        if len(sorts) == 1 or sorts == set(INTEGERS):
            return left, right
        if sorts & {Sort.OCTETS, Sort.PROTOCOL} and sorts <= set(SLICED):
            return self.as_octets(left), self.as_octets(right)
        raise self.wrong(second, f"{word_of(first)} ({left.sort.value}) and {word_of(second)}"
                         f" ({right.sort.value}) cannot be compared")

    def as_octets(self, operand: t.Operand) -> t.Operand:
        """An operand whose values are octets."""
        if operand.sort in (Sort.OCTETS, Sort.PROTOCOL):
            return operand
        return t.Slice(operand, (t.Part(0),))
