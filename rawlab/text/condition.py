"""Expressions of declarations as people write them."""

from __future__ import annotations

from rawlab.schema.expression import Constant, Expression, Operation

_WORDS = {"|": ("or", 1), "&": ("and", 2)}
_COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
_COMPARISON = 4
_ARITHMETIC = {"|": 5, "^": 5, "&": 5, "<<": 6, ">>": 6, "+": 7, "-": 7, "*": 8, "//": 8, "%": 8}


def condition_text(expression: Expression) -> str:
    """`icmp.type is 0, 8 or 13 and icmp.code < 4`, for a condition that is built of operators."""
    return _text(expression, 0)


def _text(expression: Expression, binding: int) -> str:
    if not isinstance(expression, Operation):
        return repr(expression)
    choice = _choice(expression)
    if choice is not None:
        return f"({choice})" if binding > 1 and " or " in choice else choice
    left, right, symbol = expression.left, expression.right, expression.symbol
    if symbol == "==" and isinstance(right, Constant) and right.value == 0 and _logical(left):
        return f"not ({_text(left, 0)})"
    word, own = symbol, _ARITHMETIC.get(symbol, _COMPARISON)
    if symbol in _WORDS and _logical(left) and _logical(right):
        word, own = _WORDS[symbol]
    text = f"{_text(left, own)} {word} {_text(right, own + 1)}"
    return f"({text})" if own < binding else text


def _logical(expression: Expression) -> bool:
    """Whether it is a condition: a comparison, or conditions joined."""
    if not isinstance(expression, Operation):
        return False
    if expression.symbol in _WORDS:
        return _logical(expression.left) and _logical(expression.right)
    return expression.symbol in _COMPARISONS


def _choice(expression: Operation) -> str | None:
    """A field compared with one value after another: `f is 1, 2 or 3`."""
    values: list[str] = []
    rest: Expression = expression
    field: Expression | None = None
    while isinstance(rest, Operation) and rest.symbol in ("|", "=="):
        one = rest.right if rest.symbol == "|" else rest
        if not (isinstance(one, Operation) and one.symbol == "=="):
            return None
        if isinstance(one.left, Operation) or not isinstance(one.right, Constant):
            return None
        if field is not None and one.left is not field:
            return None
        field = one.left
        values.insert(0, repr(one.right))
        if rest.symbol == "==":
            listed = " or ".join([*filter(None, [", ".join(values[:-1])]), values[-1]])
            return f"{field!r} is {listed}"
        rest = rest.left
    return None
