"""Headers as the layer walk sees them: the fixed prefix, and what it tells of length and end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rawlab.engine import numbers as n
from rawlab.schema.code import MOST, as_bounds, as_line, compile_expression
from rawlab.schema.declaration import Declaration, Header, declaration_of
from rawlab.schema.error import DeclarationError
from rawlab.schema.expression import Expression, Remaining, fields_in, parts_of
from rawlab.schema.field import Field
from rawlab.schema.groups import group_fields
from rawlab.schema.items import Custom, Nested
from rawlab.schema.opening import Condition
from rawlab.schema.programs import Programs, length_line, resolve, role_of, unless_of


class Prefixes:
    """Gathers header rows, and the places, checks and openings that they point to."""

    def __init__(self, programs: Programs, number_of_table: Any) -> None:
        self.programs = programs
        self.number_of_table = number_of_table
        self.rows: list[list[int]] = []
        self.places: list[tuple[int, ...]] = []
        self.checks: list[list[int]] = []
        self.opens: list[list[int]] = []
        self.told: list[int] = []
        """Places whose values tell how long a header is that has conditional fields."""

    def add(self, cls: type[Header]) -> None:
        """Compile the prefix of a header whose program is known."""
        declared = declaration_of(cls)
        row = [0] * n.HEADER_COLUMNS
        row[n.H_FIXED] = declared.layout.fixed
        row[n.H_SCOPE] = self.programs.scope_of[cls]
        row[n.H_CHECK] = len(self.checks)
        row[n.H_LENGTH_FIELD] = row[n.H_NARROW_FIELD] = -1
        for field in declared.fields:
            self._check(cls, declared, field)
            self._narrow(cls, declared, field, row)
        row[n.H_CHECKS] = len(self.checks) - row[n.H_CHECK]
        self._length(cls, declared, row)
        row[n.H_OPEN] = len(self.opens)
        for field in declared.fields:
            self._open(cls, declared, field)
        row[n.H_OPENS] = len(self.opens) - row[n.H_OPEN]
        self.rows.append(row)

    def place(self, declared: Declaration, field: Field[Any], factor: int = 1) -> int:
        """Where the row of the place of a field of the prefix begins."""
        found = declared.layout.places.get(field)
        if found is None or not field.integral:
            raise DeclarationError(
                declared.owner.__name__, field.attribute,
                "is needed to find what follows, so it has to be an integer at a fixed place")
        row = (found.offset, found.size, found.shift, found.bits, int(found.little),
               field.scale * factor, int(getattr(field, "signed", False)),
               (1 << found.bits) - 1 if found.bits < 64 else -1)
        if row not in self.places:
            self.places.append(row)
        return self.places.index(row) * n.PLACE_COLUMNS

    def condition(self, declared: Declaration, condition: Condition | None) -> list[int]:
        """A condition over the prefix as [place, least, most, code]; place and code -1: none."""
        if condition is None:
            return [-1, 1, 1, -1]
        expression = resolve(condition, declared.owner)
        bounds = as_bounds(expression)
        if bounds is not None:
            field, least, most = bounds
            return [self.place(declared, field), least, most, -1]
        return [-1, 1, MOST, self.code(declared, expression)]

    def guess(self, declared: Declaration, expression: Expression) -> tuple[int, int]:
        """A condition on a header's looks: its code, and how many octets it has to see."""
        places = [declared.layout.places.get(field) for field in fields_in(expression)]
        seen = max((place.offset + place.size for place in places if place), default=0)
        return self.code(declared, expression), seen

    def code(self, declared: Declaration, expression: Expression) -> int:
        """Compile an expression over the fields of a prefix."""
        return self.programs.append(compile_expression(
            expression, lambda field: (n.PLACE, self.place(declared, field))))

    def _check(self, cls: type, declared: Declaration, field: Field[Any]) -> None:
        if field.minimum is None and field.maximum is None:
            return
        if field not in declared.layout.places or field.when is not None or not field.integral:
            return  # its program holds it to its bounds
        if field.maximum is None and role_of(field) in (n.ROLE_HEADER, n.ROLE_TOTAL):
            if length_line(field) == (1, 0) and (field.minimum or 0) <= declared.layout.fixed:
                return  # the walk holds every length to the fixed prefix
        least = -MOST if field.minimum is None else field.minimum
        most = MOST if field.maximum is None else field.maximum
        self.checks.append([self.place(declared, field), least, most,
                            self.programs.row_of[cls, field], int(bool(role_of(field))),
                            int(field.vital or bool(role_of(field)))])

    def _narrow(self, cls: type, declared: Declaration, field: Field[Any], row: list[int]) -> None:
        role = role_of(field)
        if role not in (n.ROLE_TOTAL, n.ROLE_PAYLOAD):
            return
        if row[n.H_NARROW]:
            raise DeclarationError(cls.__name__, field.attribute, "a second length of the payload")
        row[n.H_NARROW] = role
        factor, row[n.H_NARROW_ADD] = length_line(field)
        row[n.H_NARROW_PLACE] = self.place(declared, field, factor)
        row[n.H_NARROW_UNLESS] = unless_of(field) * factor if unless_of(field) >= 0 else -1
        row[n.H_NARROW_FIELD] = self.programs.row_of[cls, field]
        row[n.H_NARROW_IF : n.H_NARROW_WHEN + 1] = self.condition(declared, field.when)

    def _length(self, cls: type, declared: Declaration, row: list[int]) -> None:
        """How the end of the header is found: by its prefix if possible, else by its program."""
        layout = declared.layout
        telling = [f for f in declared.fields if role_of(f) == n.ROLE_HEADER]
        if telling:
            if telling[0] in layout.places and telling[0].when is None:
                factor, add = length_line(telling[0])
                self._end_at_place(cls, declared, row, telling[0], telling[0], factor, add)
            else:
                row[n.H_KIND] = n.END_PROGRAM
            return
        if not layout.tail:
            row[n.H_KIND] = n.END_FIXED
            return
        last = layout.tail[-1]
        if last.takes_rest or any(map(holds_custom, layout.tail)):
            row[n.H_KIND] = n.END_REST
            return
        row[n.H_KIND] = n.END_PROGRAM
        told = telling_fields(layout.tail)
        if told is not None and all(f in layout.places and f.integral for f in told):
            row[n.H_TOLD], row[n.H_TOLDS] = len(self.told), len(told)
            self.told += [self.place(declared, field) for field in told]
        line = linear_length(last)
        if len(layout.tail) == 1 and last.when is None and line is not None:
            field, factor, add = line
            if field in layout.places and factor > 0:
                until = isinstance(last, Nested) and last.by == n.BY_END
                self._end_at_place(cls, declared, row, field, last, factor,
                                   add if until else add + layout.fixed)

    def _end_at_place(
        self, cls: type, declared: Declaration, row: list[int], field: Field[Any],
        blamed: Field[Any], factor: int, add: int,
    ) -> None:
        row[n.H_KIND] = n.END_PLACE
        row[n.H_LENGTH] = self.place(declared, field, factor)
        row[n.H_ADD] = add
        row[n.H_LENGTH_FIELD] = self.programs.row_of[cls, blamed]

    def _open(self, cls: type, declared: Declaration, field: Field[Any]) -> None:
        for opened in field.opens:
            conditions = [resolve(c, cls) for c in (field.when, opened.when) if c is not None]
            both = conditions[0] if len(conditions) == 1 else None
            if len(conditions) == 2:
                both = conditions[0] & conditions[1]
            self.opens.append([
                self.place(declared, field), self.number_of_table(opened.name),
                *self.condition(declared, both), int(opened.stream),
                *self._part(declared, opened.partial)])

    def _part(self, declared: Declaration, partial: Condition | bool) -> list[int]:
        """Where only a part of the payload is here, as [place, least, most]."""
        if isinstance(partial, bool):
            return [-1, 1, 1] if partial else [-1, 0, 0]
        bounds = as_bounds(resolve(partial, declared.owner))
        if bounds is None:
            raise DeclarationError(declared.owner.__name__, "", "partial= bounds a single field")
        field, least, most = bounds
        return [self.place(declared, field), least, most]


def telling_fields(tail: Sequence[Field[Any]]) -> list[Field[Any]] | None:
    """The fields that conditions and lengths of `tail` refer to; None if they ask for more."""
    told: dict[Field[Any], None] = {}
    for field in tail:
        asked = [] if field.when is None else [field.when]
        length = None if isinstance(field, Nested) else getattr(field, "length", None)
        if length is not None:  # that of a list does not tell, which the engine sees
            asked.append(length)
        for expression in asked:
            if any(isinstance(part, Remaining) for part in parts_of(expression)):
                return None
            told |= dict.fromkeys(fields_in(expression))
    return list(told)


def holds_custom(field: Field[Any]) -> bool:
    """Whether a custom field, which only Python can read, is among what the field holds."""
    if not isinstance(field, Nested):
        return isinstance(field, Custom)
    return any(isinstance(inner, Custom) for inner in group_fields(field.group))


def linear_length(field: Field[Any]) -> tuple[Field[Any], int, int] | None:
    """The length of a field as (field, factor, constant), where it is linear in one field."""
    length = getattr(field, "length", None)
    if length is None or (isinstance(field, Nested) and field.by == n.BY_COUNT):
        return None
    return as_line(length)
