"""Expressions over earlier fields: lengths, counts and conditions, as data.

An expression is a tree that is built by the operators and evaluated by the engine, once it has
been compiled to integer code (see `rawlab.schema.code`). Arithmetic is on 64-bit signed integers
and saturates; a condition is 0 or 1. Fields are themselves expressions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rawlab.schema.field import Field

Operand = Union["Expression", int]


class Expression:
    """Something that the engine can evaluate to an integer while it reads a header."""

    __slots__ = ()

    def operands(self) -> tuple[Expression, ...]:
        """The expressions that this one is made of."""
        return ()

    def __add__(self, other: Operand) -> Expression:
        return Operation("+", self, constant(other))

    def __radd__(self, other: Operand) -> Expression:
        return Operation("+", constant(other), self)

    def __sub__(self, other: Operand) -> Expression:
        return Operation("-", self, constant(other))

    def __rsub__(self, other: Operand) -> Expression:
        return Operation("-", constant(other), self)

    def __mul__(self, other: Operand) -> Expression:
        return Operation("*", self, constant(other))

    __rmul__ = __mul__

    def __floordiv__(self, other: Operand) -> Expression:
        return Operation("//", self, constant(other))

    def __mod__(self, other: Operand) -> Expression:
        return Operation("%", self, constant(other))

    def __lshift__(self, other: Operand) -> Expression:
        return Operation("<<", self, constant(other))

    def __rshift__(self, other: Operand) -> Expression:
        return Operation(">>", self, constant(other))

    def __and__(self, other: Operand) -> Expression:
        return Operation("&", self, constant(other))

    __rand__ = __and__

    def __or__(self, other: Operand) -> Expression:
        return Operation("|", self, constant(other))

    __ror__ = __or__

    def __xor__(self, other: Operand) -> Expression:
        return Operation("^", self, constant(other))

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        return Operation("==", self, constant(other))

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return Operation("!=", self, constant(other))

    def __lt__(self, other: Operand) -> Expression:
        return Operation("<", self, constant(other))

    def __le__(self, other: Operand) -> Expression:
        return Operation("<=", self, constant(other))

    def __gt__(self, other: Operand) -> Expression:
        return Operation(">", self, constant(other))

    def __ge__(self, other: Operand) -> Expression:
        return Operation(">=", self, constant(other))

    def __invert__(self) -> Expression:
        return Operation("==", self, Constant(0))

    def among(self, *values: int) -> Expression:
        """1 where the value is one of `values`, else 0."""
        if not values:
            raise ValueError("among() needs at least one value")
        result: Expression = Operation("==", self, constant(values[0]))
        for value in values[1:]:
            result = Operation("|", result, Operation("==", self, constant(value)))
        return result

    def __bool__(self) -> bool:
        raise TypeError("an expression has no truth value yet: combine with & | ~, not and or not")

    __hash__ = object.__hash__


class Constant(Expression):
    """A number that the declaration gives."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __repr__(self) -> str:
        return str(self.value)


class Operation(Expression):
    """Two operands and what joins them."""

    __slots__ = ("left", "right", "symbol")

    def __init__(self, symbol: str, left: Expression, right: Expression) -> None:
        self.symbol = symbol
        self.left = left
        self.right = right

    def operands(self) -> tuple[Expression, ...]:
        return (self.left, self.right)

    def __repr__(self) -> str:
        return f"({self.left!r} {self.symbol} {self.right!r})"


class Remaining(Expression):
    """Octets from here to the end of the enclosing scope."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "remaining"


remaining = Remaining()


def constant(value: object) -> Expression:
    """`value` as an expression; TypeError where it is neither an integer nor an expression."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, int):
        return Constant(int(value))
    raise TypeError(f"{value!r} cannot stand in an expression: an integer or a field can")


def depth(expression: Expression) -> int:
    """How much of the engine's stack an expression takes."""
    parts = expression.operands()
    if not parts:
        return 1
    return max(depth(part) + i for i, part in enumerate(parts))


def parts_of(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of."""
    yield expression
    for part in expression.operands():
        yield from parts_of(part)


def fields_in(expression: Expression) -> Iterator[Field[Any]]:
    """The fields that `expression` refers to."""
    from rawlab.schema.field import Field

    if isinstance(expression, Field):
        yield expression
    for part in expression.operands():
        yield from fields_in(part)
