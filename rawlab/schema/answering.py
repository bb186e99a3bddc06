"""Whether one header answers another by its declared rule, and what an answer holds."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from rawlab.engine.view import bounds_of, source_of
from rawlab.schema.answers import (
    Anything,
    Becomes,
    Either,
    Equals,
    Mirrored,
    Quotes,
    Repeated,
    Same,
    Term,
    Usually,
    every,
    without_carried,
)
from rawlab.schema.compute import Next
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.expression import Expression
from rawlab.schema.field import Field
from rawlab.schema.integer import Flags
from rawlab.schema.solving import ValueOf, evaluate


class NoAnswer(ValueError):
    """Nothing answers a header with these values, by its declared rule."""


NO_MAC = "00:00:00:00:00:00"
_BROADCAST = IPv4Address("255.255.255.255")


def terms_for(header: Header | type[Header]) -> tuple[Term, ...]:
    """The terms of a header's rule; none where it has no rule."""
    cls = header if isinstance(header, type) else type(header)
    told = declaration_of(cls).answers
    return told if isinstance(told, tuple) else ()


def counts(header: Header) -> bool:
    """Whether a reply has to have the header that its request has.

    Messages on a stream need not be answered by messages: an acknowledgment will do.
    """
    declared = declaration_of(type(header))
    if isinstance(declared.answers, Anything):
        return False
    return not any(entry.stream for entry in declared.follows)


def is_answer(request: Header, reply: Header) -> bool:
    """Whether `reply` holds to the rule of `request`, a header of the same class."""
    return all(_holds(term, request, reply) for term in terms_for(request))


def is_quoting(header: Header) -> bool:
    """Whether a header is an error about the packet inside it."""
    return any(isinstance(term, Quotes) and evaluate(term.condition, _values_of(header)) == 1
               for term in terms_for(header))


def is_quote_of(sent: Header, quoted: Header) -> bool:
    """Whether a header that an error quotes, perhaps cut short, is one that was sent."""
    for field in identifying(type(sent)):
        was, is_now = getattr(sent, field.attribute), getattr(quoted, field.attribute)
        if is_now is not None and was != is_now and not is_unset(was):
            return False
    return True


def identifying(cls: type[Header]) -> tuple[Field[Any], ...]:
    """The fields by which a packet is known again where an error quotes it."""
    found: dict[str, Field[Any]] = {}
    for term in every(terms_for(cls)):
        if isinstance(term, Mirrored):
            fields: tuple[Field[Any], ...] = (term.sender, term.receiver)
        elif isinstance(term, Same):
            fields = term.fields
        elif isinstance(term, Becomes):
            fields = (term.field,)
        elif isinstance(term, Equals):
            fields = term.sources
        else:
            continue
        found.update({field.name: field for field in fields})
    return tuple(found.values())


def announces_the_same(request: Header, reply: Header) -> bool:
    """Whether both say that the same kind of payload follows."""
    return all(getattr(request, field.attribute) == getattr(reply, field.attribute)
               for field in declaration_of(type(request)).fields
               if isinstance(field.compute, Next))


def is_shared(address: object) -> bool:
    """Whether an address is that of many: a broadcast or a multicast."""
    if isinstance(address, str):
        return bool(int(address[:2], 16) & 1)
    if isinstance(address, IPv4Address):
        return address.is_multicast or address == _BROADCAST
    return isinstance(address, IPv6Address) and address.is_multicast


def is_unset(address: object) -> bool:
    """Whether an address stands for none: 0.0.0.0, ::, 00:00:00:00:00:00."""
    if isinstance(address, str):
        return address == NO_MAC
    return isinstance(address, (IPv4Address, IPv6Address)) and address.is_unspecified


def is_own(address: object) -> bool:
    """Whether an address is that of one station."""
    return not is_shared(address) and not is_unset(address)


def reaches_sender(term: Mirrored, request: Header, reply: Header) -> bool:
    """Whether a reply goes to whom the request came from."""
    asker = getattr(request, term.sender.attribute)
    goes_to = getattr(reply, term.receiver.attribute)
    return bool(goes_to == asker) or is_unset(asker) or is_shared(goes_to)


def _holds(term: Term, request: Header, reply: Header) -> bool:
    if isinstance(term, Mirrored):
        asked, teller = (getattr(request, term.receiver.attribute),
                         getattr(reply, term.sender.attribute))
        return (teller == asked or not is_own(asked)) and reaches_sender(term, request, reply)
    if isinstance(term, Same):
        return all(getattr(request, f.attribute) == getattr(reply, f.attribute)
                   for f in term.fields)
    if isinstance(term, Repeated):
        return all(getattr(reply, f.attribute) in (None, (), getattr(request, f.attribute))
                   for f in term.fields)
    if isinstance(term, Becomes):
        asked, told = _number(term, request), _number(term, reply)
        return asked is not None and told in term.values.get(asked, ())
    if isinstance(term, Equals):
        return bool(getattr(reply, term.field.attribute)
                    == value_of(term.field, term.expression, request))
    if isinstance(term, Either):
        return any(all(_holds(part, request, reply) for part in alternative)
                   for alternative in term.alternatives)
    return isinstance(term, Usually) or not is_quoting(request)


def _number(term: Becomes, header: Header) -> int | None:
    """The value that a rule turns into another: the field's, or that of a run of its bits."""
    value = getattr(header, term.field.attribute)
    if value is None or not term.bits:
        return None if value is None else int(value)
    assert isinstance(term.field, Flags)
    shift, width = dict(term.field.parts)[term.bits]
    return int(value) >> shift & ((1 << width) - 1)


def value_of(field: Field[Any], expression: Expression, request: Header) -> Any:
    """What an expression over the request comes to, as a value of `field`."""
    if isinstance(expression, Field):
        return getattr(request, expression.attribute)
    number = evaluate_over(expression, request)
    if number is None or field.bits is None or field.scale != 1:
        return number
    return number & ((1 << field.bits) - 1)


def evaluate_over(expression: Expression, header: Header) -> int | None:
    """The value of an expression over a dissected header."""

    return evaluate(without_carried(expression, carried_by(header)), _values_of(header))


def _values_of(header: Header) -> ValueOf:
    """The values of a dissected header's integers."""

    def value(field: Field[Any]) -> int | None:
        found = getattr(header, field.attribute)
        return None if found is None else int(found)

    return value


def carried_by(header: Header) -> int:
    """How many octets a dissected header carries; 0 of one that has no octets."""
    if source_of(header) is None:
        return 0
    _, _, end, limit, _ = bounds_of(header)
    return limit - end


def reply_values(request: Header) -> dict[str, Any]:
    """The values of a reply to `request` that differ from its own, by attribute.

    Raises NoAnswer.
    """
    values: dict[str, Any] = {}
    if is_quoting(request):
        raise NoAnswer(f"nothing answers an error ({declaration_of(type(request)).name})")
    for term in terms_for(request):
        _answer(term, request, values)
    return values


def _answer(term: Term, request: Header, values: dict[str, Any]) -> None:
    if isinstance(term, Mirrored):
        for field, from_field in ((term.sender, term.receiver), (term.receiver, term.sender)):
            value = getattr(request, from_field.attribute)
            if value is not None:
                shared = field is term.sender and is_shared(value)
                values[field.attribute] = _unset(value) if shared else value
    elif isinstance(term, Becomes):
        _turn(term, request, values)
    elif isinstance(term, (Equals, Usually)):
        told = term.expression if isinstance(term, Equals) else term.value
        if isinstance(told, Expression):
            told = value_of(term.field, told, request)
        if told is not None:
            values[term.field.attribute] = told
    elif isinstance(term, Either):
        values.update(_first_that_answers(term, request, values))


def _turn(term: Becomes, request: Header, values: dict[str, Any]) -> None:
    asked = _number(term, request)
    if asked is None or asked not in term.values:
        raise NoAnswer(f"nothing answers {term.field.name} {asked}")
    told = term.values[asked][0]
    if term.bits:
        assert isinstance(term.field, Flags)
        shift, width = dict(term.field.parts)[term.bits]
        start = values.get(term.field.attribute, getattr(request, term.field.attribute))
        told = int(start) & ~(((1 << width) - 1) << shift) | told << shift
    values[term.field.attribute] = told


def _first_that_answers(
    term: Either, request: Header, before: dict[str, Any]
) -> dict[str, Any]:
    problem = NoAnswer("nothing answers it")
    for alternative in term.alternatives:
        values = dict(before)
        try:
            for part in alternative:
                _answer(part, request, values)
        except NoAnswer as error:
            problem = error
        else:
            return values
    raise problem


def _unset(address: object) -> object:
    return NO_MAC if isinstance(address, str) else type(address)(0)  # type: ignore[call-arg]


def mirrored_in(cls: type[Header]) -> Iterator[Mirrored]:
    """The pairs of sender and receiver that a rule names."""
    return (term for term in every(terms_for(cls)) if isinstance(term, Mirrored))
