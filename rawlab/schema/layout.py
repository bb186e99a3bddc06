"""Where fields lie: the fixed prefix of a header, and what a declaration must hold to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from rawlab.schema.error import DeclarationError
from rawlab.schema.expression import Expression, fields_in

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
    """The place of an overlay of a field that begins at bit `start`."""
    assert field.over is not None
    width = field.bits or 0
    if field not in words:
        return place(start + field.bit, width, None)
    size, before = words[field]
    return Place((start - words[field.over][1]) // 8, size, before, width, True)


def little_words(fields: Sequence[Field[Any]]) -> dict[Field[Any], tuple[int, int]]:
    """Gather runs of little-endian integers into the words that they fill."""
    words: dict[Field[Any], tuple[int, int]] = {}
    run: list[Field[Any]] = []
    filled = 0
    for field in fields:
        if field.over is not None:
            shared = words.get(field.over)
            if shared:
                size, before = shared
                before += (field.over.bits or 0) - field.bit - (field.bits or 0)
                words[field] = (size, before)
            continue
        if not field.integral or field.order != "little":
            continue
        run.append(field)
        filled += field.bits or 0
        if filled % 8 == 0:
            before = 0
            for part in run:
                words[part] = (filled // 8, before)
                before += part.bits or 0
            run, filled = [], 0
    return words


def check(owner: str, fields: Sequence[Field[Any]]) -> None:
    """Hold a declaration to what can be read: order of references, octet boundaries, bounds."""
    every = set(fields)
    seen: set[Field[Any]] = set()
    partial: Field[Any] | None = None
    bits = 0
    for field in fields:
        for what, expression in expressions(field):
            for other in fields_in(expression):
                if other not in seen:
                    reason = "itself" if other is field else (
                        f"the later field {other.attribute}" if other in every
                        else f"{other!r}, a field of another header")
                    raise DeclarationError(owner, field.attribute, f"{what} refers to {reason}")
        if field.over is not None:
            check_overlay(owner, field, seen)
            seen.add(field)
            continue
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
        seen.add(field)
    if bits % 8 and partial is not None:
        raise DeclarationError(
            owner, partial.attribute, f"the bits do not fill an octet: {bits % 8} are left over")


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
