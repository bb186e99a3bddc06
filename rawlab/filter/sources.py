"""Where the engine finds the values of an operand, and the ranges that they are held to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rawlab.engine import numbers as n
from rawlab.engine import select_codes as c
from rawlab.filter.tree import Carried, FieldValues, FrameField, Layer, Operand, Sort
from rawlab.plan import FRAME, NUMBER, place_of
from rawlab.schema.code import as_bounds
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.integer import Number
from rawlab.schema.layout import Place
from rawlab.schema.registry import Found
from rawlab.schema.tables import Tables

Row = list[int]
Bounds = tuple[tuple[int, int], ...]
"""Ranges, both ends included."""
ENDLESS = 1 << 200
"""More than any value, and negative less."""
ANY: Bounds = ((-ENDLESS, ENDLESS),)

_COUNTED = frozenset({Sort.NUMBER, Sort.BOOLEAN, Sort.TIME, Sort.MAC, Sort.IPV4})
"""Values that are integers of 64 bits at the most."""
_FRAME_ROWS = {
    **{name: row for name, (row, *_) in FRAME.items() if row != n.INTERFACE},
    "frame.time": n.TIME_NS,
}
"""Rows of the index. Which interface it is, not every packet tells."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True)
class Source:
    """One of the places that a test's values may come from."""

    kind: int
    header: int = -1
    place: Place = Place(0, 0, 0, 0, False)  # noqa: RUF009 (a tuple)
    bounds: Bounds = ANY
    sign: bool = False
    scale: int = 1
    mask: int | None = None
    guard: tuple[Place, int, int, int] | None = None
    """A condition on the header: place, scale, least, most."""

    @property
    def wide(self) -> bool:
        """It has 128 bits."""
        return self.place.bits == 128

    @property
    def flipped(self) -> bool:
        """It has 64 bits and no sign: what a signed number does not hold."""
        return self.kind == c.FROM_FIELD and self.place.bits == 64 and not self.sign

    def domain(self) -> tuple[int, int]:
        """The least and the greatest value that the engine can compare."""
        if self.wide:
            return 0, (1 << 128) - 1
        return (0, (1 << 64) - 1) if self.flipped else (_LEAST, _MOST)

    def anything(self) -> Source:
        """The same, for whatever value."""
        if self.kind == c.FROM_PAYLOAD:
            return Source(c.FROM_LAYER, self.header)
        return replace(self, bounds=ANY)

    def row(self) -> Row:
        """The row of the engine, without its ranges."""
        row = [0] * c.SOURCE_COLUMNS
        place, bits = self.place, self.place.bits
        row[c.S_KIND], row[c.S_HEADER] = self.kind, self.header
        row[c.S_OFFSET], row[c.S_SIZE], row[c.S_SHIFT] = place.offset, place.size, place.shift
        row[c.S_MASK] = -1 if bits >= 64 else (1 << bits) - 1
        row[c.S_SIGN] = 1 << (bits - 1) if self.sign and 0 < bits < 64 else 0
        row[c.S_LITTLE], row[c.S_SCALE] = int(place.little), self.scale
        row[c.S_AND] = -1 if self.mask is None else self.mask
        row[c.S_FLIP], row[c.S_WIDE] = int(self.flipped), int(self.wide)
        if self.guard is not None:
            told, scale, least, most = self.guard
            row[c.S_IF_OFFSET], row[c.S_IF_SIZE] = told.offset, told.size
            row[c.S_IF_SHIFT], row[c.S_IF_LITTLE] = told.shift, int(told.little)
            row[c.S_IF_MASK] = -1 if told.bits >= 64 else (1 << told.bits) - 1
            row[c.S_IF_SCALE], row[c.S_LEAST], row[c.S_MOST] = scale, least, most
        return row


def range_rows(source: Source) -> list[Row]:
    """The ranges of a source as the engine takes them; none where they hold every value."""
    least, most = source.domain()
    rows = []
    for low, high in source.bounds:
        first, last = max(low, least), min(high, most)
        if (first, last) == (least, most):
            return []
        if first <= last:
            halves = [*_halves(source, first), *_halves(source, last)]
            rows.append([halves[0], halves[2], halves[1], halves[3]])
    return rows or [[_MOST, _LEAST, 0, 0]]  # which holds none


def _halves(source: Source, value: int) -> tuple[int, int]:
    if source.wide:
        return (value >> 64) + _LEAST, (value & ((1 << 64) - 1)) + _LEAST
    return (value + _LEAST if source.flipped else value), 0


def sources_of(
    operand: Operand, bounds: Bounds, mask: int | None, tables: Tables
) -> list[Source] | None:
    """Where some value of `operand`, under a mask, in bounds may be found.

    None where rows cannot say that at all.
    """
    match operand:
        case FieldValues(sort=sort, sources=found, layers=()):
            made = (_field(source, sort, mask, tables) for source in found)
            return [replace(s, bounds=bounds) for s in made if s is not None]
        case Layer(headers=headers, layers=()) if bounds == ANY and mask is None:
            return _of_headers(c.FROM_LAYER, headers, tables)
        case Carried(headers=headers, what="payload_len", layers=()) if mask is None:
            kind = c.FROM_LAYER if bounds == ANY else c.FROM_PAYLOAD
            return [replace(s, bounds=bounds) for s in _of_headers(kind, headers, tables)]
        case FrameField(name) if name in _FRAME_ROWS:
            at = Place(_FRAME_ROWS[name], 0, 0, 0, False)
            return [Source(c.FROM_INDEX, place=at, bounds=bounds, mask=mask)]
        case FrameField(name) if name == NUMBER:
            return [Source(c.FROM_NUMBER, bounds=bounds, mask=mask)]
    return None


def _of_headers(kind: int, headers: Iterable[type[Header]], tables: Tables) -> list[Source]:
    return [Source(kind, tables.number[h]) for h in headers if h in tables.number]


def _field(found: Found, sort: Sort, mask: int | None, tables: Tables) -> Source | None:
    """The source of a field; of FROM_ELSEWHERE where rows cannot say what values it has.

    None where no packet has its header.
    """
    number = tables.number.get(found.header)
    if number is None:
        return None
    elsewhere = Source(c.FROM_ELSEWHERE, number)
    field = found.field
    place = place_of(found.header, field, found.part)
    if place is None:
        return elsewhere
    if sort is Sort.IPV6 and place.bits == 128 and not field.integral and mask is None:
        return Source(c.FROM_FIELD, number, place)
    if sort not in _COUNTED or not isinstance(field, Number):
        return elsewhere
    scale = 1 if found.part else field.scale
    sign = field.signed and not found.part
    if scale != 1 and (((1 << place.bits) - 1) * abs(scale) > _MOST):
        return elsewhere
    if place.bits == 64 and not sign and mask is not None:
        return elsewhere
    source = Source(c.FROM_FIELD, number, place, sign=sign, scale=scale, mask=mask)
    return source if field.when is None else _guarded(source, found)


def _guarded(source: Source, found: Found) -> Source:
    """The source of a field that is there under a condition, which `place_of` has accepted."""
    assert found.field.when is not None
    bounds = as_bounds(found.field.when)
    assert bounds is not None
    told, least, most = bounds
    place = declaration_of(found.header).layout.places[told]
    return replace(source, guard=(place, told.scale, least, most))
