"""Finding a regular expression in time that grows with the octets alone, whatever they are.

The states in which a search can be at an octet are worked out when they are first met, and kept.
"""

from __future__ import annotations

from rawlab.filter.regex import (
    NEWLINE,
    WORD,
    Assertion,
    Choice,
    Group,
    Node,
    Octet,
    Repeat,
    Sequence,
    Special,
)

MOST_PLACES = 2_000
MOST_STATES = 2_000
FINAL = 0
BEGIN, AFTER_WORD, AFTER_NEWLINE, AFTER_OTHER = range(4)
NOTHING = -1
"""What comes after the last octet."""


class TooLarge(ValueError):
    """A pattern of more places than are allowed."""


class State:
    """Where a search may be after some octets, and what was the last of them."""

    __slots__ = ("after", "following", "places")

    def __init__(self, places: frozenset[int], after: int) -> None:
        self.places = places
        self.after = after
        self.following: list[State | None] = [None] * 256


class Automaton:
    """A pattern as places with steps between them; place 0 is the end of a match."""

    def __init__(self, tree: Node) -> None:
        """Raises TooLarge. The tree has no Special."""
        self.sets: list[int] = [0]
        """Of each place the octets that lead on; 0 where it costs no octet."""
        self.tests: list[str] = [""]
        self.steps: list[tuple[int, ...]] = [()]
        self.start = self._build(tree, FINAL)
        self._states: dict[tuple[frozenset[int], int], State] = {}
        self._found = State(frozenset(), BEGIN)
        self._first = State(frozenset(), BEGIN)

    def search(self, octets: bytes) -> bool:
        """Whether the pattern is found anywhere in `octets`."""
        state, found = self._first, self._found
        for octet in octets[:-1]:
            following = state.following[octet]
            if following is None:
                following = state.following[octet] = self._step(state, octet, False)
            if following is found:
                return True
            state = following
        for octet in octets[-1:]:
            state = self._step(state, octet, True)
        return state is found or self._closure(state, NOTHING, True) is None

    def _step(self, state: State, octet: int, last: bool) -> State:
        """The state after one more octet."""
        places = self._closure(state, octet, last)
        if places is None:
            return self._found
        bit = 1 << octet
        moved = frozenset(
            place for old in places if self.sets[old] & bit for place in self.steps[old])
        after = (AFTER_WORD if WORD & bit else AFTER_NEWLINE if octet == NEWLINE else AFTER_OTHER)
        known = self._states.get((moved, after))
        if known is None:
            if len(self._states) >= MOST_STATES:
                self._states.clear()
                self._first = State(frozenset(), BEGIN)
            known = self._states[moved, after] = State(moved, after)
        return known

    def _closure(self, state: State, octet: int, last: bool) -> set[int] | None:
        """The places that can be reached before `octet`; None where that is the match's end."""
        seen = {self.start, *state.places}
        pending = list(seen)
        while pending:
            place = pending.pop()
            if place == FINAL:
                return None
            test = self.tests[place]
            if self.sets[place] or (test and not holds(test, state.after, octet, last)):
                continue
            for step in self.steps[place]:
                if step not in seen:
                    seen.add(step)
                    pending.append(step)
        return seen

    # Building.

    def _place(self, octets: int, test: str, steps: tuple[int, ...]) -> int:
        if len(self.sets) >= MOST_PLACES:
            raise TooLarge("the regular expression is too large")
        self.sets.append(octets)
        self.tests.append(test)
        self.steps.append(steps)
        return len(self.sets) - 1

    def _build(self, node: Node, then: int) -> int:
        """The place at which `node` begins, when `then` follows it."""
        if isinstance(node, Octet):
            # an empty set never matches: a test that never holds
            return self._place(node.among, "" if node.among else "never", (then,))
        if isinstance(node, Assertion):
            return self._place(0, node.what, (then,))
        if isinstance(node, Sequence):
            for item in reversed(node.items):
                then = self._build(item, then)
            return then
        if isinstance(node, Choice):
            return self._place(0, "", tuple(self._build(item, then) for item in node.items))
        if isinstance(node, Repeat):
            return self._repeat(node, then)
        assert isinstance(node, Group | Special)
        return self._build(node.item, then)

    def _repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            loop = self._place(0, "", ())
            self.steps[loop] = (self._build(node.item, loop), then)
            begin = loop
        else:
            begin = then
            for _ in range(node.most - node.least):
                begin = self._place(0, "", (self._build(node.item, begin), then))
        for _ in range(node.least):
            begin = self._build(node.item, begin)
        return begin


def holds(test: str, after: int, octet: int, last: bool) -> bool:
    """Whether an assertion holds between what is `after` and `octet`, which may be the last."""
    if test == "start":
        return after == BEGIN
    if test == "end":
        return octet == NOTHING or (last and octet == NEWLINE)
    if test == "very end":
        return octet == NOTHING
    if test == "line start":
        return after == BEGIN or (after == AFTER_NEWLINE and octet != NOTHING)
    if test == "line end":
        return octet in (NOTHING, NEWLINE)
    if test == "never":
        return False
    edge = (after == AFTER_WORD) != (octet != NOTHING and bool(WORD >> octet & 1))
    return edge == (test == "word")
