"""Bits that mean one thing or another: the overlays of private fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rawlab.fuzz import numbers
from rawlab.fuzz.solving import solve, value_in
from rawlab.schema.compute import Length
from rawlab.schema.expression import fields_in
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.known import covered, uncovered
from rawlab.schema.solving import evaluate

if TYPE_CHECKING:
    from rawlab.fuzz.making import Making


def give_overlays(making: Making, base: Field[Any]) -> None:
    """The overlays of a private field that are there."""
    overlays = [f for f in making.declared.fields if f.over is base and isinstance(f, Number)]
    opener = next((field for field in overlays if field is making.opener), None)
    if opener is not None:
        if base in making.fixed and opener.compute is None and opener is not making.announcer:
            number = uncovered(base, making.fixed[base], opener)
            making.known[opener] = number
            making.values[opener.attribute] = opener.natural(number)
        return
    torn: list[Number[Any]] = []
    for field in overlays:
        if field.private or isinstance(field.compute, Length):
            continue
        if field.when is not None and base in set(fields_in(field.when)):
            torn.append(field)
        elif making.holds(field.when):
            _give(making, field)
    if torn and not any(f.attribute in making.values for f in overlays):
        _give_one(making, base, torn, any(
            isinstance(f.compute, Length) and not f.opens for f in overlays))


def _give(making: Making, field: Number[Any]) -> None:
    if field in making.fixed:
        number = making.fixed[field]
    elif field.opens:
        number = making.unclaimed(field)
    else:
        number = numbers.draw(field, making.choose)
    making.known[field] = number
    making.values[field.attribute] = field.natural(number)


def _give_one(making: Making, base: Field[Any], torn: list[Number[Any]], computed: bool) -> None:
    """One of several overlays, of which the value itself tells which is there."""
    first = making.choose.integer(0, len(torn) - (0 if computed else 1))
    if first == len(torn):
        return  # the one that is computed
    for field in torn[first:] + torn[:first]:
        number = _telling(making, base, field)
        if number is not None:
            making.known[field] = number
            making.values[field.attribute] = field.natural(number)
            return


def _telling(making: Making, base: Field[Any], field: Number[Any]) -> int | None:
    """A value of an overlay with which it is the one that is there."""
    assert field.when is not None
    when = making.settled(field.when)
    for _ in range(4):
        number = making.fixed.get(field)
        if number is None:
            number = making.unclaimed(field) if field.opens else numbers.draw(
                field, making.choose, making.named_beside(base))
        trial = {**making.known, base: covered(base, 0, field, number)}
        if evaluate(when, lambda asked, trial=trial: value_in(trial, asked)):  # type: ignore[misc]
            return number
    found = solve([when], making.choose, making.known)
    return None if found is None or base not in found else uncovered(base, found[base], field)
