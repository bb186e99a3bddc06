"""Headers and groups as programs: field rows, scopes and variants for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rawlab.engine import numbers as n
from rawlab.schema.code import as_bounds, as_set, compile_expression
from rawlab.schema.compute import Length
from rawlab.schema.declaration import Declaration, Declared, Group, declaration_of
from rawlab.schema.expression import Constant, Expression, fields_in
from rawlab.schema.field import Field
from rawlab.schema.items import Nested
from rawlab.schema.opening import Condition

NONE = dict.fromkeys((n.F_WHEN, n.F_LENGTH, n.F_REQUIRE, n.F_UNLESS, n.F_LAST, n.F_IF_SLOT), -1)
BLANK = {**NONE, n.F_SCALE: 1, n.F_ALIGN: 1}
ROLES = {
    frozenset({"header"}): n.ROLE_HEADER,
    frozenset({"header", "payload"}): n.ROLE_TOTAL,
    frozenset({"payload"}): n.ROLE_PAYLOAD,
}


def resolve(condition: Condition, cls: type) -> Expression:
    """A condition as an expression; one that is a function is given the class."""
    return condition if isinstance(condition, Expression) else condition(cls)


def role_of(field: Field[Any]) -> int:
    """Which end the field's value sets, ROLE_*."""
    if not isinstance(field.compute, Length):
        return n.ROLE_NONE
    return ROLES.get(field.compute.kinds, n.ROLE_NONE)


def length_line(field: Field[Any]) -> tuple[int, int]:
    """(factor, add) by which the value of a length becomes octets: value * factor + add."""
    compute = field.compute
    if not isinstance(compute, Length):
        return 1, 0
    return compute.divisor, -compute.add * compute.divisor


def unless_of(field: Field[Any]) -> int:
    """The value of a length that says nothing, or -1."""
    compute = field.compute
    return compute.unless if isinstance(compute, Length) and compute.unless is not None else -1


def overlays_early(fields: Sequence[Field[Any]]) -> list[Field[Any]]:
    """Fields in the order of reading: an overlay as soon as what it needs is read.

    So it has its value even if the octets end before the fields that are declared before it.
    """
    order: list[Field[Any]] = []
    waiting = [field for field in fields if field.over is not None]
    known = {field for field in fields if field.over is None}
    own = set(fields)
    for field in [f for f in fields if f.over is None]:
        order.append(field)
        known.discard(field)
        ready = [f for f in waiting if not {f.over, *_needed(f)} & known & own]
        order += ready
        done = set(ready)
        waiting = [f for f in waiting if f not in done]
    return order + waiting


def _needed(field: Field[Any]) -> set[Field[Any]]:
    """The fields that a field's condition refers to."""
    return set() if field.when is None else set(fields_in(field.when))


class Programs:
    """Gathers the programs of headers and of the groups that they hold."""

    def __init__(self) -> None:
        self.code: list[int] = []
        self.fields: list[list[int]] = []
        self.scopes: list[list[int]] = []
        self.variants: list[list[int]] = []
        self.row_fields: list[Field[Any]] = []
        """What each field row stands for."""
        self.scope_classes: list[type[Declared]] = []
        """What each scope stands for."""
        self.scope_of: dict[type, int] = {}
        self.row_of: dict[tuple[type, Field[Any]], int] = {}

    def add(self, cls: type[Declared]) -> int:
        """Compile `cls`; returns its scope."""
        if cls in self.scope_of:
            return self.scope_of[cls]
        declared = declaration_of(cls)
        fields = declared.own if declared.when is not None else declared.fields
        groups: dict[Field[Any], int] = {
            field: self.add(field.group) for field in fields if isinstance(field, Nested)}
        number = self.scope_of[cls] = len(self.scopes)
        scope = [0] * n.SCOPE_COLUMNS
        self.scopes.append(scope)
        self.scope_classes.append(cls)
        scope[n.S_FIRST] = len(self.fields)
        scope[n.S_COUNT] = len(fields)
        for field in overlays_early(fields):
            self._keep(cls, field, self._row(cls, declared, field, groups.get(field, 0)))
        scope[n.S_REST] = -1
        if issubclass(cls, Group):
            rest = cls.data
            if rest not in set(declared.fields):
                scope[n.S_REST] = len(self.fields)
                self._keep(cls, rest, rest.row())
            self._add_variants(cls, declared, scope)
        return number

    def _add_variants(self, cls: type[Group], declared: Declaration, scope: list[int]) -> None:
        rows = []
        for variant in cls.__subclasses__():
            when = declaration_of(variant).when
            assert when is not None
            rows.append([self.program(when, declared), self.add(variant)])
        scope[n.S_VARIANTS] = len(self.variants)
        scope[n.S_VARIANT_COUNT] = len(rows)
        self.variants += rows

    def _row(
        self, cls: type, declared: Declaration, field: Field[Any], group: int
    ) -> dict[int, int]:
        row = dict(field.row())
        slots = {f: i for i, f in enumerate(declared.fields)}
        row[n.F_SLOT] = slots[field]
        row[n.F_GROUP] = group
        row[n.F_ROLE] = role_of(field)
        row[n.F_UNLESS] = unless_of(field)
        row[n.F_EVEN] = int(field.fixed_bits() is not None or row.get(n.F_BY) == n.BY_LENGTH)
        row[n.F_EVEN] &= int(not isinstance(field, Nested))
        row[n.F_FACTOR], row[n.F_ADD] = length_line(field)
        if isinstance(field, Nested) and field.last is not None:
            row[n.F_LAST] = self.program(field.last, declaration_of(field.group))
        if field.over is not None:
            row |= {n.F_OP: n.OVERLAY, n.F_OVER: slots[field.over], n.F_SHIFT: field.bit}
            if field.over in declared.layout.words:
                row[n.F_SHIFT] = declared.layout.words[field.over][1]
        if field in declared.layout.words:
            row[n.F_LITTLE], row[n.F_BEFORE] = declared.layout.words[field]
        if field.when is not None:
            row |= self._told(field.when, slots)
        length = getattr(field, "length", None)
        if row.get(n.F_BY) and length is None:
            length = Constant((field.bits or 0) // 8)
        for column, expression in ((n.F_WHEN, field.when), (n.F_LENGTH, length)):
            if expression is not None:
                row[column] = self.program(expression, declared)
        if field.require is not None:
            row[n.F_REQUIRE] = self.program(resolve(field.require, cls), declared)
        return row

    @staticmethod
    def _told(when: Expression, slots: dict[Field[Any], int]) -> dict[int, int]:
        """The columns of a condition on one field's value, where it is no more than that."""
        bounds = as_bounds(when)
        if bounds is not None:
            told, least, most = bounds
            return {n.F_IF_SLOT: slots[told], n.F_LEAST: least, n.F_MOST: most}
        among = as_set(when)
        if among is not None:
            told, values = among
            return {n.F_IF_SLOT: slots[told], n.F_SET: sum(1 << value for value in values)}
        return {}

    def _keep(self, cls: type, field: Field[Any], row: dict[int, int]) -> None:
        self.row_of[cls, field] = len(self.fields)
        self.row_fields.append(field)
        whole = {**BLANK, **row}
        self.fields.append([whole.get(column, 0) for column in range(n.FIELD_COLUMNS)])

    def program(self, expression: Expression, declared: Declaration) -> int:
        """Compile an expression over the fields of a program; returns where its code begins."""
        slots = {f: i for i, f in enumerate(declared.fields)}
        return self.append(compile_expression(expression, lambda f: (n.SLOT, slots[f])))

    def append(self, code: list[int]) -> int:
        """Keep code; returns where it begins."""
        at = len(self.code)
        self.code += code
        return at
