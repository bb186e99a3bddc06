"""Regular expressions in Perl's syntax: from text to a tree."""

from __future__ import annotations

import string
from typing import NoReturn

from rawlab.filter.regex import (
    ALL,
    EMPTY,
    KINDS,
    NEWLINE,
    POSIX,
    Assertion,
    Choice,
    Group,
    Node,
    Octet,
    Repeat,
    Sequence,
    Special,
    both_cases,
)

MOST_REPEATS = 1000
DEEPEST = 50
_PLAIN = {"n": 10, "r": 13, "t": 9, "f": 12, "a": 7, "e": 27}
_PLACES: dict[str, Assertion] = {
    "A": Assertion("start"), "Z": Assertion("end"), "z": Assertion("very end"),
    "b": Assertion("word"), "B": Assertion("no word"),
}


def parse(pattern: bytes) -> Node:
    """The tree of a pattern, in which letters match in both cases; ValueError."""
    return Parser(pattern.decode("latin-1")).parse()


class Parser:
    """Reads one pattern."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.flags = frozenset("i")
        self.groups = 0
        self.depth = 0

    def parse(self) -> Node:
        """The whole pattern."""
        tree = self._choice()
        if self.at < len(self.text):
            self._wrong("a ) too many")
        return tree

    def _wrong(self, reason: str) -> NoReturn:
        raise ValueError(f"{reason}, at character {self.at + 1} of the regular expression")

    def _take(self, wanted: str) -> bool:
        if self.text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def _next(self) -> str:
        if self.at >= len(self.text):
            self._wrong("it ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def _choice(self) -> Node:
        flags = self.flags
        self.depth += 1
        if self.depth > DEEPEST:
            self._wrong(f"groups nested deeper than {DEEPEST}")
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        self.flags = flags
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            items.append(self._repeated(self._atom()))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _repeated(self, item: Node) -> Node:
        while self.at < len(self.text):
            if self._take("*"):
                least, most = 0, None
            elif self._take("+"):
                least, most = 1, None
            elif self._take("?"):
                least, most = 0, 1
            else:
                counts = self._counts()
                if counts is None:
                    return item
                least, most = counts
            if isinstance(item, Repeat | Assertion):
                self._wrong("nothing that can be repeated stands before")
            how = "?" if self._take("?") else "+" if self._take("+") else ""
            item = Repeat(item, least, most, how)
        return item

    def _counts(self) -> tuple[int, int | None] | None:
        """`{2}`, `{2,}`, `{2,5}` or `{,5}`; None where a brace stands for itself."""
        end = self.text.find("}", self.at)
        if not self.text.startswith("{", self.at) or end < 0:
            return None
        first, comma, last = self.text[self.at + 1 : end].partition(",")
        if not (first.isdecimal() or (not first and last)) or not (last.isdecimal() or not last):
            return None
        least = int(first or 0)
        most = least if not comma else int(last) if last else None
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            self._wrong(f"a repetition is of at most {MOST_REPEATS}, in rising order")
        self.at = end + 1
        return least, most

    def _set(self, chosen: int) -> Node:
        return Octet(both_cases(chosen) if "i" in self.flags else chosen)

    def _atom(self) -> Node:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        if character == ".":
            return Octet(ALL if "s" in self.flags else ALL & ~(1 << NEWLINE))
        if character == "^":
            return Assertion("line start" if "m" in self.flags else "start")
        if character == "$":
            return Assertion("line end" if "m" in self.flags else "end")
        if character in "*+?":
            self.at -= 1
            self._wrong("nothing to repeat")
        return self._set(1 << ord(character))

    def _group(self) -> Node:
        flags = self.flags
        make = "group"
        if self._take("?"):
            make = self._kind_of_group()
        if make == "flags":
            return EMPTY
        if make == "group":
            self.groups += 1
        item = self._choice()
        if not self._take(")"):
            self._wrong("a ( without its )")
        self.flags = flags
        if make == "group":
            return Group(item)
        return Special(make, item) if make else item

    def _kind_of_group(self) -> str:
        """What follows `(?`: "" for a plain group, "flags", "group", or a kind of Special."""
        for what in ("=", "!", "<=", "<!", ">"):
            if self._take(what):
                return what
        if self._take(":"):
            return ""
        if self._take("P<") or self._take("<"):
            while self._next() != ">":
                pass
            return "group"
        if self._take("#"):
            while self._next() != ")":
                pass
            return "flags"
        on = True
        while (flag := self._next()) not in ":)":
            if flag == "-":
                on = False
            elif flag in "ism":
                self.flags = self.flags | {flag} if on else self.flags - {flag}
            else:
                self.at -= 1
                self._wrong(f"(?{flag} is not supported")
        return "" if flag == ":" else "flags"

    def _escape(self) -> Node:
        character = self._next()
        if character in _PLACES:
            return _PLACES[character]
        if character.isdecimal() and character != "0":
            if int(character) > self.groups:
                self._wrong("there is no such group before")
            return Special(character + "i" * ("i" in self.flags), EMPTY)
        return self._set(self._escaped(character))

    def _escaped(self, character: str) -> int:
        """The set that an escape means, inside a class or out of it."""
        if character.lower() in KINDS:
            kind = KINDS[character.lower()]
            return kind if character.islower() else ALL & ~kind
        if character == "N":
            return ALL & ~(1 << NEWLINE)
        if character in _PLAIN:
            return 1 << _PLAIN[character]
        if character == "x":
            return 1 << self._hexadecimal()
        if character == "0":
            digits = ""
            while len(digits) < 2 and self.at < len(self.text) and self.text[self.at] in "01234567":
                digits += self._next()
            return 1 << int(digits or "0", 8)
        if character.isalnum():
            self._wrong(f"\\{character} is not supported")
        return 1 << ord(character)

    def _hexadecimal(self) -> int:
        digits = ""
        if self._take("{"):
            while (digit := self._next()) != "}":
                digits += digit
        else:
            while (len(digits) < 2 and self.at < len(self.text)
                   and self.text[self.at] in string.hexdigits):
                digits += self._next()
        if not all(digit in string.hexdigits for digit in digits) or int(digits or "0", 16) > 255:
            self._wrong("\\x takes an octet in hexadecimal")
        return int(digits or "0", 16)

    def _class(self) -> Node:
        inverted = self._take("^")
        chosen, first = 0, True
        while first or not self._take("]"):
            first = False
            low = self._member()
            single = low & (low - 1) == 0
            if single and self.text.startswith("-", self.at) and self.text[
                    self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._member()
                if high & (high - 1) or high < low:
                    self._wrong("a range that is none")
                low = (high << 1) - low
            chosen |= low
        if "i" in self.flags:
            chosen = both_cases(chosen)
        return Octet(ALL & ~chosen if inverted else chosen)

    def _member(self) -> int:
        if self._take("[:"):
            end = self.text.find(":]", self.at)
            name = self.text[self.at : end] if end >= 0 else ""
            kind = POSIX.get(name.removeprefix("^"))
            if kind is None:
                self._wrong("an unknown class in [: :]")
            self.at = end + 2
            return ALL & ~kind if name.startswith("^") else kind
        character = self._next()
        if character != "\\":
            return 1 << ord(character)
        character = self._next()
        return 1 << 8 if character == "b" else self._escaped(character)
