"""Stacks of headers: what may stand around a header, so that it is found there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from rawlab.fuzz.chance import Chance, Chooser
from rawlab.fuzz.making import Place, make_header
from rawlab.fuzz.numbers import raw_range
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.draft import Draft, Layer
from rawlab.schema.expression import Expression, Operation
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.opening import Follows
from rawlab.schema.programs import resolve
from rawlab.schema.registry import Registry

LINKTYPE = "linktype"
MOST_PAYLOAD = 64


class Step(NamedTuple):
    """A header around another one, and how the other is found in it."""

    outer: type[Header]
    entry: Follows


class Stacker:
    """Finds what may stand around headers by the tables of a registry."""

    def __init__(self, registry: Registry, root: type[Header] | None = None) -> None:
        """`root`: the header that all stacks begin with, if it is to be just one."""
        self.registry = registry
        self._root = root
        self._claimed: dict[str, frozenset[int]] = {}
        self._carries: dict[tuple[type[Header], type[Header]], bool] = {}

    @cached_property
    def _entries(self) -> list[tuple[Follows, type[Header]]]:
        return self.registry.follows()

    @cached_property
    def _around(self) -> dict[type[Header], list[Step]]:
        opened: dict[str, list[type[Header]]] = {}
        for header in self.registry:
            for field in declaration_of(header).fields:
                for table in field.opens:
                    if header not in opened.setdefault(table.name, []):
                        opened[table.name].append(header)
        around: dict[type[Header], list[Step]] = {}
        for entry, header in self._entries:
            for outer in opened.get(entry.table, ()):
                if not entry.values or any(_holds(outer, entry.table, v) for v in entry.values):
                    around.setdefault(header, []).append(Step(outer, entry))
        return around

    @cached_property
    def _depth(self) -> dict[type[Header], int]:
        """How many headers at the least stand around each; none for those that frames begin with.
        """
        depth = {h: 0 for e, h in self._entries if e.table == LINKTYPE and e.values}
        if self._root is not None:
            depth = {self._root: 0}
        level = 0
        while level in depth.values():
            level += 1
            for header in self.registry:
                steps = self._around.get(header, ())
                if header not in depth and any(depth.get(s.outer) == level - 1 for s in steps):
                    depth[header] = level
        return depth

    def claimed(self, table: str) -> frozenset[int]:
        """The values of a table by which some header is announced."""
        if table not in self._claimed:
            self._claimed[table] = frozenset(
                value for entry, _ in self._entries if entry.table == table
                for value in entry.values)
        return self._claimed[table]

    def chain(self, header: type[Header], choose: Chooser) -> list[type[Header]]:
        """Headers from one that frames begin with to `header`; just itself where none lead to it.
        """
        found = [header]
        depth = self._depth
        while depth.get(found[0], 0) > 0:
            inner = found[0]
            steps = [s.outer for s in self._around[inner]
                     if depth.get(s.outer) == depth[inner] - 1 and self._may_carry(s.outer, inner)]
            found.insert(0, choose.pick(list(dict.fromkeys(steps))))
        return found

    def reaches(self, header: type[Header]) -> bool:
        """Whether headers lead to it from one that frames begin with."""
        return header in self._depth

    def _may_carry(self, outer: type[Header], inner: type[Header]) -> bool:
        """Whether what `outer` looks like where it is found lets it carry `inner`."""
        key = (outer, inner)
        if key not in self._carries:
            around = None if self._depth[outer] == 0 else self._around[outer][0].outer
            place = Place(inner, self.looks(outer, around), self.claimed)
            try:
                make_header(outer, Chance(0), place)
                self._carries[key] = True
            except ValueError:
                self._carries[key] = False
        return self._carries[key]

    def looks(self, header: type[Header], outer: type[Header] | None) -> tuple[Expression, ...]:
        """What has to hold of `header` so that it is found in `outer`, or at the front."""
        entries = [e for e, h in self._entries
                   if h is header and e.table == LINKTYPE] if outer is None else [
            step.entry for step in self._around.get(header, ()) if step.outer is outer]
        if not entries:
            return ()
        found = [~looks for looks in self._rivals(header, entries[0])]
        if all(entry.looks is not None for entry in entries):
            assert entries[0].looks is not None
            found.append(resolve(entries[0].looks, header))
        return tuple(found)

    def _rivals(self, header: type[Header], entry: Follows) -> list[Expression]:
        """What would let another header be found in the same place, said of `header`'s fields.

        As far as it has fields in the same bits.
        """
        found = []
        for other, rival in self._entries:
            shared = not other.values or not entry.values or set(other.values) & set(entry.values)
            if rival is header or other.table != entry.table or other.looks is None or not shared:
                continue
            looks = _translated(resolve(other.looks, rival), rival, header)
            if looks is not None:
                found.append(looks)
        return found

    def stack(
        self, classes: Sequence[type[Header]], choose: Chooser, payload: bytes | None = None
    ) -> Draft:
        """A draft of valid headers of these classes, one around the other, and a payload.

        The payload is empty where the innermost header takes all that follows.
        """
        headers: list[Header | Layer] = []
        follower: type[Header] | None = None
        carries = True
        for i in range(len(classes) - 1, -1, -1):
            outer = classes[i - 1] if i else None
            place = Place(follower, self.looks(classes[i], outer), self.claimed)
            header, is_open = make_header(classes[i], choose, place)
            if follower is None:
                carries = not is_open
            headers.insert(0, header)
            follower = classes[i]
        if not carries:
            payload = b""
        elif payload is None:
            payload = choose.octets(0, MOST_PAYLOAD)
        return Draft(tuple(headers), payload)


def _holds(outer: type[Header], table: str, value: int) -> bool:
    """Whether a field of `outer` that opens a table can hold a value."""
    for field in declaration_of(outer).fields:
        if isinstance(field, Number) and any(opened.name == table for opened in field.opens):
            least, most = raw_range(field)
            if least <= value <= most:
                return True
    return False


def _translated(
    looks: Expression, rival: type[Header], header: type[Header]
) -> Expression | None:
    """Looks of one header, said of the fields of another that lie in the same bits."""
    if isinstance(looks, Field):
        theirs = declaration_of(rival).layout.places.get(looks)
        ours = [field for field, place in declaration_of(header).layout.places.items()
                if place == theirs and field.integral and not field.private]
        return ours[0] if ours else None
    if not isinstance(looks, Operation):
        return looks
    left = _translated(looks.left, rival, header)
    right = _translated(looks.right, rival, header)
    return None if left is None or right is None else Operation(looks.symbol, left, right)
