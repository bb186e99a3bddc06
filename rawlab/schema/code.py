"""Expressions as integer code for the engine, and what can be said more simply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rawlab.engine import numbers as n
from rawlab.schema.expression import Constant, Expression, Operation, Remaining, depth
from rawlab.schema.field import Field

OPERATIONS = {
    "+": n.ADD, "-": n.SUB, "*": n.MUL, "//": n.DIV, "%": n.MOD, "<<": n.SHL, ">>": n.SHR,
    "&": n.AND, "|": n.OR, "^": n.XOR, "==": n.EQ, "!=": n.NE, "<": n.LT, "<=": n.LE,
    ">": n.GT, ">=": n.GE,
}
MOST = 2**63 - 1
Refer = Callable[[Field[Any]], tuple[int, int]]
"""The instruction that loads a field: its slot in a program, or its place in a prefix."""


def compile_expression(expression: Expression, refer: Refer) -> list[int]:
    """`expression` in postfix, pairs of operation and argument, ended by END."""
    if depth(expression) > n.STACK - 2:
        raise ValueError("an expression is nested too deep")
    code: list[int] = []
    emit(expression, refer, code)
    return [*code, n.END, 0]


def emit(expression: Expression, refer: Refer, code: list[int]) -> None:
    """Append the code of `expression`."""
    if isinstance(expression, Field):
        code += refer(expression)
    elif isinstance(expression, Constant):
        code += [n.PUSH, max(-MOST, min(MOST, expression.value))]
    elif isinstance(expression, Remaining):
        code += [n.REMAIN, 0]
    elif isinstance(expression, Operation):
        emit(expression.left, refer, code)
        emit(expression.right, refer, code)
        code += [OPERATIONS[expression.symbol], 0]
    else:
        raise TypeError(f"{expression!r} is no expression")


def as_bounds(expression: Expression) -> tuple[Field[Any], int, int] | None:
    """`expression` as (field, least, most), where it says just that a field lies in a range."""
    if isinstance(expression, Field):
        return expression, 1, MOST
    if not isinstance(expression, Operation):
        return None
    field, number = expression.left, expression.right
    if not isinstance(number, Constant):
        return None
    value = number.value
    if not isinstance(field, Field):
        return negated(field) if expression.symbol == "==" and value == 0 else None
    ranges = {
        "==": (value, value), ">=": (value, MOST), ">": (value + 1, MOST),
        "<=": (-MOST, value), "<": (-MOST, value - 1),
    }
    if expression.symbol == "!=" and value == 0:
        return field, 1, MOST
    if expression.symbol not in ranges:
        return None
    return field, *ranges[expression.symbol]


def negated(expression: Expression) -> tuple[Field[Any], int, int] | None:
    """The bounds of `~expression`, where they are one range."""
    found = as_bounds(expression)
    if found is None:
        return None
    field, least, most = found
    if most == MOST:
        return field, -MOST, least - 1
    if least <= 0:
        return field, most + 1, MOST
    return None


def as_set(expression: Expression) -> tuple[Field[Any], set[int]] | None:
    """`expression` as (field, values), where it says just that a field is one of a few values."""
    if not isinstance(expression, Operation):
        return None
    if expression.symbol == "|":
        left, right = as_set(expression.left), as_set(expression.right)
        if left is None or right is None or left[0] is not right[0]:
            return None
        return left[0], left[1] | right[1]
    bounds = as_bounds(expression)
    if expression.symbol != "==" or bounds is None or bounds[1] != bounds[2]:
        return None
    return (bounds[0], {bounds[1]}) if 0 <= bounds[1] < 63 else None


def as_line(expression: Expression) -> tuple[Field[Any], int, int] | None:
    """`expression` as (field, factor, constant), where it is linear in one field."""
    if isinstance(expression, Field):
        return expression, 1, 0
    if not isinstance(expression, Operation):
        return None
    left, right = expression.left, expression.right
    if isinstance(left, Constant) and expression.symbol in "+*":
        left, right = right, left
    found = as_line(left)
    if found is None or not isinstance(right, Constant):
        return None
    field, factor, add = found
    if expression.symbol in "+-":
        return field, factor, add + (right.value if expression.symbol == "+" else -right.value)
    scale = {"*": right.value, "<<": 1 << max(0, min(right.value, 32))}.get(expression.symbol)
    return None if scale is None else (field, factor * scale, add * scale)
