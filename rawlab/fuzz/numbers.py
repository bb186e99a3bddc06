"""The integers of a field: what it can hold, and which of them are worth trying."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rawlab.fuzz.chance import Chooser
from rawlab.schema.expression import Constant, Expression, parts_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Enum, Number


def raw_range(field: Number[Any]) -> tuple[int, int]:
    """The least and the most that the bits of a field hold, its scale in it."""
    bits = field.bits or 0
    least = -(1 << bits - 1) if field.signed else 0
    ends = least * field.scale, (least + (1 << bits) - 1) * field.scale
    return min(ends), max(ends)


def allowed_range(field: Number[Any]) -> tuple[int, int]:
    """The same within the bounds that are declared; multiples of the scale."""
    least, most = raw_range(field)
    scale = abs(field.scale)
    if field.minimum is not None:
        least = max(least, -(-field.minimum // scale) * scale)
    if field.maximum is not None:
        most = min(most, field.maximum // scale * scale)
    return least, max(least, most)


def constants_of(expressions: Iterable[Expression]) -> set[int]:
    """The numbers that expressions name."""
    return {part.value for expression in expressions for part in parts_of(expression)
            if isinstance(part, Constant)}


def named_values(field: Field[Any]) -> list[int]:
    """The values that have names."""
    kind = [int(member) for member in field.kind] if isinstance(field, Enum) else []
    return sorted({*kind, *field.names})


def edges(field: Number[Any], more: Iterable[int] = ()) -> list[int]:
    """Values at and around bounds that the bits can hold, the simplest first.

    0, 1, the most and one less, the sign's edges, powers of two, one beyond what is declared,
    values with names and beside them, and at and around each of `more`.
    """
    least, most = raw_range(field)
    scale = abs(field.scale)
    found: dict[int, None] = {}
    for value in (0, 1, least, least + 1, most, most - 1):
        found[value * scale if value in (0, 1) else value] = None
    for bound in (field.minimum, field.maximum):
        if bound is not None:
            found |= dict.fromkeys((bound, bound - scale, bound + scale))
    bits = field.bits or 0
    for power in range(1, bits):
        found |= dict.fromkeys(((1 << power) * scale, ((1 << power) - 1) * scale))
    named = named_values(field)
    for value in (*named[:64], *more):
        found |= dict.fromkeys((value, value - scale, value + scale))
    if named:
        found[max(named) + scale] = None
    return [value for value in found if least <= value <= most and value % scale == 0]


def draw(field: Number[Any], choose: Chooser, more: Iterable[int] = ()) -> int:
    """A value within what is declared: the usual one, one of interest, or any."""
    least, most = allowed_range(field)
    kind = choose.integer(0, 3)
    if kind < 2:
        usual = [] if field.default is None else [field.number(field.default)]
        liked = [*usual, *edges(field, more)]
        liked = [value for value in liked if least <= value <= most]
        if liked:
            return choose.pick(liked)
    scale = abs(field.scale)
    return scale * choose.integer(-(-least // scale), most // scale)
