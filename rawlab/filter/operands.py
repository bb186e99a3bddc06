"""From words to operands: fields, constants, slices, arithmetic and functions, with their types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rawlab.filter import tree as t
from rawlab.filter.error import FilterError
from rawlab.filter.literal import Literal, Unfit, convert
from rawlab.filter.mistaken import advice
from rawlab.filter.names import Ambiguous, Names, bits_of, plain
from rawlab.filter.parts import parse_parts
from rawlab.filter.tree import Sort

Words = Any
"""A node of the tree of words: lark's Tree."""
DEEPEST = 100
"""Brackets, signs, negations and functions within each other."""
INTEGERS = (Sort.NUMBER, Sort.BOOLEAN)
MASKED = (*INTEGERS, Sort.MAC, Sort.IPV4, Sort.OCTETS)
SLICED = (Sort.OCTETS, Sort.PROTOCOL, Sort.TEXT, Sort.MAC, Sort.IPV4, Sort.IPV6)
NAMEABLE = re.compile(r"\.?[A-Za-z][\w.\-]*")
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


def place_of(node: Words) -> tuple[int, int]:
    """Where a node stands in the filter: first character, and how many."""
    meta = node.meta
    return meta.start_pos, max(1, meta.end_pos - meta.start_pos)


def word_of(node: Words) -> str:
    """The word that a node is, or "this" for what is more than a word."""
    return str(node.children[0]) if node.data == "word" else "this"


class Operands:
    """Resolves the operands of one filter."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.names = names
        self.depth = 0

    @contextmanager
    def deeper(self, node: Words) -> Iterator[None]:
        """Inside the block the tree is one level deeper; FilterError beyond the bound."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong(node, f"nested deeper than {DEEPEST}")
        yield
        self.depth -= 1

    def wrong(self, node: Words, reason: str) -> FilterError:
        """A complaint about a node."""
        start, length = place_of(node)
        return FilterError(reason, self.text, start, length)

    # Names.

    def named(self, node: Words) -> t.Operand | None:
        """What a word means, if it is a name."""
        word = str(node.children[0])
        try:
            found = self.names.find(word)
        except Ambiguous as error:
            raise self.wrong(node, str(error)) from None
        if found is None and word.startswith("."):
            found = self.names.find(word[1:])
        return found

    def is_loose(self, node: Words) -> bool:
        """Whether a node consists of constants only, so that its sort is that of the other side."""
        kind = node.data
        if kind == "word":
            return self.named(node) is None
        if kind in ("string", "character"):
            return True
        if kind in ("sign", "sum", "product", "masked"):
            return all(self.is_loose(child) for child in node.children if not is_token(child))
        return False

    def is_value_name(self, node: Words, other: t.Operand) -> bool:
        """Whether a word names a value of `other`, as in `ip.proto == tcp`."""
        return node.data == "word" and plain(str(node.children[0])) in self.names.numbers(other)

    def unknown(self, *nodes: Words) -> FilterError:
        """A complaint about constants where a field has to stand, or a name that means nothing."""
        words = [node for node in nodes if node.data == "word"]
        named = [node for node in words if NAMEABLE.fullmatch(str(node.children[0]))]
        if not named:
            return self.wrong(nodes[0], "a field has to stand on one side at least")
        word = str(named[0].children[0])
        return self.wrong(named[0], f"no field or protocol is called {word!r}{self.hint(word)}")

    def hint(self, word: str) -> str:
        """What may have been meant by a word."""
        told = advice(self.text, word)
        if told:
            return told
        for sign in "-/":
            name, found, rest = word.partition(sign)
            if found and self.names.find(name) is not None:
                return f"; with blanks it is arithmetic: {name} {sign} {rest}"
        near = self.names.near(word)
        return f"; near it: {', '.join(near)}" if near else ""

    # Operands.

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
        from dataclasses import replace

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

    # Constants.

    def constant(self, node: Words, other: t.Operand, bounded: bool = False) -> t.Constant:
        """The constant that a node means beside `other`; `bounded`: too large for it is wrong."""
        try:
            found = self._constant(node, other)
        except Unfit as error:
            word = str(node.children[0]) if node.data == "word" else ""
            told = self.hint(word) if NAMEABLE.fullmatch(word) else ""
            raise self.wrong(node, f"{error}{told}") from None
        bits = bits_of(other) if bounded else 0
        if bits and isinstance(found.high, int) and found.high >> bits > 0:
            raise self.wrong(node, f"{found.high} is too large: the field has {bits} bits, at most"
                             f" {(1 << bits) - 1}")
        return found

    def _constant(self, node: Words, other: t.Operand) -> t.Constant:
        kind, sort = node.data, other.sort
        if kind in ("word", "string", "character"):
            return self._literal(node, sort, other)
        if sort not in (*INTEGERS, Sort.TIME):
            raise Unfit(f"arithmetic gives a number, not {sort.value}")
        with self.deeper(node):
            if kind == "sign":
                value = self._whole(node.children[1], other)
                value = -value if node.children[0] == "-" else value
            else:
                value = self._folded(node, other)
        return t.Constant(sort, value, value)

    def _whole(self, node: Words, other: t.Operand) -> int:
        found = self._constant(node, other).low
        assert isinstance(found, int)
        return found

    def _folded(self, node: Words, other: t.Operand) -> int:
        """The value of arithmetic between constants."""
        if node.data == "masked":
            parts = [part for child in node.children for part in ("&", child)][1:]
        else:
            parts = list(node.children)
        value = self._whole(parts[0], other)
        for op, child in zip(parts[1::2], parts[2::2], strict=True):
            found = calculate(str(op), value, self._whole(child, other))
            if found is None:
                raise Unfit("a division by zero")
            value = found
        return value

    def _literal(self, node: Words, sort: Sort, other: t.Operand) -> t.Constant:
        literal = literal_of(node)
        names = self.names.numbers(other) if literal.quote in ("", '"') else {}
        if plain(literal.text) in names and not literal.text[:1].isdecimal():
            value = names[plain(literal.text)]
            return t.Constant(sort, value, value)
        try:
            return convert(literal, sort, describe(other))
        except Unfit:
            if names and not literal.text[:1].isdecimal() and "." not in literal.text:
                known = sorted(names)
                import difflib

                near = difflib.get_close_matches(plain(literal.text), known, 3) or known[:5]
                raise Unfit(f"{literal.text!r} is no number and no value of {describe(other)};"
                            f" there are {', '.join(near)}, ...") from None
            raise

    def pattern(self, node: Words) -> bytes:
        """The octets of a quoted regular expression."""
        try:
            return literal_of(node).octets()
        except Unfit as error:
            raise self.wrong(node, str(error)) from None

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


def is_token(node: Words) -> bool:
    """Whether a child of a node is a token."""
    return isinstance(node, str)


def literal_of(node: Words) -> Literal:
    """A constant as it was written."""
    word = str(node.children[0])
    if node.data == "word":
        return Literal(word)
    quote = word[: word.index(word[-1]) + 1]
    return Literal(word[len(quote) : -1], quote)


def describe(operand: t.Operand) -> str:
    """An operand's name, for complaints."""
    return getattr(operand, "name", "") or "the other side"


def calculate(op: str, left: int, right: int) -> int | None:
    """Arithmetic as Wireshark's: division truncates; None for a division by zero."""
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if op == "&":
        return left & right
    if right == 0:
        return None
    quotient = abs(left) // abs(right)
    if (left < 0) != (right < 0):
        quotient = -quotient
    return quotient if op == "/" else left - quotient * right


