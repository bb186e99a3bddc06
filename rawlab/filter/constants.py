"""Names and constants of a filter: what a word means, by itself and beside a field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rawlab.filter import tree as t
from rawlab.filter.arithmetic import calculate
from rawlab.filter.error import FilterError
from rawlab.filter.literal import Literal, Unfit, convert
from rawlab.filter.mistaken import advice
from rawlab.filter.names import Ambiguous, Names, bits_of, plain
from rawlab.filter.tree import Sort

Words = Any
"""A node of the tree of words: lark's Tree."""
DEEPEST = 100
"""Brackets, signs, negations and functions within each other."""
INTEGERS = (Sort.NUMBER, Sort.BOOLEAN)
NAMEABLE = re.compile(r"\.?[A-Za-z][\w.\-]*")


def place_of(node: Words) -> tuple[int, int]:
    """Where a node stands in the filter: first character, and how many."""
    meta = node.meta
    return meta.start_pos, max(1, meta.end_pos - meta.start_pos)


def word_of(node: Words) -> str:
    """The word that a node is, or "this" for what is more than a word."""
    return str(node.children[0]) if node.data == "word" else "this"


class Constants:
    """Resolves names and constants of one filter."""

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
        if word != word.lower() and self.names.find(word.lower()) is not None:
            return f"; did you mean {word.lower()!r}?"
        near = self.names.near(word)
        return f"; near it: {', '.join(near)}" if near else ""

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
                near = difflib.get_close_matches(plain(literal.text), known, 3) or known[:5]
                more = " and others" if len(near) < len(known) else ""
                raise Unfit(f"{literal.text!r} is no number, and no value of {describe(other)} that"
                            f" has a name; there are {', '.join(near)}{more}") from None
            raise

    def pattern(self, node: Words) -> bytes:
        """The octets of a quoted regular expression."""
        try:
            return literal_of(node).octets()
        except Unfit as error:
            raise self.wrong(node, str(error)) from None


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
