"""What is known of a header's integers before it is built: given, implied, found, or default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rawlab.schema.compute import Length, Next
from rawlab.schema.declaration import Declared, Group, Header, declaration_of
from rawlab.schema.expression import Expression
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.original import Original, given_values_of, original_of
from rawlab.schema.solving import evaluate, only_values, satisfy


class Surroundings(NamedTuple):
    """What a header needs to know of the packet around it."""

    follower: type[Header] | None = None
    payload_octets: int = 0
    keep: frozenset[str] = frozenset()
    """Names of computed fields that keep the value that was dissected; "*" is all of them."""
    partial: bool = False
    """Not all of the payload is here, so what counts it keeps its value."""

    def keeps(self, field: Field[Any]) -> bool:
        """Whether a computed field of a dissected header is left as it was."""
        if field.name in self.keep or "*" in self.keep:
            return True
        return self.partial and isinstance(field.compute, Length) and (
            "payload" in field.compute.kinds)


class Known:
    """The values of one header's or group's integers, as far as they are known."""

    def __init__(self, view: Declared, around: Surroundings, edits: Mapping[str, Any]) -> None:
        self.declared = declaration_of(type(view))
        self.around = around
        self.overlays = [f for f in self.declared.fields if f.over is not None]
        self.original: Original | None = original_of(view)
        self.found: Mapping[Field[Any], Any] = self.original.values if self.original else {}
        """Values of the dissected header."""
        by_attribute = {f.attribute: f for f in self.declared.fields}
        if isinstance(view, Group):
            by_attribute.setdefault("data", type(view).data)
        given = {**given_values_of(view), **edits}
        self.given = {by_attribute[name]: value for name, value in given.items()}
        """Values that somebody chose."""
        self.numbers: dict[Field[Any], int] = {}
        """Values of integers, their scale in them."""
        self._take_given()
        self._take_implied()
        self._take_the_rest()
        self._announce()

    def learn(self, field: Field[Any], number: int) -> None:
        """`field` has this value; it shows in the field that it overlays."""
        self.numbers[field] = number
        if field.over is not None and field.over in self.numbers:
            below = self.numbers[field.over]
            self.numbers[field.over] = covered(field.over, below, field, number)

    def value(self, field: Field[Any]) -> int | None:
        """The value of a field; None where it is not known."""
        number = self.numbers.get(field)
        if number is not None:
            return number
        if field.over is not None:
            below = self.value(field.over)
            return None if below is None else uncovered(field.over, below, field)
        given = [o for o in self.overlays if o.over is field and o in self.numbers]
        if not given:
            return None
        number = 0
        for overlay in given:
            number = covered(field, number, overlay, self.numbers[overlay])
        return number

    def holds(self, condition: Expression) -> int | None:
        """Whether a condition holds; None where that is not known."""
        return evaluate(condition, self.value)

    def _take_given(self) -> None:
        for field, value in self.given.items():
            if isinstance(field, Number):
                field.wire(value)  # it fits, or it is refused here
                self.learn(field, field.number(value))

    def _take_implied(self) -> None:
        """What a variant stands for, and what makes conditions of given fields hold."""
        variant = self.declared.when
        if variant is not None and not self.holds(variant):
            for field, number in only_values(variant):
                if field not in self.given and field.compute is None:
                    self.learn(field, number)
        for field in list(self.given):
            if field.when is None or self.holds(field.when) or self._holds_as_usual(field.when):
                continue
            for other, number in satisfy(field.when):
                if self.holds(field.when):
                    break
                if other in self.given or other is field.over or other.compute is not None:
                    continue
                if isinstance(other, Number):
                    self.learn(other, number)

    def _holds_as_usual(self, condition: Expression) -> bool:
        """Whether a condition holds where fields that nobody gave have their defaults."""

        def usual(field: Field[Any]) -> int | None:
            known = self.value(field)
            if known is None and isinstance(field, Number) and field.default is not None:
                return field.number(field.default)
            return known

        return self.original is None and evaluate(condition, usual) == 1

    def _take_the_rest(self) -> None:
        """Integers that nobody gave: as they were dissected, or by default."""
        for field in self.declared.fields:
            if not isinstance(field, Number) or field in self.numbers:
                continue
            if self.original is not None:
                if field in self.found and not self._computed_again(field):
                    self._take_below(field, field.number(self.found[field]))
            elif field.default is not None and field.compute is None:
                self._take_below(field, field.number(field.default))

    def _take_below(self, field: Number[Any], number: int) -> None:
        """`field` has this value, but for the bits of overlays that were given."""
        if field.over is not None:
            if self.original is None or field.over in self.numbers:
                return  # it is what its bits there are
        for overlay in self.overlays:
            if overlay.over is field and overlay in self.numbers:
                number = covered(field, number, overlay, self.numbers[overlay])
        self.numbers[field] = number

    def _computed_again(self, field: Field[Any]) -> bool:
        """Whether the value of the dissected header is not taken over."""
        if field.compute is None and field.seal is None:
            return any(o.over is field and o in self.found and self._computed_again(o)
                       for o in self.overlays)
        if self.around.keeps(field):
            return False
        if isinstance(field.compute, Length):
            return bool(self.found[field] != field.compute.unless)
        return field.seal is not None and bool(self.found[field] != field.seal.unset)

    def _announce(self) -> None:
        """Numbers that announce what follows, where nobody gave them."""
        opening = [f for f in self.declared.fields if f.opens and isinstance(f, Number)]
        for field in opening:
            if field in self.given or field.when is not None and self.holds(field.when) == 0:
                continue
            known = announcements(field, self.around.follower)
            if isinstance(field.compute, Next):
                self._announce_by(field, known)
            elif known and self.original is None and (
                not any(self.value(other) in known for other in opening)
            ):
                rivals = [o for o in opening if o is not field and o not in self.numbers]
                if field not in self.numbers or not rivals:
                    self.learn(field, known[0])

    def _announce_by(self, field: Number[Any], known: list[int]) -> None:
        number = None
        if field in self.found:
            number = field.number(self.found[field])
            if number in known or not known or self.around.keeps(field):
                known = [number]
        if known:
            self.learn(field, known[0])
        elif field.default is not None:
            self.learn(field, field.number(field.default))


def covered(base: Field[Any], below: int, overlay: Field[Any], number: int) -> int:
    """The value of `base`, which is `below`, with the bits of an overlay in it."""
    width = overlay.bits or 0
    shift = (base.bits or 0) - overlay.bit - width
    mask = ((1 << width) - 1) << shift
    return below & ~mask | number // overlay.scale << shift & mask


def uncovered(base: Field[Any], below: int, overlay: Field[Any]) -> int:
    """The value of an overlay of `base`, which is `below`."""
    width = overlay.bits or 0
    shift = (base.bits or 0) - overlay.bit - width
    return (below >> shift & ((1 << width) - 1)) * overlay.scale


def announcements(field: Field[Any], follower: type[Header] | None) -> list[int]:
    """The values of `field` that announce `follower`, the usual one first."""
    if follower is None:
        return []
    tables = {table.name for table in field.opens} | {field.name}
    return [value for entry in declaration_of(follower).follows if entry.table in tables
            for value in entry.values]
