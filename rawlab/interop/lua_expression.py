"""Expressions of declarations in Lua: as truths for conditions, as numbers for lengths."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rawlab.schema.expression import Constant, Expression, Operation, Remaining
from rawlab.schema.field import Field

Refer = Callable[[Field[Any]], str]
"""How Lua spells the value of a field."""
_COMPARISONS = {"==": "==", "!=": "~=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FUNCTIONS = {"//": "divide", "&": "band", "|": "bor", "^": "bxor"}


def truth(expression: Expression, refer: Refer) -> str:
    """A condition, as Lua's true or false."""
    if isinstance(expression, Operation):
        left, right, symbol = expression.left, expression.right, expression.symbol
        if symbol == "==" and isinstance(right, Constant) and right.value == 0 and logical(left):
            return f"not {truth(left, refer)}"
        if symbol in _COMPARISONS:
            return f"({number(left, refer)} {_COMPARISONS[symbol]} {number(right, refer)})"
        if symbol in "&|" and logical(left) and logical(right):
            word = "and" if symbol == "&" else "or"
            return f"({truth(left, refer)} {word} {truth(right, refer)})"
    return f"({number(expression, refer)} ~= 0)"


def number(expression: Expression, refer: Refer) -> str:
    """A value, as a number of Lua: exact up to 53 bits."""
    if isinstance(expression, Field):
        return refer(expression)
    if isinstance(expression, Constant):
        return str(expression.value)
    if isinstance(expression, Remaining):
        return "(s.stop - s.at)"
    assert isinstance(expression, Operation)
    if logical(expression):
        return f"one({truth(expression, refer)})"
    left, right = number(expression.left, refer), number(expression.right, refer)
    symbol = expression.symbol
    if symbol in _FUNCTIONS:
        return f"{_FUNCTIONS[symbol]}({left}, {right})"
    if symbol == "<<":
        return f"({left} * 2 ^ {right})"
    if symbol == ">>":
        return f"math.floor({left} / 2 ^ {right})"
    return f"({left} {symbol} {right})"


def logical(expression: Expression) -> bool:
    """Whether it is a condition: a comparison, or conditions joined."""
    if not isinstance(expression, Operation):
        return False
    if expression.symbol in "&|":
        return logical(expression.left) and logical(expression.right)
    return expression.symbol in _COMPARISONS


def quoted(text: str) -> str:
    """A text as Lua spells it, control characters left out."""
    return json.dumps("".join(c for c in text if c.isprintable()), ensure_ascii=False)


def quoted_octets(octets: bytes) -> str:
    """Octets as a string of Lua."""
    return '"' + "".join(f"\\{octet:03d}" for octet in octets) + '"'
