"""What a column asks for, and how the engine fills it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rawlab.engine import numbers as n
from rawlab.schema.code import as_bounds
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Flags, Number
from rawlab.schema.layout import Place
from rawlab.schema.registry import Registry
from rawlab.schema.tables import Tables, matrix

NUMBER = "frame.number"
FRAME = {
    "frame.time_epoch": (n.TIME_NS, 8, "<i8"),
    "frame.cap_len": (n.CAPLEN, 4, "<u4"),
    "frame.len": (n.WIRE_LENGTH, 8, "<i8"),
    "frame.interface_id": (n.INTERFACE, 4, "<u4"),
}
"""Columns of the index: row, octets of a value, type."""
PAYLOAD_LENGTH, PAYLOAD, FAULT = "payload_len", "payload", "fault"


@dataclass(frozen=True)
class Source:
    """One of the places that a column's value may come from."""

    header: type[Header] | None
    field: Field[Any] | None
    what: str
    """A name of FRAME, PAYLOAD_LENGTH, PAYLOAD, FAULT, a flag's name, or ""."""
    occurrence: int = 1
    place: Place | None = None
    """Where the value lies, if that is fixed."""


@dataclass(frozen=True)
class Column:
    """A column that was asked for: the first of its sources that is there gives the value."""

    name: str
    sources: tuple[Source, ...]
    width: int
    """Octets of a value; 0 where it is not of a fixed width."""
    dtype: str

    @property
    def fixed(self) -> bool:
        """Whether the engine fills it."""
        return self.width > 0


def parse(name: str, registry: Registry) -> Column:
    """What `name` asks for; KeyError where some part of it means nothing."""
    sources = [s for part in name.split("|") for s in find_sources(part.strip(), registry)]
    shapes = [shape(source) for source in sources]
    width = 0 if any(w == 0 for w, _ in shapes) else max(w for w, _ in shapes)
    kinds = {kind for w, kind in shapes}
    if width and ("V" in kinds and len(kinds) > 1):
        width = 0
    signed = "i" in kinds
    if signed and "u" in kinds and any(w == width for w, k in shapes if k == "u"):
        width = min(8, 2 * width)
    dtype = "V16" if "V" in kinds else f"<{'i' if signed else 'u'}{width}"
    return Column(name, tuple(sources), width, dtype)


def find_sources(name: str, registry: Registry) -> list[Source]:
    """The sources that one name stands for: one for each header class that has the field."""
    base, hash_, number = name.partition("#")
    occurrence = int(number) if number.isdecimal() else 0
    if (hash_ and occurrence < 1) or occurrence > 32:
        raise KeyError(f"{name!r}: after # stands which occurrence is meant, from 1 to 32")
    occurrence = occurrence or 1
    if base == NUMBER:
        return [Source(None, None, NUMBER)]
    if base in FRAME:
        return [Source(None, None, base)]
    owner, _, last = base.rpartition(".")
    derived = last in (PAYLOAD_LENGTH, PAYLOAD, FAULT) and owner in registry
    if derived and base not in registry.field_names():
        return [Source(header, None, last, occurrence) for header in registry[owner]]
    return [
        Source(f.header, f.field, f.part, occurrence, place_of(f.header, f.field, f.part))
        for f in registry.field(base)
    ]


def place_of(header: type[Header], field: Field[Any], part: str) -> Place | None:
    """Where a field, or a run of its bits, lies in every such header; None if that varies."""
    declared = declaration_of(header)
    place = declared.layout.places.get(field)
    if place is None or (field.over is None and field.when is not None):
        return None
    if field.when is not None:
        bounds = as_bounds(field.when)
        if bounds is None or bounds[0] not in declared.layout.places:
            return None
    if not part:
        return place
    assert isinstance(field, Flags)
    shift, width = dict(field.parts)[part]
    return Place(place.offset, place.size, place.shift + shift, width, place.little)


def shape(source: Source) -> tuple[int, str]:
    """(octets of a value, "u", "i" or "V"); 0 octets where the engine cannot fill it."""
    if source.what in FRAME:
        width, dtype = FRAME[source.what][1:]
        return width, dtype[1]
    if source.what == PAYLOAD_LENGTH:
        return 4, "u"
    field, place = source.field, source.place
    if field is None or place is None:
        return 0, "u"
    if not field.integral:
        return (16, "V") if field.bits == 128 else (0, "u")
    most = ((1 << place.bits) - 1) * (1 if source.what else field.scale)
    width = next((w for w in (1, 2, 4) if most < 1 << (8 * w)), 8)
    return width, "i" if isinstance(field, Number) and field.signed else "u"


class Plan:
    """The rows by which the engine fills a set of fixed-width columns."""

    def __init__(self, columns: list[Column], tables: Tables) -> None:
        self.tables = tables
        self.seats: dict[tuple[int, int], int] = {}
        self._rows: list[list[int]] = []
        self._of_row: list[int] = []
        for i, column in enumerate(columns):
            for j, source in enumerate(column.sources):
                self._rows.append(self._row(source, column.width, j > 0))
                self._of_row.append(i)
        self.wanted, self.chain = self._chains()

    def _seat(self, source: Source) -> int:
        assert source.header is not None
        key = (self.tables.number[source.header], source.occurrence)
        for occurrence in range(1, source.occurrence + 1):
            self.seats.setdefault((key[0], occurrence), len(self.seats))
        return self.seats[key]

    def _chains(self) -> tuple[memoryview, memoryview]:
        wanted = [-1] * max(1, len(self.tables.classes))
        chain = [-1] * len(self.seats)
        for (header, occurrence), seat in self.seats.items():
            if occurrence == 1:
                wanted[header] = seat
            else:
                chain[self.seats[header, occurrence - 1]] = seat
        return longs(wanted), longs(chain)

    def _row(self, source: Source, width: int, otherwise: bool) -> list[int]:
        row = [0] * n.COLUMN_COLUMNS
        row[n.Q_WIDTH] = width
        row[n.Q_ELSE] = int(otherwise)
        if source.what in FRAME:
            row[n.Q_KIND], row[n.Q_SLOT] = n.FROM_INDEX, FRAME[source.what][0]
            return row
        row[n.Q_SLOT] = self._seat(source)
        if source.what == PAYLOAD_LENGTH:
            row[n.Q_KIND] = n.FROM_PAYLOAD
            return row
        row[n.Q_KIND] = n.FROM_LAYER
        field, place = source.field, source.place
        assert field is not None
        assert place is not None
        assert source.header is not None
        row[n.Q_OFFSET], row[n.Q_SIZE] = place.offset, place.size
        row[n.Q_SHIFT], row[n.Q_BITS] = place.shift, min(place.bits, 64)
        row[n.Q_LITTLE] = int(place.little)
        row[n.Q_SCALE] = 1 if source.what else field.scale
        row[n.Q_SIGNED] = int(isinstance(field, Number) and field.signed)
        if field.when is not None:
            self._guard(source.header, field, row)
        return row

    def _guard(self, header: type[Header], field: Field[Any], row: list[int]) -> None:
        assert field.when is not None
        bounds = as_bounds(field.when)
        assert bounds is not None
        told, least, most = bounds
        place = declaration_of(header).layout.places[told]
        row[n.Q_IF_OFFSET], row[n.Q_IF_SIZE] = place.offset, place.size
        row[n.Q_IF_SHIFT], row[n.Q_IF_BITS] = place.shift, place.bits
        row[n.Q_IF_LITTLE], row[n.Q_IF_SCALE] = int(place.little), told.scale
        row[n.Q_LEAST], row[n.Q_MOST] = least, most

    def laid_out(self, starts: list[tuple[int, int]]) -> memoryview:
        """The rows for an arena whose columns begin at `starts`."""
        rows = []
        for row, column in zip(self._rows, self._of_row, strict=True):
            placed = list(row)
            placed[n.Q_OUT], placed[n.Q_MISSING] = starts[column]
            rows.append(placed)
        return matrix(rows, n.COLUMN_COLUMNS)


def longs(values: list[int]) -> memoryview:
    """Numbers as the engine takes them."""
    flat = memoryview(bytearray(8 * len(values))).cast("q")
    for i, value in enumerate(values):
        flat[i] = value
    return flat
