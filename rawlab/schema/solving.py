"""Expressions when building: their values, and what makes a condition hold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from rawlab.schema.expression import Constant, Expression, Operation
from rawlab.schema.field import Field

ValueOf = Callable[[Field[Any]], int | None]
"""The value of a field, its scale in it; None where it is not known yet."""

_APPLY: dict[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "&": operator.and_,
    "|": operator.or_, "^": operator.xor, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "<<": operator.lshift, ">>": operator.rshift, "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip
_MOST_SHIFT = 64


def evaluate(expression: Expression, value_of: ValueOf) -> int | None:
    """The value of `expression`; None where it depends on what is not known."""
    if isinstance(expression, Constant):
        return expression.value
    if isinstance(expression, Field):
        return value_of(expression)
    if not isinstance(expression, Operation):
        return None
    left = evaluate(expression.left, value_of)
    right = evaluate(expression.right, value_of)
    symbol = expression.symbol
    if left is None or right is None:
        return _half_known(symbol, left, right)
    if symbol in ("//", "%") and right == 0:
        return None
    if symbol in ("<<", ">>") and not 0 <= right < _MOST_SHIFT:
        return None
    return int(_APPLY[symbol](left, right))


def _half_known(symbol: str, left: int | None, right: int | None) -> int | None:
    """A condition that one side decides."""
    known = right if left is None else left
    if symbol == "&" and known == 0:
        return 0
    if symbol == "|" and known == 1:
        return 1
    return None


def satisfy(expression: Expression) -> Iterator[tuple[Field[Any], int]]:
    """Values, one for a field, with which a condition holds: the first that it names.

    Nothing for what is not said by fields and constants alone.
    """
    if isinstance(expression, Field):
        yield expression, 1
        return
    if not isinstance(expression, Operation):
        return
    left, right, symbol = expression.left, expression.right, expression.symbol
    if symbol == "|":
        yield from satisfy(left)
    elif symbol == "&" and not isinstance(right, Constant):
        yield from satisfy(left)
        yield from satisfy(right)
    elif isinstance(left, Field) and isinstance(right, Constant):
        value = right.value
        offset = {"==": 0, ">=": 0, "<=": 0, ">": 1, "<": -1}.get(symbol)
        if offset is not None:
            yield left, value + offset
        elif symbol == "!=" and value == 0:
            yield left, 1


def only_values(expression: Expression) -> list[tuple[Field[Any], int]]:
    """The only values for which a condition holds, where it says as much by `==` and `&`."""
    if not isinstance(expression, Operation):
        return []
    left, right = expression.left, expression.right
    if expression.symbol == "&":
        return only_values(left) + only_values(right)
    if expression.symbol == "==" and isinstance(left, Field) and isinstance(right, Constant):
        return [(left, right.value)]
    return []


def only_value(expression: Expression) -> tuple[Field[Any], int] | None:
    """The one field and value for which a condition holds, where it is as simple as that."""
    found = only_values(expression)
    simple = isinstance(expression, Operation) and expression.symbol == "=="
    return found[0] if found and simple else None
