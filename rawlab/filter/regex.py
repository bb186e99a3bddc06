"""Regular expressions over octets, as trees."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Literal

ALL = (1 << 256) - 1
NEWLINE = 10


@dataclass(frozen=True)
class Octet:
    """One octet, of a set: bit i of `among` stands for octet i."""

    among: int


@dataclass(frozen=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of these."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """At least and at most so often (None: without end). `how`: "" greedy, "?" lazy, "+" keeps."""

    item: Node
    least: int
    most: int | None
    how: str = ""


@dataclass(frozen=True)
class Assertion:
    """A place: "start", "end" (also before a last newline), "very end", "word", "no word";
    "line start" and "line end".
    """

    what: Literal["start", "end", "very end", "word", "no word", "line start", "line end"]


@dataclass(frozen=True)
class Group:
    """A group whose match is remembered."""

    item: Node


@dataclass(frozen=True)
class Special:
    """What only backtracking can find: "=", "!", "<=", "<!" (looking around), ">" (atomic), or
    a number (the same as that group matched; with an i, in either case).
    """

    what: str
    item: Node


Node = Octet | Sequence | Choice | Repeat | Assertion | Group | Special
EMPTY = Sequence(())


def among(characters: str | bytes) -> int:
    """The set of some octets."""
    octets = characters.encode("latin-1") if isinstance(characters, str) else characters
    result = 0
    for octet in octets:
        result |= 1 << octet
    return result


WORD = among(string.ascii_letters + string.digits + "_")
KINDS = {
    "d": among(string.digits), "w": WORD, "s": among(" \t\n\r\f\v"), "h": among(" \t\xa0"),
    "v": among("\n\v\f\r\x85"),
}
POSIX = {
    "alpha": among(string.ascii_letters), "digit": among(string.digits),
    "alnum": among(string.ascii_letters + string.digits), "upper": among(string.ascii_uppercase),
    "lower": among(string.ascii_lowercase), "space": KINDS["s"], "blank": among(" \t"),
    "xdigit": among(string.hexdigits), "punct": among(string.punctuation), "word": WORD,
    "cntrl": among(bytes([*range(32), 127])), "print": among(bytes(range(32, 127))),
    "graph": among(bytes(range(33, 127))),
}

def both_cases(chosen: int) -> int:
    """A set with the other case of each of its letters."""
    for upper, lower in zip(range(65, 91), range(97, 123), strict=True):
        if chosen >> upper & 1 or chosen >> lower & 1:
            chosen |= 1 << upper | 1 << lower
    return chosen
