"""What `matches` searches with: quick for most packets, bounded for every one.

Packets are written by strangers, and a search that goes back and tries again can be made to take
for ever by the octets that it searches. So `re` searches only where that costs little at worst; all
else is searched by an automaton, in time that grows with the octets alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rawlab.filter.automaton import Automaton, TooLarge
from rawlab.filter.regex import Assertion, Choice, Group, Node, Octet, Repeat, Sequence, Special
from rawlab.filter.regex_parser import parse

Search = Callable[[bytes], bool]
MANY = 1 << 40
MOST_STEPS = 16_384
"""Octets that trying may look at from each place, for a pattern without unlimited repetition."""
MOST_STEPS_REPEATED = 64
"""And with one, besides what that runs over."""
SHORT = 4096
"""Octets in which a pattern with one unlimited repetition is searched by trying."""
_ASSERTIONS = {"start": rb"\A", "end": rb"$", "very end": rb"\Z", "word": rb"\b",
               "no word": rb"(?!\b)", "line start": rb"(?m:^)", "line end": rb"(?m:$)"}


def compile_pattern(pattern: bytes) -> Search:
    """What tells whether a pattern is found in octets; ValueError where it is wrong."""
    tree = parse(pattern)
    loops, ways, longest = cost(tree)
    steps = ways * longest
    special = any(isinstance(node, Special) or (isinstance(node, Repeat) and node.how == "+")
                  for node in nodes(tree))
    try:
        trying = re.compile(b"".join(emit(tree))).search
        if special:
            if loops or steps > MOST_STEPS:
                raise ValueError(
                    "looking around, groups referred to, and possessive repetition do not go with"
                    " unlimited repetition: a packet could be made to keep the search busy")
            return lambda octets: trying(octets) is not None
        if loops == 0 and steps <= MOST_STEPS:
            return lambda octets: trying(octets) is not None
        bounded = Automaton(tree).search
    except (re.error, OverflowError, RecursionError, TooLarge) as error:
        raise ValueError(f"the regular expression cannot be used: {error}") from None
    if loops > 1 or steps > MOST_STEPS_REPEATED:
        return bounded
    return lambda octets: (
        trying(octets) is not None if len(octets) <= SHORT else bounded(octets))


def nodes(tree: Node) -> Iterator[Node]:
    """A tree's nodes."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Sequence | Choice):
            pending.extend(node.items)
        elif isinstance(node, Repeat | Group | Special):
            pending.append(node.item)


def cost(node: Node) -> tuple[int, int, int]:
    """Unlimited repetitions (2: several, or of what has several ways), ways to try, octets of one.
    """
    if isinstance(node, Octet | Assertion):
        return 0, 1, 1
    if isinstance(node, Sequence):
        loops, ways, longest = 0, 1, 1
        for item in node.items:
            more, other, length = cost(item)
            loops, ways, longest = loops + more, min(MANY, ways * other), longest + length
        return loops, ways, min(MANY, longest)
    if isinstance(node, Choice):
        costs = [cost(item) for item in node.items]
        return (max(loops for loops, _, _ in costs), min(MANY, sum(ways for _, ways, _ in costs)),
                max(longest for _, _, longest in costs))
    loops, ways, longest = cost(node.item)
    if not isinstance(node, Repeat):
        return loops, ways, longest
    if node.most is None:
        return (2 if loops or ways > 1 else 1), 1, min(MANY, longest * (node.least + 1))
    longest = min(MANY, longest * max(1, node.most))
    if loops:
        return 2, ways, longest
    if ways == 1:
        return 0, node.most - node.least + 1, longest
    return 0, min(MANY, sum(min(MANY, ways ** min(n, 41))
                            for n in range(node.least, node.most + 1))), longest


def emit(node: Node) -> Iterator[bytes]:
    """A tree as a pattern of `re`."""
    if isinstance(node, Octet):
        yield _class(node.among)
    elif isinstance(node, Assertion):
        yield _ASSERTIONS[node.what]
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from emit(item)
    elif isinstance(node, Choice):
        yield b"(?:" + b"|".join(b"".join(emit(item)) for item in node.items) + b")"
    elif isinstance(node, Repeat):
        most = "" if node.most is None else node.most
        yield b"(?:" + b"".join(emit(node.item)) + b")"
        yield f"{{{node.least},{most}}}{node.how}".encode()
    elif isinstance(node, Group):
        yield b"(" + b"".join(emit(node.item)) + b")"
    elif node.what[0].isdecimal():
        case = "i" if node.what.endswith("i") else ""
        yield f"(?{case}:\\{node.what[0]})".encode()
    else:
        yield b"(?" + node.what.encode() + b"".join(emit(node.item)) + b")"


def _class(among: int) -> bytes:
    """A set of octets."""
    members = [octet for octet in range(256) if among >> octet & 1]
    if len(members) == 1:
        return re.escape(bytes(members))
    if len(members) == 256:
        return rb"[\x00-\xff]"
    if not members:
        return rb"(?!)"
    if len(members) > 128:
        inverted = (octet for octet in range(256) if not among >> octet & 1)
        return b"[^" + b"".join(b"\\x%02x" % octet for octet in inverted) + b"]"
    return b"[" + b"".join(b"\\x%02x" % octet for octet in members) + b"]"
