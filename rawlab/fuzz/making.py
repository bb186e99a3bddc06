"""Headers and groups that are valid: every field within what its declaration can represent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from rawlab.engine import numbers as n
from rawlab.fuzz import numbers
from rawlab.fuzz.chance import Chooser
from rawlab.fuzz.extents import USUAL_OCTETS, extent, tail_value
from rawlab.fuzz.fitting import fit
from rawlab.fuzz.overlays import give_overlays
from rawlab.fuzz.solving import asks_for_rest, solve, value_in
from rawlab.fuzz.solving import settled as with_remaining
from rawlab.fuzz.variants import is_bounded, is_open, may_be_open, variants
from rawlab.schema.code import as_line
from rawlab.schema.compute import Count, Length, Next
from rawlab.schema.declaration import Declared, Group, Header, declaration_of
from rawlab.schema.expression import Expression, fields_in
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.items import Nested, One
from rawlab.schema.known import announcements, covered, uncovered
from rawlab.schema.octets import Extent, Pad
from rawlab.schema.programs import resolve
from rawlab.schema.solving import evaluate

D = TypeVar("D", bound=Declared)
PLENTY = 1 << 16
"""Octets that remain, where it has to be many."""
MOST_ITEMS = 4
MOST_TOLD_OCTETS = 64
DEEPEST = 5


class Place(NamedTuple):
    """Where a header is to stand."""

    follower: type[Header] | None = None
    looks: tuple[Expression, ...] = ()
    """What has to hold so that it is found there."""
    claimed: Callable[[str], frozenset[int]] = lambda table: frozenset()
    """The values of a table by which some header is announced."""


class Made(NamedTuple):
    """The values of a header or group, by attribute."""

    cls: type[Declared]
    values: dict[str, Any]
    open_ended: bool
    """It takes all octets that follow in what encloses it."""


ANYWHERE = Place()


def make_header(
    cls: type[Header], choose: Chooser, place: Place = ANYWHERE
) -> tuple[Header, bool]:
    """A valid header, and whether it takes all that follows, so that it carries nothing.

    ValueError where conditions of the declaration contradict each other.
    """
    made = Making(cls, choose, place, place.looks, 0).make()
    return cls(**made.values), made.open_ended


def make_group(
    group: type[Group], choose: Chooser, constraints: Sequence[Expression] = (), depth: int = 0,
    *, closed: bool = False,
) -> tuple[Group, bool]:
    """A valid group or one of its variants, for which `constraints` hold; see `make_header`.

    `closed`: one that does not take all that follows.
    """
    choices = [(cls, told) for cls, told in variants(group) if not (closed and may_be_open(cls))]
    if depth >= DEEPEST:
        choices = [c for c in choices if not any(
            isinstance(f, Nested) for f in declaration_of(c[0]).fields)] or choices
    first = choose.integer(0, len(choices) - 1) if choices else 0
    for cls, told in choices[first:] + choices[:first]:
        if solve([*told, *constraints], choose, {}) is None:
            continue
        made = Making(cls, choose, ANYWHERE, (*told, *constraints), depth).make()
        return cls(**made.values), made.open_ended
    raise ValueError(f"no {group.__name__} can be made here")


class Making:
    """One header or group that is being made."""

    def __init__(
        self, cls: type[Declared], choose: Chooser, place: Place,
        constraints: Sequence[Expression], depth: int,
    ) -> None:
        self.cls = cls
        self.declared = declaration_of(cls)
        self.choose = choose
        self.place = place
        self.depth = depth
        self.values: dict[str, Any] = {}
        self.known: dict[Field[Any], int] = {}
        self.present: dict[Field[Any], None] = {}
        self.open_ended = False
        self.remaining = self._remaining()
        self.users = self._users()
        self.opener: Field[Any] | None = None
        """The field by which the follower is found, be it by a number or by its looks."""
        self.announcer, needed = self._announcer()
        conditions = [self.settled(c) for c in (*constraints, *needed)]
        fixed = solve(conditions, choose, {}, self._may_be_given)
        if fixed is None:
            raise ValueError(f"{cls.__name__}: its conditions contradict each other: {conditions}")
        self.fixed = {f: v for f, v in fixed.items() if self._may_be_given(f)}

    def make(self) -> Made:
        for field in self.declared.fields:
            if field.over is None and self.holds(field.when):
                self._base(field)
        for field in self.declared.fields:
            if field.over is None and field.private and field in self.present:
                give_overlays(self, field)
        self._data()
        fit(self)
        return Made(self.cls, self.values, self.open_ended)

    # What is asked once.

    def _remaining(self) -> int:
        """How many octets conditions are told that remain: none or plenty."""
        asked = any(f.when is not None and asks_for_rest(f.when) for f in self.declared.fields)
        if not asked:
            return 0
        if self.place.follower is None and self.choose.integer(0, 1) == 0:
            self.open_ended = True
            return 0
        return PLENTY

    def settled(self, condition: Expression) -> Expression:
        return with_remaining(condition, self.remaining)

    def _users(self) -> dict[Field[Any], list[Field[Any]]]:
        """The fields whose length or count follows from the value of each."""
        users: dict[Field[Any], list[Field[Any]]] = {}
        for field in self.declared.fields:
            length = getattr(field, "length", None)
            for told in () if length is None else dict.fromkeys(fields_in(length)):
                users.setdefault(told, []).append(field)
        return users

    def _announcer(self) -> tuple[Field[Any] | None, list[Expression]]:
        """The field that announces the follower, and what has to hold so that it does."""
        follower = self.place.follower
        if follower is None:
            return None, []
        tables = {entry.table for entry in declaration_of(follower).follows}
        fields = [f for f in self.declared.fields if tables & {t.name for t in f.opens}]
        if not fields:
            return None, []
        by_number = [f for f in fields if announcements(f, follower)]
        ranked = sorted(by_number or fields, key=lambda f: f.default is not None)
        self.opener = chosen = ranked[0]
        needed = [t.when for t in chosen.opens if t.name in tables and t.when is not None]
        resolved = [resolve(when, self.cls) for when in needed[:1]]
        if chosen.when is not None and (chosen.over is None or not by_number):
            resolved.append(chosen.when)
        return (chosen if by_number else None), resolved

    def _may_be_given(self, field: Field[Any]) -> bool:
        """Whether a value may be chosen for it, since none is computed."""
        if self.place.follower is not None and field is self.announcer:
            return not isinstance(field.compute, Next)
        if field.private:
            return self.opener is not None and self.opener.over is field
        return field.compute is None and field.seal is None or isinstance(field.compute, Next)

    def holds(self, condition: Expression | None) -> bool:
        if condition is None:
            return True
        return bool(evaluate(self.settled(condition), self.value_of))

    def value_of(self, field: Field[Any]) -> int | None:
        """What is known of a field."""
        found = value_in(self.known, field)
        if found is None and field.private and field.default is not None:
            return int(field.default)
        return found

    # Fields.

    def _base(self, field: Field[Any]) -> None:
        """A field that overlays none."""
        self.present[field] = None
        if isinstance(field, Pad):
            return
        if field.private:
            self._private(field)
        elif isinstance(field, Number):
            self._number(field)
        elif isinstance(field, Nested):
            self._nested(field)
        elif isinstance(field, Extent):
            self._extent(field)
        else:
            self.values[field.attribute] = tail_value(field, self.choose)

    def _private(self, field: Field[Any]) -> None:
        if isinstance(field, Number) and not any(o.over is field for o in self.declared.fields):
            if field not in self.users:
                self.known[field] = int(field.default or 0)
        length = getattr(field, "length", None)
        line = None if length is None else as_line(length)
        if line is not None and line[0] in self.users:
            told, _, add = line
            self.known[told] = -add
            self.values.pop(told.attribute, None)

    def _number(self, field: Number[Any]) -> None:
        if isinstance(field.compute, (Length, Count)) or field.seal is not None:
            return
        if field is self.announcer:
            found = announcements(field, self.place.follower)
            self.known[field] = self.fixed.get(field, found[0])
            if field in self.fixed and field.compute is None and self.fixed[field] in found:
                self._give(field, self.fixed[field])
            return
        if field in self.fixed:
            self._give(field, self.fixed[field])
        elif field in self.users:
            self._told(field)
        elif field.opens:
            self._opening(field)
        else:
            self._give(field, numbers.draw(field, self.choose, self.named_beside(field)))

    def named_beside(self, field: Field[Any]) -> set[int]:
        """The numbers that conditions on this field name."""
        asked = [f.when for f in self.declared.fields
                 if f.when is not None and field in set(fields_in(f.when))]
        return numbers.constants_of(asked)

    def _give(self, field: Number[Any], number: int) -> None:
        number = self._with_overlays(field, number)
        self.known[field] = number
        self.values[field.attribute] = field.natural(number)

    def _with_overlays(self, field: Number[Any], number: int) -> int:
        """The number, with the bits that overlays have to have."""
        for other in self.declared.fields:
            if other.over is not field or not isinstance(other, Number):
                continue
            if other in self.fixed:
                number = covered(field, number, other, self.fixed[other])
            elif other.has_bounds:
                least, most = numbers.allowed_range(other)
                now = uncovered(field, number, other)
                number = covered(field, number, other, min(max(now, least), most))
        return number

    def _told(self, field: Number[Any]) -> None:
        """A length or count: small, and so that what it tells of has that many."""
        users = self.users[field]
        if any(isinstance(u, Nested) and u.by in (n.BY_LENGTH, n.BY_END) for u in users):
            return  # the items come first
        least, most = numbers.allowed_range(field)
        cap = MOST_TOLD_OCTETS
        for user in users:
            counted = isinstance(user, Nested)
            line = as_line(getattr(user, "length"))  # noqa: B009
            if line is None:
                most = min(most, max(least, 16))
                continue
            _, factor, add = line
            if factor <= 0:
                continue
            limit = MOST_ITEMS if counted else cap
            least = max(least, -(add // factor))
            most = min(most, max(least, (limit - add) // factor))
        scale = abs(field.scale)
        number = scale * self.choose.integer(-(-least // scale), max(-(-least // scale),
                                                                     most // scale))
        if self._is_found_again(field, users):
            self.known[field] = number
        else:
            self._give(field, number)

    def _is_found_again(self, field: Field[Any], users: list[Field[Any]]) -> bool:
        """Whether building finds the value by itself: one field follows from it, always."""
        asked = any(f.when is not None and field in set(fields_in(f.when))
                    for f in self.declared.fields)
        if len(users) != 1 or asked or field.when is not None or users[0].when is not None:
            return False
        return as_line(getattr(users[0], "length")) is not None  # noqa: B009

    def _opening(self, field: Number[Any]) -> None:
        """A field that announces nothing here."""
        if isinstance(field.compute, Next) and field.default is not None:
            if self.choose.integer(0, 1) == 0:
                self.known[field] = field.number(field.default)
                return
        self._give(field, self.unclaimed(field))

    def unclaimed(self, field: Number[Any]) -> int:
        claimed = frozenset().union(*(self.place.claimed(table.name) for table in field.opens))
        number = 0
        for _ in range(32):
            number = numbers.draw(field, self.choose, self.named_beside(field))
            if number not in claimed:
                return number
        least, most = numbers.allowed_range(field)
        free = (v for v in range(most, least - 1, -1) if v not in claimed)
        return next(free, number)

    def _extent(self, field: Extent[Any]) -> None:
        least, most = 0, USUAL_OCTETS
        if field.when is not None and asks_for_rest(field.when):
            least = 1
        if field.bits is not None:
            least = most = field.bits // 8
        elif field.length is not None and not asks_for_rest(field.length):
            size = evaluate(field.length, self.value_of)
            if size is not None:
                least = most = max(0, size)
        elif field.length is None and field.until is None:
            self.open_ended |= not is_bounded(self.cls)
        value = extent(field, self.choose, least, most)
        missing = least - len(field._octets(value))
        if missing > 0 and isinstance(value, str):
            value += "x" * missing
        self.values[field.attribute] = value

    # Groups.

    def _nested(self, field: Nested[Any, Any]) -> None:
        if isinstance(field, One):
            group, takes_rest = make_group(field.group, self.choose, (), self.depth + 1)
            self.open_ended |= takes_rest and field.by == n.BY_REST and not is_bounded(self.cls)
            self.values[field.attribute] = group
            return
        self.values[field.attribute] = tuple(self._items(field))

    def _items(self, field: Nested[Any, Any]) -> list[Group]:
        count = self._count(field)
        by_octets = field.by in (n.BY_LENGTH, n.BY_END, n.BY_REST)
        if field.by == n.BY_REST and field.last is None:
            self.open_ended |= not is_bounded(self.cls)
        found: list[Group] = []
        for i in range(count):
            final = i == count - 1
            told: tuple[Expression, ...] = ()
            if field.last is not None:
                told = (field.last if final else ~field.last,)
            group, _ = make_group(field.group, self.choose, told, self.depth + 1,
                                  closed=not (final and by_octets and field.last is None))
            found.append(group)
        return found

    def _count(self, field: Nested[Any, Any]) -> int:
        if field.by == n.BY_COUNT and field.length is not None:
            count = evaluate(field.length, self.value_of)
            if count is not None:
                return max(0, count)
        most = 1 if self.depth >= 3 else MOST_ITEMS
        return self.choose.integer(int(field.last is not None), most)

    def _data(self) -> None:
        """Octets of a group of an unknown kind, where a length says how many."""
        if not issubclass(self.cls, Group) or self.declared.when is not None:
            return
        if any(map(is_open, self.present)) or not self.sized_itself():
            return
        data = self.choose.octets(0, USUAL_OCTETS)
        if data:  # none reads as missing
            self.values["data"] = data

    def sized_itself(self) -> bool:
        """Whether a length of its own is there."""
        return any(f in self.present and isinstance(f.compute, Length) and f.compute.kinds
                   for f in self.declared.fields)
