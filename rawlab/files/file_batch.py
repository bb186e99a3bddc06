"""A batch of a capture file: packets that remember the records they came from."""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass, replace

from rawlab.batch import Batch, Index, Positions, as_positions, new_index
from rawlab.engine.gather import count_below, gather_numbers
from rawlab.engine.records import OFFSET, ROWS
from rawlab.files.blocks import KeptBlock, Options, Section, comments, read_options

_PACKET_BLOCK_HEADER = 28
"""Octets before the packet in the blocks that may have options; a simple packet has 12."""


@dataclass(slots=True)  # not frozen: one is made for each batch, and that takes a third as long
class Origin:
    """Where a batch stands in its file, so that records can be copied verbatim."""

    kind: str
    """"pcap", "pcapng" or "snoop"."""
    big_endian: bool
    header_octets: int
    """Octets of a record before the packet, where there are no `places`."""
    length_at: int | None
    """Where in a record its own length stands, in 32 bits; None: it is header and packet."""
    section: Section | None
    """The pcapng section that all the batch's packets belong to."""
    places: array[int] | None
    """Where in the batch's octets each packet's record begins, for pcapng."""
    file_offset: int
    """Octet of the (expanded) file at which the batch's octets begin."""
    end: int
    """How many of the batch's octets are of its packets or of earlier ones."""
    leased: bool
    """The octets and the index change at the source's next step."""
    kept: tuple[KeptBlock, ...] = ()
    """Blocks without packets between those of the batch, when they were asked for."""


class FileBatch(Batch):
    """Packets of a capture file."""

    __slots__ = ("origin",)

    origin: Origin

    def record_start(self, row: int) -> int:
        """Where in `octets` the record of a packet begins, headers included."""
        if not 0 <= row < self.count:
            raise IndexError(f"row {row} of a batch of {self.count} packets")
        origin = self.origin
        if origin.places is not None:
            return origin.places[row]
        return int(self.index[OFFSET, row]) - origin.header_octets

    def record_offset(self, row: int) -> int:
        """Octet of the (expanded) file at which the record of a packet begins."""
        return self.origin.file_offset + self.record_start(row)

    def record(self, row: int) -> memoryview:
        """The record of a packet as it stands in the file: its headers, padding and options."""
        start = self.record_start(row)
        octets = memoryview(self.octets)
        origin = self.origin
        if origin.length_at is None:
            return octets[start : start + origin.header_octets + self.caplen[row]]
        order = ">I" if origin.big_endian else "<I"
        (size,) = struct.unpack_from(order, octets, start + origin.length_at)
        return octets[start : start + size]

    def options(self, row: int) -> Options:
        """A packet's options in a pcapng file, (code, value) in their order; else none."""
        record = self.record(row)
        header = int(self.index[OFFSET, row]) - self.record_start(row)
        if self.origin.kind != "pcapng" or header != _PACKET_BLOCK_HEADER:
            return ()
        caplen = self.caplen[row]
        start = header + caplen + (-caplen & 3)
        return read_options(record, start, len(record) - 4, self.origin.big_endian, strict=False)

    def comments(self, row: int) -> tuple[str, ...]:
        """A packet's comments."""
        return comments(self.options(row))

    def pick(self, positions: Positions) -> FileBatch:
        """The packets at `positions`, in that order, with their records and numbers.

        Blocks between packets stay before the packet that they preceded, or the next one picked.
        """
        positions = as_positions(positions)
        index, numbers = self._picked(positions)
        batch = FileBatch(
            self.octets, index, len(numbers), self.interfaces, registry=self.registry
        )
        batch.numbers = numbers
        origin = self.origin
        places = origin.places
        if places is not None:
            picked = array(places.typecode, bytes(places.itemsize * len(numbers)))
            gather_numbers(places, positions, picked)
            places = picked
        kept = tuple(
            replace(block, row=count_below(positions, block.row)) for block in origin.kept
        )
        batch.origin = replace(origin, places=places, kept=kept)
        return batch

    def keep(self) -> FileBatch:
        """This batch, or if it is leased a copy that stays as it is."""
        origin = self.origin
        if not origin.leased:
            return self
        places = origin.places
        kept = FileBatch(
            bytes(memoryview(self.octets)[: origin.end]), trimmed(self.index, self.count),
            self.count, tuple(self.interfaces), self.first_number, self.registry,
        )  # fmt: skip
        kept.numbers = self.numbers
        copied = None if places is None else places[: self.count]
        kept.origin = replace(origin, places=copied, leased=False)
        return kept


def trimmed(index: Index, count: int) -> Index:
    """A copy of the first `count` columns of an index."""
    capacity = len(index.cast("B")) // (8 * ROWS)
    copy = new_index(max(count, 1))
    whole, part = index.cast("B"), copy.cast("B")
    for row in range(ROWS if count else 0):
        start = 8 * row * capacity
        part[8 * row * count : 8 * (row + 1) * count] = whole[start : start + 8 * count]
    return copy
