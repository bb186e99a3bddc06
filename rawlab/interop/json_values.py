"""Expressions, values and rules of declarations as JSON's own data."""

from __future__ import annotations

import enum
import ipaddress
from typing import Any

from rawlab.schema.answers import (
    Anything,
    Becomes,
    Carried,
    Either,
    Equals,
    Mirrored,
    Quotes,
    Repeated,
    Same,
    Term,
    Usually,
)
from rawlab.schema.expression import Constant, Expression, Operation, Remaining
from rawlab.schema.field import Field


def expression_of(expression: Expression) -> Any:
    """An expression as a number, {"field": attribute}, "remaining", "carried", or a list.

    The list is [operator, left, right].
    """
    if isinstance(expression, Field):
        return {"field": expression.attribute}
    if isinstance(expression, Constant):
        return expression.value
    if isinstance(expression, Remaining):
        return "remaining"
    if isinstance(expression, Carried):
        return "carried"
    assert isinstance(expression, Operation)
    return [expression.symbol, expression_of(expression.left), expression_of(expression.right)]


def answers_of(answers: tuple[Term, ...] | Anything) -> Any:
    """What answers a header: "anything", or a list of terms that all hold."""
    return "anything" if isinstance(answers, Anything) else [_term(term) for term in answers]


def _term(term: Term) -> dict[str, Any]:
    match term:
        case Mirrored():
            return {"mirrored": [term.sender.attribute, term.receiver.attribute]}
        case Same():
            return {"same": [field.attribute for field in term.fields]}
        case Repeated():
            return {"repeated": [field.attribute for field in term.fields]}
        case Becomes():
            values = {str(int(before)): [*map(int, after)] for before, after in term.values.items()}
            found: dict[str, Any] = {"becomes": term.field.attribute, "values": values}
            return found | ({"bits": term.bits} if term.bits else {})
        case Equals():
            return {"equals": term.field.attribute, "value": expression_of(term.expression)}
        case Usually():
            value = expression_of(term.value) if isinstance(term.value, Expression) else (
                plain(term.value))
            return {"usually": term.field.attribute, "value": value}
        case Quotes():
            return {"quotes": expression_of(term.condition)}
        case Either():
            return {"either": [answers_of(group) for group in term.alternatives]}


def plain(value: Any) -> Any:
    """A value that JSON can hold: octets in hexadecimal, what has no form of its own as text."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, (enum.IntEnum, bool)) or value is None or isinstance(value, str):
        return int(value) if isinstance(value, enum.IntEnum) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return repr(value)
