"""Mistakes in a rule of what answers a header: each fails when the class is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rawlab.schema.answers import (
    TERMS,
    Anything,
    Becomes,
    Either,
    Equals,
    Mirrored,
    Quotes,
    Repeated,
    Rule,
    Same,
    Term,
    Usually,
    every,
)
from rawlab.schema.error import DeclarationError
from rawlab.schema.expression import Expression, fields_in
from rawlab.schema.field import Field
from rawlab.schema.integer import Flags, Number
from rawlab.schema.mistakes import near


def terms_of(cls: type, rule: Rule | Anything, fields: tuple[Field[Any], ...]
             ) -> tuple[Term, ...] | Anything:
    """What `answers=` of a class says, checked; DeclarationError."""
    if isinstance(rule, Anything):
        return rule
    if not callable(rule):
        raise DeclarationError(
            cls.__name__, "", "answers= takes a function of the class, such as"
            f" lambda h: same(h.id), not {rule!r}")
    try:
        terms = rule(cls)
    except AttributeError as error:
        names = [field.attribute for field in fields]
        hint = near(str(error.name), names)
        raise DeclarationError(cls.__name__, "", f"answers=: no field {error.name!r}{hint}"
                               ) from None
    except (TypeError, ValueError) as error:
        raise DeclarationError(cls.__name__, "", f"answers=: {error}") from None
    terms = terms if isinstance(terms, tuple) else (terms,)
    for term in _checked_kind(cls, terms):
        _check(cls, term, fields)
    return terms


def _checked_kind(cls: type, terms: tuple[Any, ...]) -> Iterator[Term]:
    for term in every(terms):
        if not isinstance(term, TERMS):
            raise DeclarationError(
                cls.__name__, "",
                f"answers= is made of mirrored(...), same(...) and their like, not {term!r}")
        yield term


def _check(cls: type, term: Term, fields: tuple[Field[Any], ...]) -> None:
    if isinstance(term, Quotes) and not isinstance(term.condition, Expression):
        raise DeclarationError(cls.__name__, "", "answers=: quotes() needs a condition")
    for field in named(term):
        if not isinstance(field, Field) or field.name not in {f.name for f in fields}:
            raise DeclarationError(
                cls.__name__, "", f"answers= names {field!r}, which is no field of the header")
    if isinstance(term, Mirrored) and type(term.sender) is not type(term.receiver):
        raise DeclarationError(
            cls.__name__, term.sender.attribute,
            f"is mirrored in {term.receiver.attribute}, which is of another kind")
    if isinstance(term, (Same, Repeated)) and not term.fields:
        raise DeclarationError(cls.__name__, "", "answers=: same() needs a field")
    if isinstance(term, Either) and len(term.alternatives) < 2:
        raise DeclarationError(cls.__name__, "", "answers=: either() needs two alternatives")
    if isinstance(term, Becomes):
        _check_values(cls, term)


def _check_values(cls: type, term: Becomes) -> None:
    field = term.field
    if not isinstance(field, Number):
        raise DeclarationError(cls.__name__, field.attribute, "becomes() is for integers")
    width = field.bits or 0
    if term.bits:
        runs = dict(field.parts) if isinstance(field, Flags) else {}
        if term.bits not in runs:
            raise DeclarationError(
                cls.__name__, field.attribute, f"has no bits {term.bits!r}{near(term.bits, runs)}")
        width = runs[term.bits][1]
    if not term.values:
        raise DeclarationError(cls.__name__, field.attribute, "becomes() needs values")
    for asked, told in term.values.items():
        for value in (asked, *told):
            if not told or not 0 <= value < 1 << width:
                raise DeclarationError(
                    cls.__name__, field.attribute, f"{value} in becomes() needs over {width} bits")


def named(term: Term) -> list[Field[Any]]:
    """The fields that a term names itself."""
    if isinstance(term, Mirrored):
        return [term.sender, term.receiver]
    if isinstance(term, (Same, Repeated)):
        return list(term.fields)
    if isinstance(term, Becomes):
        return [term.field]
    if isinstance(term, Equals):
        return [term.field, *fields_in(term.expression)]
    if isinstance(term, Usually):
        told = fields_in(term.value) if isinstance(term.value, Expression) else ()
        return [term.field, *told]
    if isinstance(term, Quotes):
        return list(fields_in(term.condition))
    return []
