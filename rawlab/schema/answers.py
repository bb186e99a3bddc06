"""What answers a header, as data: how the fields of a reply follow from those of the request.

A rule is a function of the header's class, so that it may name its fields:

    class Echo(Header, name="echo", follows=on("ethertype", 0x88B5), answers=lambda h: (
        becomes(h.kind, {1: 2}), same(h.ident))):

All its terms have to hold. The same rule finds replies and, read forwards, builds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rawlab.schema.expression import Constant, Expression, Operand, constant, fields_in
from rawlab.schema.field import Field

Choice = int | tuple[int, ...]


class Carried(Expression):
    """How many octets the request's header carries."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "carried"


carried = Carried()


class Anything:
    """A header that has no say in what answers what: a reply may have it, or lack it."""

    def __repr__(self) -> str:
        return "anything"


anything = Anything()


@dataclass(frozen=True, eq=False)
class Mirrored:
    """The reply goes from the request's receiver to its sender."""

    sender: Field[Any]
    receiver: Field[Any]


@dataclass(frozen=True, eq=False)
class Same:
    """The reply has the request's values."""

    fields: tuple[Field[Any], ...]


@dataclass(frozen=True, eq=False)
class Repeated:
    """The reply has the request's values, or none."""

    fields: tuple[Field[Any], ...]


@dataclass(frozen=True, eq=False)
class Becomes:
    """A value of the request has its counterpart in the reply."""

    field: Field[Any]
    values: Mapping[int, tuple[int, ...]]
    bits: str = ""


@dataclass(frozen=True, eq=False)
class Equals:
    """A field of the reply is what the request's fields come to, cut to the field's width."""

    field: Field[Any]
    expression: Expression

    @cached_property
    def sources(self) -> tuple[Field[Any], ...]:
        """The fields of the request that it is made of."""
        return tuple(fields_in(self.expression))


@dataclass(frozen=True, eq=False)
class Usually:
    """What a reply that is built has there; none is held to it."""

    field: Field[Any]
    value: Any
    """An expression over the request, or a value."""


@dataclass(frozen=True, eq=False)
class Quotes:
    """Where the condition holds, the header is an error about the packet that it carries."""

    condition: Expression


@dataclass(frozen=True, eq=False)
class Either:
    """One of several groups of terms."""

    alternatives: tuple[tuple[Any, ...], ...]
    """Each a group of terms, all of which hold."""


Term = Mirrored | Same | Repeated | Becomes | Equals | Usually | Quotes | Either
Terms = Term | tuple[Term, ...]
Rule = Callable[[Any], Terms]
"""What `answers=` takes: a function from the header's class to terms."""
TERMS = (Mirrored, Same, Repeated, Becomes, Equals, Usually, Quotes, Either)


def mirrored(sender: Field[Any], receiver: Field[Any]) -> Mirrored:
    """The reply's sender is the request's receiver, and the other way round.

    Whoever answers a broadcast or multicast does so under an address of its own, and so may who
    was asked at an unspecified one (0.0.0.0, ::, 00:00:00:00:00:00); a reply may go to many.
    """
    return Mirrored(sender, receiver)


def same(*fields: Field[Any]) -> Same:
    """The reply's values are the request's; what the request lacks, the reply lacks."""
    return Same(fields)


def repeated(*fields: Field[Any]) -> Repeated:
    """As `same`, but a reply may lack them, or have none where they are a list."""
    return Repeated(fields)


def becomes(field: Field[Any], values: Mapping[int, Choice], *, bits: str = "") -> Becomes:
    """What the field's value turns into: `becomes(h.type, {8: 0, 13: 14})`.

    Nothing answers a request with any other value. Several values, the usual one first, are a
    tuple. `bits` is one name among `Flags`: `becomes(h.flags, {0: 1}, bits="response")`.
    """
    listed = {asked: told if isinstance(told, tuple) else (told,)
              for asked, told in values.items()}
    return Becomes(field, listed, bits)


def equals(field: Field[Any], expression: Operand) -> Equals:
    """The reply's `field` is an expression over the request: `equals(h.ack, h.seq + carried)`.

    `carried` is the number of octets that the request's header carries.
    """
    return Equals(field, constant(expression))


def usually(field: Field[Any], value: object) -> Usually:
    """What a reply is built with, and need not have: `usually(h.ttl, 64)`.

    A value, or an expression over the request.
    """
    return Usually(field, value)


def quotes(condition: Expression) -> Quotes:
    """Where it holds, the header answers the packet that it quotes, whatever its other fields."""
    return Quotes(condition)


def either(*alternatives: Terms) -> Either:
    """One of the alternatives holds, each a term or a tuple of terms; the first builds replies."""
    return Either(tuple(map(as_tuple, alternatives)))


def as_tuple(terms: Terms) -> tuple[Term, ...]:
    """Terms as a tuple."""
    return terms if isinstance(terms, tuple) else (terms,)


def every(terms: tuple[Term, ...]) -> Iterator[Term]:
    """The terms and those inside them."""
    for term in terms:
        yield term
        if isinstance(term, Either):
            for alternative in term.alternatives:
                yield from every(alternative)


def without_carried(expression: Expression, octets: int) -> Expression:
    """`expression` with a number in place of `carried`."""
    from rawlab.schema.expression import Operation

    if isinstance(expression, Carried):
        return Constant(octets)
    if isinstance(expression, Operation):
        left = without_carried(expression.left, octets)
        return Operation(expression.symbol, left, without_carried(expression.right, octets))
    return expression
