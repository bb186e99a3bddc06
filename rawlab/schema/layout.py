"""Where fields lie: the fixed prefix of a header, and what a declaration must hold to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from rawlab.engine import numbers as n
from rawlab.schema.compute import Length
from rawlab.schema.error import DeclarationError
from rawlab.schema.expression import Expression, depth, fields_in

if TYPE_CHECKING:
    from rawlab.schema.field import Field


class Place(NamedTuple):
    """Where a field of the fixed prefix lies: octets from the header's first, and bits in them."""

    offset: int
    size: int
    shift: int
    bits: int
    little: bool


@dataclass(frozen=True)
class Layout:
    """The fixed prefix of a header, and the fields after it."""

    places: dict[Field[Any], Place]
    fixed: int
    """Octets of the prefix."""
    tail: tuple[Field[Any], ...]
    """Fields whose place depends on what the header holds."""
    words: dict[Field[Any], tuple[int, int]]
    """Of little-endian integers: octets of the word that holds it, bits of it that come before."""


def lay_out(fields: Sequence[Field[Any]]) -> Layout:
    """Lay out `fields`, which `check` has accepted."""
    words = little_words(fields)
    places: dict[Field[Any], Place] = {}
    starts: dict[Field[Any], int] = {}
    bit = 0
    tail: list[Field[Any]] = []
    for field in fields:
        if field.over is not None:
            start = starts.get(field.over)
            if start is not None:
                places[field] = overlay(start, field, words)
            continue
        width = field.fixed_bits()
        if tail or field.when is not None or width is None:
            tail.append(field)
            continue
        starts[field] = bit
        places[field] = place(bit, width, words.get(field))
        bit += width
    near = {f: p for f, p in places.items() if p.size <= 8 or not f.integral}
    return Layout(near, bit // 8, tuple(tail), words)


def place(bit: int, width: int, word: tuple[int, int] | None) -> Place:
    """The place of `width` bits from `bit` on, perhaps within a little-endian word."""
    if word is not None:
        size, before = word
        return Place((bit - before) // 8, size, before, width, True)
    first, last = bit // 8, (bit + width + 7) // 8
    return Place(first, last - first, 8 * last - bit - width, width, False)


def overlay(
    start: int, field: Field[Any], words: dict[Field[Any], tuple[int, int]]
) -> Place:
    """The place of an overlay of a field that begins at bit `start`: the octets of that field.

    All of them, so that an overlay is there just where the field below it is whole.
    """
    assert field.over is not None
    width = field.bits or 0
    if field not in words:
        below = place(start, field.over.bits or 0, None)
        return below._replace(shift=below.shift + below.bits - field.bit - width, bits=width)
    size, before = words[field]
    return Place((start - words[field.over][1]) // 8, size, before, width, True)


def little_words(fields: Sequence[Field[Any]]) -> dict[Field[Any], tuple[int, int]]:
    """Gather runs of little-endian integers into the words that they fill.

    Those of a run that fills no whole octets are left out.
    """
    words: dict[Field[Any], tuple[int, int]] = {}
    run: list[Field[Any]] = []
    bit = 0
    for field in fields:
        if field.over is not None:
            if field.over in words:
                size, before = words[field.over]
                before += (field.over.bits or 0) - field.bit - (field.bits or 0)
                words[field] = (size, before)
            continue
        if is_little(field) and (run or bit % 8 == 0):
            run.append(field)
        else:
            run = []
        bit += field.fixed_bits() or 0
        filled = sum(part.bits or 0 for part in run)
        if run and filled % 8 == 0:
            before = 0
            for part in run:
                words[part] = (filled // 8, before)
                before += part.bits or 0
            run = []
    return words


def is_little(field: Field[Any]) -> bool:
    """Whether it is an integer whose least significant octet comes first."""
    return field.integral and field.order == "little"


def check(owner: str, fields: Sequence[Field[Any]]) -> None:
    """Hold a declaration to what can be read: order of references, octet boundaries, bounds."""
    if len(fields) > n.MAX_SLOTS:
        raise DeclarationError(
            owner, fields[n.MAX_SLOTS].attribute, f"there are more than {n.MAX_SLOTS} fields")
    every = set(fields)
    seen: set[Field[Any]] = set()
    for field in fields:
        for what, expression in expressions(field):
            check_references(owner, field, what, expression, seen, every)
        if field.over is not None:
            check_overlay(owner, field, seen)
        seen.add(field)
    check_octets(owner, fields)
    words = little_words(fields)
    for field in fields:
        if is_little(field) and field.over is None and words.get(field, (9, 0))[0] > 8:
            raise DeclarationError(
                owner, field.attribute,
                "little-endian bits fill octets without others between, 64 bits at the most")


def check_references(
    owner: str, field: Field[Any], what: str, expression: Expression,
    seen: set[Field[Any]], every: set[Field[Any]],
) -> None:
    """An expression refers to earlier fields, and the engine's stack holds it."""
    if depth(expression) > n.STACK - 2:
        raise DeclarationError(owner, field.attribute, f"{what} is nested too deep")
    for other in fields_in(expression):
        if other not in seen:
            reason = "itself" if other is field else (
                f"the later field {other.attribute}" if other in every
                else f"{other!r}, a field of another header")
            raise DeclarationError(owner, field.attribute, f"{what} refers to {reason}")


def check_octets(owner: str, fields: Sequence[Field[Any]]) -> None:
    """Runs of bits fill octets, each in itself where a condition may leave them out."""
    partial: Field[Any] | None = None
    rest: Field[Any] | None = None
    bits = 0
    for field in fields:
        if field.over is not None:
            continue
        if rest is not None:
            raise DeclarationError(
                owner, field.attribute, f"nothing is left for it: {rest.attribute} takes the rest")
        rest = field if field.takes_rest else None
        width = field.fixed_bits()
        if bits % 8 and (width is None or not field.integral or field.when is not None) and (
            partial is not None and (partial.when is None or field.when is None
                                     or repr(partial.when) != repr(field.when))
        ):
            raise DeclarationError(
                owner, partial.attribute, f"the bits before {field.attribute} do not fill an octet")
        bits += width or 0
        if bits % 8:
            partial = field
    if bits % 8 and partial is not None:
        raise DeclarationError(
            owner, partial.attribute, f"the bits do not fill an octet: {bits % 8} are left over")


def check_places(owner: str, fields: Sequence[Field[Any]], layout: Layout) -> None:
    """What finds the next header of a header is an integer at a fixed place."""
    bounding: Field[Any] | None = None
    for field in fields:
        bounds = isinstance(field.compute, Length) and "payload" in field.compute.kinds
        if (bounds or field.opens) and (field not in layout.places or not field.integral):
            raise DeclarationError(
                owner, field.attribute,
                "is needed to find what follows, so it has to be an integer at a fixed place")
        if bounds and bounding is not None:
            raise DeclarationError(owner, field.attribute, "a second length of the payload")
        bounding = field if bounds else bounding


def check_overlay(owner: str, field: Field[Any], seen: set[Field[Any]]) -> None:
    """An overlay lies within an earlier integer."""
    base = field.over
    assert base is not None
    if base not in seen or base.over is not None:
        raise DeclarationError(owner, field.attribute, "over= has to name an earlier field")
    if not field.integral or not base.integral:
        raise DeclarationError(owner, field.attribute, "over= joins integers of a fixed width")
    if field.bit + (field.bits or 0) > (base.bits or 0):
        raise DeclarationError(owner, field.attribute, f"does not fit into {base.attribute}")


def expressions(field: Field[Any]) -> list[tuple[str, Expression]]:
    """The expressions of a field that may refer to earlier fields only."""
    found = [("when=", field.when), ("length", getattr(field, "length", None))]
    return [(what, e) for what, e in found if isinstance(e, Expression)]
