"""Columns whose values repeat or vary in length: offsets plus values, as in Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rawlab.engine.view import bounds_of, source_of
from rawlab.plan import FAULT, PAYLOAD, Column, Source
from rawlab.schema.field import Field
from rawlab.schema.items import Nested
from rawlab.schema.reading import FieldValue, field_values

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet


class Ragged:
    """Any number of values for each packet: those of packet i are values[offsets[i]:offsets[i+1]].

    `missing[i]` says that packet i has no such field at all. Octets are one value each.
    """

    def __init__(
        self, offsets: NDArray[np.int64], values: NDArray[Any], missing: NDArray[np.bool_]
    ) -> None:
        self.offsets = offsets
        self.values = values
        self.missing = missing

    def __len__(self) -> int:
        return len(self.missing)

    def __getitem__(self, row: int) -> NDArray[Any]:
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        row %= len(self)
        part: NDArray[Any] = self.values[self.offsets[row] : self.offsets[row + 1]]
        return part

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[row] for row in range(len(self)))

    def __repr__(self) -> str:
        return f"<Ragged {len(self)} rows, {len(self.values)} values>"


class Gatherer:
    """Gathers one column packet by packet."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.offsets = [0]
        self.values: list[Any] = []

    def gather(self, batch: Batch) -> None:
        """Add the packets of a batch."""
        for packet in batch:
            for source in self.column.sources:
                found = list(values_at(packet, source))
                if found:
                    self.values += found
                    break
            self.offsets.append(len(self.values))

    def result(self) -> Ragged:
        """The column of all that was gathered."""
        offsets = np.asarray(self.offsets, dtype=np.int64)
        plain = [int(v) if isinstance(v, int) else v for v in self.values]
        if plain and all(isinstance(v, int) and -(2**63) <= v < 2**63 for v in plain):
            values: NDArray[Any] = np.asarray(plain, dtype=np.int64)
        else:
            values = np.empty(len(plain), dtype=object)
            values[:] = plain
        return Ragged(offsets, values, offsets[1:] == offsets[:-1])


def values_at(packet: Packet, source: Source) -> Iterator[Any]:
    """The values that `source` has in a packet, none where it is missing."""
    if source.header is None:
        return
    seen = 0
    for layer in packet.layers:
        if type(layer) is source.header:
            seen += 1
            if seen == source.occurrence:
                yield from _values_in(packet, layer, source)
                return


def _values_in(packet: Packet, layer: Any, source: Source) -> Iterator[Any]:
    if source.what == FAULT:
        yield from (fault.kind for fault in packet.faults_of(layer)[:1])
    elif source.what == PAYLOAD:
        _, _, end, limit, _ = bounds_of(layer)
        yield source_of(layer).cut(end, limit)
    else:
        assert source.field is not None
        for found in occurrences(field_values(layer), source.field):
            if isinstance(source.field, Nested):
                yield from _covered(layer, found)
            else:
                yield getattr(found.value, source.what) if source.what else found.value


def _covered(layer: Any, found: FieldValue) -> Iterator[bytes]:
    """The octets that a field of groups covers, if it covers any."""
    origin = bounds_of(layer)[0]
    first, last = found.octet_range
    if first < last:
        yield source_of(layer).cut(origin + first, origin + last)


def occurrences(values: tuple[FieldValue, ...], field: Field[Any]) -> Iterator[FieldValue]:
    """Where `field` stands among `values` and the items inside them."""
    for value in values:
        if value.field is field:
            yield value
        for item in value.items:
            yield from occurrences(item.items, field)
