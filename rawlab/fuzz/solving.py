"""Values of a few fields with which conditions hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rawlab.fuzz.chance import Chooser
from rawlab.fuzz.numbers import allowed_range, constants_of, named_values
from rawlab.schema.expression import Constant, Expression, Operation, Remaining, fields_in
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.known import covered, uncovered
from rawlab.schema.solving import evaluate

MOST_STEPS = 20_000
MOST_CANDIDATES = 400


def settled(expression: Expression, remaining: int) -> Expression:
    """`expression`, where so many octets remain."""
    if isinstance(expression, Remaining):
        return Constant(remaining)
    if isinstance(expression, Operation):
        return Operation(expression.symbol, settled(expression.left, remaining),
                         settled(expression.right, remaining))
    return expression


def asks_for_rest(expression: Expression) -> bool:
    """Whether it depends on how many octets remain."""
    if isinstance(expression, Remaining):
        return True
    return any(map(asks_for_rest, expression.operands()))


def value_in(known: Mapping[Field[Any], int], field: Field[Any]) -> int | None:
    """The value of a field, perhaps by the one that it overlays or by those that overlay it."""
    number = known.get(field)
    if number is not None:
        return number
    if field.over is not None:
        below = known.get(field.over)
        if below is not None:
            return uncovered(field.over, below, field)
        if len(known) > 0:  # another overlay of the same bits
            for other, value in known.items():
                if other.over is field.over and (other.bit, other.bits) == (field.bit, field.bits):
                    return value
        return None
    above = [(other, value) for other, value in known.items() if other.over is field]
    if not above:
        return None
    number = 0
    for other, value in above:
        number = covered(field, number, other, value)
    return number


def solve(
    constraints: Sequence[Expression], choose: Chooser, fixed: Mapping[Field[Any], int],
    allowed: Callable[[Field[Any]], bool] = lambda field: True,
) -> dict[Field[Any], int] | None:
    """Values of the fields that `constraints` name with which all hold, besides those `fixed`.

    None where none are found among the numbers that the declaration names, and those beside them.
    """
    unknown = [field for field in dict.fromkeys(
        field for constraint in constraints for field in fields_in(constraint))
        if isinstance(field, Number) and value_in(fixed, field) is None and allowed(field)]
    named = constants_of(constraints)
    options = [_candidates(field, named, choose) for field in unknown]
    found = dict(fixed)
    steps = 0

    def go(level: int) -> bool:
        nonlocal steps
        verdicts = [evaluate(c, lambda field: value_in(found, field)) for c in constraints]
        if any(verdict == 0 for verdict in verdicts):
            return False
        if level == len(unknown) or all(verdicts):
            return all(verdict is None or verdict for verdict in verdicts)
        for option in options[level]:
            steps += 1
            if steps > MOST_STEPS:
                return False
            found[unknown[level]] = option
            if go(level + 1):
                return True
            del found[unknown[level]]
        return False

    return found if go(0) else None


def _candidates(field: Number[Any], named: set[int], choose: Chooser) -> list[int]:
    least, most = allowed_range(field)
    usual = [] if field.default is None else [field.number(field.default)]
    around = {value + beside for value in named for beside in (0, -1, 1)}
    listed = dict.fromkeys((*usual, 0, 1, *sorted(named), *sorted(around), *named_values(field),
                            least, most))
    scale = abs(field.scale)
    options = [v for v in listed if least <= v <= most and v % scale == 0][:MOST_CANDIDATES]
    start = choose.integer(0, len(options) - 1) if len(options) > 1 else 0
    return options[start:] + options[:start]
