"""The packet blocks of a pcapng batch as columns, and batches as such blocks."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch, new_index
from rawlab.engine.copying import copy_runs
from rawlab.engine.records import CAPLEN, INTERFACE, LENGTH, OFFSET, TIME_NS
from rawlab.files.blocks import ENHANCED_PACKET, OBSOLETE_PACKET, SIMPLE_PACKET, Options, Section
from rawlab.files.encoding import encode_options
from rawlab.files.file_batch import FileBatch, Origin

Numbers = NDArray[np.int64]
_HEADER = 28
_FLAGS, _DROPS, _PACKET_ID, _QUEUE = 2, 4, 5, 6
_NUMBER_OCTETS = {_FLAGS: 4, _DROPS: 8, _PACKET_ID: 8, _QUEUE: 4}
"""Options of packets whose value is one number, in the byte order of the section."""
_DROPS_UNKNOWN = 0xFFFF


def has_blocks(batch: Batch) -> bool:
    return isinstance(batch, FileBatch) and batch.origin.places is not None


def cells(numbers: Numbers) -> memoryview:
    """Numbers as the engine takes them."""
    return memoryview(np.ascontiguousarray(numbers))  # type: ignore[arg-type]


def put_words(out: NDArray[np.uint8], at: Numbers, values: Any, order: str) -> None:
    """Write 32-bit words."""
    if len(at) and not (at & 3).any():
        out[: len(out) & ~3].view(order + "u4")[at >> 2] = values
        return
    filled = np.empty(len(at), dtype=order + "u4")
    filled[:] = values
    out[at[:, None] + np.arange(4)] = filled.view(np.uint8).reshape(-1, 4)


class PacketBlocks:
    """The packet blocks of a pcapng batch as columns."""

    def __init__(self, batch: FileBatch) -> None:
        origin = batch.origin
        assert origin.places is not None
        self.batch = batch
        self.octets = np.frombuffer(batch.octets, dtype=np.uint8)
        self.order = ">" if origin.big_endian else "<"
        self.starts = np.frombuffer(origin.places, dtype=np.int64)[: batch.count]
        self.total = self.word(self.octets, self.starts + 4)
        self.code = self.word(self.octets, self.starts)
        self.simple = self.code == SIMPLE_PACKET
        self.obsolete = self.code == OBSOLETE_PACKET
        self.header = np.asarray(batch.offset) - self.starts
        stored = np.asarray(batch.caplen).copy()
        stored[~self.simple] = self.word(self.octets, self.starts[~self.simple] + 20)
        self.options = self.header + stored + (-stored & 3)
        """Where the options begin, in each block."""

    def word(self, octets: NDArray[np.uint8], at: Numbers) -> Numbers:
        """The 32-bit words at `at`."""
        if len(at) and not (at & 3).any():  # as is usual; gathering octets takes longer
            whole = octets[: len(octets) & ~3].view(self.order + "u4")
            words: Numbers = whole[at >> 2].astype(np.int64)
            return words
        raw = np.ascontiguousarray(octets[at[:, None] + np.arange(4)])
        return raw.view(self.order + "u4").reshape(-1).astype(np.int64)

    def put(self, out: NDArray[np.uint8], at: Numbers, values: Any) -> None:
        """Write 32-bit words."""
        put_words(out, at, values, self.order)

    def ticks(self) -> NDArray[np.uint64]:
        """The time stamps; 0 for simple packets."""
        at = np.where(self.simple, 0, self.starts + 12)
        high, low = (self.word(self.octets, at + i).astype(np.uint64) for i in (0, 4))
        stamps = (high << np.uint64(32)) | low
        return np.where(self.simple, np.uint64(0), stamps)

    def remade(self, caplen: Numbers, options: Mapping[int, bytes]) -> FileBatch:
        """The blocks with `caplen` octets of each packet, and other encoded options for some."""
        padded = caplen + (-caplen & 3)
        kept = np.where(self.simple, 0, self.total - 4 - self.options)
        tail = kept.copy()
        for position, encoded in options.items():
            kept[position], tail[position] = 0, len(encoded)
        total = _HEADER + padded + tail + 4
        ends = np.cumsum(total)
        begins = ends - total
        room = bytearray(int(ends[-1]) if len(ends) else 0)
        out = np.frombuffer(room, dtype=np.uint8)
        head = np.where(self.simple, 0, _HEADER)
        for starts, sizes, places in (
            (self.starts, head, begins),
            (self.starts + self.header, caplen, begins + _HEADER),
            (self.starts + self.options, kept, begins + _HEADER + padded),
        ):
            copy_runs(self.batch.octets, cells(starts), cells(sizes), room, cells(places))
        for position, encoded in options.items():
            at = int(begins[position] + _HEADER + padded[position])
            room[at : at + len(encoded)] = encoded
        simple = begins[self.simple]
        self.put(out, simple, ENHANCED_PACKET)  # interface 0 and time 0, as simple packets have it
        self.put(out, simple + 24, np.asarray(self.batch.length)[self.simple])
        self.put(out, begins + 4, total)
        self.put(out, begins + 20, caplen)
        self.put(out, ends - 4, total)
        return self._batch(room, begins, {OFFSET: begins + _HEADER, CAPLEN: caplen})

    def shifted(self, shift_ns: int, times: Numbers) -> FileBatch:
        """The blocks with other time stamps."""
        out = self.octets.copy()
        interface = np.asarray(self.batch.interface)
        for number in np.unique(interface).tolist():
            chosen = (interface == number) & ~self.simple
            at = self.starts[chosen] + 12
            ticks = shift_ns * self.batch.interfaces[number].resolution
            steps = (ticks + 500_000_000) // 1_000_000_000
            stamps = self.ticks()[chosen]
            if steps < 0:
                stamps -= np.minimum(stamps, np.uint64(-steps))
            else:
                stamps += np.minimum(~stamps, np.uint64(steps))
            self.put(out, at, stamps >> np.uint64(32))
            self.put(out, at + 4, stamps & np.uint64(0xFFFF_FFFF))
        times = np.where(self.simple, np.asarray(self.batch.time_ns), times)
        return self._batch(memoryview(out), self.starts, {TIME_NS: times})  # type: ignore[arg-type]

    def _batch(
        self, octets: bytearray | memoryview, starts: Numbers, rows: Mapping[int, Numbers]
    ) -> FileBatch:
        """The batch over other octets, with other rows of the index."""
        changed = copy(self.batch)
        changed.octets = memoryview(octets).toreadonly()
        changed.index = new_index(self.batch.count)
        index = np.asarray(changed.index)
        count = self.batch.count
        index[:, :count] = np.asarray(self.batch.index)[:, :count]
        for row, values in rows.items():
            index[row, :count] = values
        changed._found = None
        changed.origin = replace(
            self.batch.origin, places=array("q", starts.tobytes()), end=len(octets)
        )
        return changed


def as_blocks(batch: Batch) -> FileBatch:
    """The packets as little-endian enhanced packet blocks, with the options they had.

    The number of the interface in a block is not to be relied on; the index has it.
    """
    if not has_blocks(batch):
        return _new_blocks(batch, _ticks(batch))
    assert isinstance(batch, FileBatch)
    blocks = PacketBlocks(batch)
    big = batch.origin.big_endian
    if not big and (blocks.code == ENHANCED_PACKET).all():
        return batch
    plain = _new_blocks(batch, blocks.ticks())
    options = {
        row: encode_options(_little(batch, row, blocks), big=False)
        for row in np.flatnonzero((blocks.total - 4 > blocks.options) | blocks.obsolete).tolist()
    }
    made = PacketBlocks(plain).remade(np.asarray(batch.caplen), options)
    made.numbers, made.first_number = batch.numbers, batch.first_number
    return made


def _little(batch: FileBatch, row: int, blocks: PacketBlocks) -> Options:
    """The options of a packet, numbers in little-endian order."""
    options = batch.options(row)
    big = batch.origin.big_endian
    if blocks.obsolete[row]:
        at = int(blocks.starts[row]) + 10
        order: Any = "big" if big else "little"
        drops = int.from_bytes(bytes(memoryview(batch.octets)[at : at + 2]), order)
        if drops != _DROPS_UNKNOWN:
            options = (*options, (_DROPS, drops.to_bytes(8, order)))
    return tuple(
        (code, value[::-1] if big and len(value) == _NUMBER_OCTETS.get(code) else value)
        for code, value in options
    )


def _new_blocks(batch: Batch, ticks: NDArray[np.uint64]) -> FileBatch:
    """Blocks without options, made from the index and time stamps."""
    count = batch.count
    index = np.asarray(batch.index)[:, :count]
    caplen = index[CAPLEN]
    total = _HEADER + caplen + (-caplen & 3) + 4
    ends = np.cumsum(total)
    begins = ends - total
    octets = bytearray(int(ends[-1]) if count else 0)
    out = np.frombuffer(octets, dtype=np.uint8)
    words = (ENHANCED_PACKET, total, index[INTERFACE], ticks >> np.uint64(32),
             ticks & np.uint64(0xFFFF_FFFF), caplen, index[LENGTH] & 0xFFFF_FFFF)
    for place, values in enumerate(words):
        put_words(out, begins + 4 * place, values, "<")
    put_words(out, ends - 4, total, "<")
    copy_runs(batch.octets, cells(index[OFFSET]), cells(caplen), octets, cells(begins + _HEADER))
    made = FileBatch(bytes(octets), new_index(count), count, batch.interfaces,
                     batch.first_number, batch.registry)
    made.numbers = batch.numbers
    filled = np.asarray(made.index)
    filled[:, :count] = index
    filled[OFFSET, :count] = begins + _HEADER
    made.origin = Origin(
        "pcapng", False, 0, 4, Section(0, False, (1, 0), 0), array("q", begins.tobytes()),
        0, len(octets), False,
    )  # fmt: skip
    return made


def _ticks(batch: Batch) -> NDArray[np.uint64]:
    """The times as time stamps of the interfaces' own resolutions."""
    index = np.asarray(batch.index)[:, : batch.count]
    times = np.maximum(index[TIME_NS], 0)
    ticks: NDArray[np.uint64] = times.astype(np.uint64)
    for number in np.unique(index[INTERFACE]).tolist():
        resolution = batch.interfaces[number].resolution
        if resolution == 10**9:
            continue
        chosen = index[INTERFACE] == number
        seconds, rest = np.divmod(times[chosen], 10**9)
        if resolution <= 10**9:  # no product overflows
            ticks[chosen] = (seconds * resolution + rest * resolution // 10**9).astype(np.uint64)
        else:
            exact = [int(time) * resolution // 10**9 for time in times[chosen].tolist()]
            ticks[chosen] = [min(value, 2**64 - 1) for value in exact]
    return ticks
