"""Where addresses, ports and checksums lie in packets, as their headers declare them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import layer_rows
from rawlab.engine import numbers as n
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.error import Malformed
from rawlab.schema.field import Field
from rawlab.schema.groups import walk_fields
from rawlab.schema.reading import read_custom

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.schema.tables import Tables

Numbers = NDArray[np.int64]
_ADDRESSES = (IPv4Address, IPv6Address, MACAddress)


class Layers(NamedTuple):
    """The layers of a batch: a row each, those of packet p from begins[p] to begins[p + 1] - 1."""

    begins: Numbers
    rows: Numbers
    """Columns are n.L_*; positions are octets of the batch."""
    packets: Numbers
    """The packet of each row."""


class Found(NamedTuple):
    """Fields of one kind that were found: the layer row and the field's octet, and the field."""

    layers: Numbers
    positions: Numbers
    fields: NDArray[np.intp]
    """Numbers of fields in `Places.fields`."""

    def where(self, marks: NDArray[np.bool_]) -> Found:
        """Those that are marked."""
        return Found(*(column[marks] for column in self))


def layers_of(batch: Batch) -> Layers:
    """The layers of all packets of a batch."""
    filled, rows, _ = layer_rows(batch)
    begins = np.asarray(filled[: batch.count + 1])
    packets = np.repeat(np.arange(batch.count), np.diff(begins))
    return Layers(begins, np.asarray(rows)[: len(packets)], packets)


class Places:
    """Finds the declared addresses and checksums of packets, and their ports if asked for.

    Most stand at a fixed place of their header, and are found for all headers at once. The others
    (in options, records, under a condition) are found by reading the header that may hold them.
    """

    def __init__(self, tables: Tables, ports: bool = False) -> None:
        self._tables = tables
        self._ports = ports
        self.fields: list[Field[Any]] = []
        """What the numbers in `Found` stand for."""
        self._number: dict[Field[Any], int] = {}
        self._fixed: dict[int, list[tuple[int, int]]] = {}
        """For each header: field number and offset of what stands at a fixed place."""
        self._to_read: dict[int, int] = {}
        """Headers that have to be read, unless they have no more octets than this."""
        for cls, number in tables.number.items():
            self._learn(cls, number)
        self._of_row = {row: self._number_of(field)
                        for row, field in enumerate(tables.row_fields) if self._is_wanted(field)}
        """The numbers of the fields by their rows in the programs."""

    def _learn(self, cls: type[Header], number: int) -> None:
        declared = declaration_of(cls)
        places = declared.layout.places
        for field in filter(self._is_wanted, declared.fields):
            if field in places and field.when is None:
                spot = (self._number_of(field), places[field].offset + field.bit // 8)
                self._fixed.setdefault(number, []).append(spot)
            elif field in places:
                self._to_read[number] = -1  # a condition decides over its fixed place
        if any(map(self._is_wanted, walk_fields(declared.layout.tail))):
            self._to_read.setdefault(number, declared.layout.fixed)

    def _is_wanted(self, field: Field[Any]) -> bool:
        return (isinstance(field, _ADDRESSES) or field.seal is not None
                or self._ports and is_port(field))

    def _number_of(self, field: Field[Any]) -> int:
        if field not in self._number:
            self._number[field] = len(self.fields)
            self.fields.append(field)
        return self._number[field]

    def find(self, batch: Batch, layers: Layers) -> Found:
        """All addresses and checksums that lie wholly in what was captured, a position once."""
        parts = [*self._find_fixed(layers), self._find_by_reading(batch, layers)]
        found = Found(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
        _, once = np.unique(found.positions, return_index=True)
        return Found(*(array[once] for array in found))

    def _find_fixed(self, layers: Layers) -> Iterator[Found]:
        headers = layers.rows[:, n.L_HEADER]
        for header in np.unique(headers).tolist():
            spots = self._fixed.get(header, ())
            rows = np.flatnonzero(headers == header) if spots else headers[:0]
            for number, offset in spots:
                positions = layers.rows[rows, n.L_START] + offset
                octets = (self.fields[number].bits or 0) // 8
                whole = positions + octets <= layers.rows[rows, n.L_END]
                count = int(whole.sum())
                yield Found(rows[whole], positions[whole], np.full(count, number, dtype=np.intp))

    def _find_by_reading(self, batch: Batch, layers: Layers) -> Found:
        at: list[tuple[int, int, int]] = []
        ends = np.asarray(batch.offset) + np.asarray(batch.caplen)
        headers = layers.rows[:, n.L_HEADER]
        for header, fixed in self._to_read.items():
            of_header = np.flatnonzero(headers == header)
            sizes = layers.rows[of_header, n.L_END] - layers.rows[of_header, n.L_START]
            for row in of_header[sizes > fixed].tolist():
                end = int(ends[layers.packets[row]])
                at += ((row, *spot) for spot in self._read(batch, layers.rows[row].tolist(), end))
        rows = np.array(at, dtype=np.int64).reshape(-1, 3)
        return Found(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.intp))

    def _read(self, batch: Batch, row: list[int], captured: int) -> list[tuple[int, int]]:
        """Octet and field number of what the program of one header finds."""
        tables = self._tables
        machine = tables.borrow_machine()
        scope = tables.scope_of[tables.classes[row[n.L_HEADER]]]
        octets = memoryview(batch.octets)
        try:
            status = machine.start(octets, scope, row[n.L_START], row[n.L_LIMIT], captured)
            while status == n.WANTS_CUSTOM:
                status = read_custom(tables, machine, octets, [])
        except Malformed:
            pass  # what was found before it counts
        finally:
            spans = machine.found()
            tables.give_back_machine(machine)
        last = 8 * row[n.L_END]
        return [
            (span[n.SPAN_BIT] >> 3, self._of_row[span[n.SPAN_FIELD]])
            for span in spans
            if span[n.SPAN_FIELD] in self._of_row and span[n.SPAN_BIT] + span[n.SPAN_BITS] <= last
        ]


def is_port(field: Field[Any]) -> bool:
    """Whether a field is a port: 16 bits that open a table such as "udp.port"."""
    return field.bits == 16 and any(opened.name.endswith(".port") for opened in field.opens)
