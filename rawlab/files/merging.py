"""Several captures as one: by time, or one after the other. Memory holds a window of each."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch, Index, Interface, new_index
from rawlab.engine.copying import copy_runs
from rawlab.engine.records import CAPLEN, INTERFACE, OFFSET, ROWS, TIME_NS
from rawlab.files.blocks import (
    INTERFACE_DESCRIPTION,
    SECTION_HEADER,
    KeptBlock,
    Section,
)
from rawlab.files.file_batch import FileBatch, Origin
from rawlab.files.packet_blocks import PacketBlocks, as_blocks, cells

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

Numbers = NDArray[np.int64]
INTERFACE_STATISTICS = 5
_STATISTICS_OCTETS = 24
_SECTION = Section(0, False, (1, 0), 0)
"""That of what is merged."""


class Window:
    """What is read of one source and not yet merged, and how far it is used up.

    A packet's turn is its time, or that of the latest packet before it in its source: so a merge
    takes the earliest of the sources' next packets, and never changes the order within a source.
    """

    def __init__(self, batches: Iterator[Batch], interfaces: list[Interface], blocks: bool) -> None:
        self._batches = batches
        self._interfaces = interfaces
        self._blocks = blocks
        self._numbers: list[int] = []
        self._latest = np.iinfo(np.int64).min
        self.kept: list[bytes] = []
        """Blocks without packets that wait to be merged."""
        self.start = 0
        self.open = True
        self._empty()
        self.refill()

    def _empty(self) -> None:
        self.octets: bytes | bytearray | memoryview = b""
        nothing = np.empty(0, dtype=np.int64)
        self.turns = self.starts = self.sizes = self.header = nothing
        self.rows: Numbers = np.empty((ROWS, 0), dtype=np.int64)

    def refill(self) -> None:
        """Go on to the next batch with packets once this one is used up."""
        while self.open and self.start == len(self.turns):
            batch = next(self._batches, None)
            self.start = 0
            if batch is None:
                self.open = False
                self._empty()
            else:
                self._hold(batch)

    def _hold(self, batch: Batch) -> None:
        """Where the packets of a batch lie, or their blocks with all their options."""
        self.rows = np.array(batch.index, dtype=np.int64)[:, : batch.count]
        self._renumber(batch)
        if self._blocks:
            if isinstance(batch, FileBatch):
                self._keep(batch.origin)
            found = PacketBlocks(as_blocks(batch))
            self.octets = found.batch.octets
            self.starts, self.sizes, self.header = found.starts, found.total, found.header
        else:
            self.octets = batch.octets
            self.starts, self.sizes = self.rows[OFFSET], self.rows[CAPLEN]
            self.header = np.zeros_like(self.starts)
        self.turns = np.maximum.accumulate(np.maximum(self.rows[TIME_NS], self._latest))
        if len(self.turns):
            self._latest = int(self.turns[-1])

    def _renumber(self, batch: Batch) -> None:
        """Give the packets the merge's numbers of interfaces instead of the source's."""
        for interface in batch.interfaces[len(self._numbers) :]:
            self._numbers.append(len(self._interfaces))
            self._interfaces.append(interface)
        if batch.count:
            self.rows[INTERFACE] = np.array(self._numbers, dtype=np.int64)[self.rows[INTERFACE]]

    def _keep(self, origin: Origin) -> None:
        """Keep names, secrets, statistics and the like; those of big-endian files are left out."""
        if origin.big_endian:
            return
        for block in origin.kept:
            octets = block.octets
            if block.code == INTERFACE_STATISTICS and len(octets) >= _STATISTICS_OCTETS:
                (number,) = struct.unpack_from("<I", octets, 8)
                number += 0 if origin.section is None else origin.section.first_interface
                if number < len(self._numbers):
                    merged = struct.pack("<I", self._numbers[number])
                    self.kept.append(octets[:8] + merged + octets[12:])
            elif block.code not in (SECTION_HEADER, INTERFACE_DESCRIPTION):
                self.kept.append(octets)

    @property
    def horizon(self) -> int:
        """The turn of the last packet in the window: what comes after has no earlier one."""
        return int(self.turns[-1])

    def take(self, turn: int, itself: bool) -> slice:
        """The packets up to a turn, with those that have just that turn or without."""
        stop = int(np.searchsorted(self.turns, turn, side="right" if itself else "left"))
        taken = slice(self.start, max(stop, self.start))
        self.start = taken.stop
        return taken


class Merge:
    """Merges the packets of several sources by time; of equal times, the earlier source's first.

    `interfaces` grows as the sources describe theirs: every interface of every source is kept.
    With `blocks` the packets of pcapng sources keep their options. The sources' batches may be
    leased; those of the merge are: each is valid until the next step.
    """

    def __init__(
        self,
        sources: Sequence[Iterable[Batch]],
        registry: Registry | None = None,
        blocks: bool = True,
    ) -> None:
        self.interfaces: list[Interface] = []
        self._windows = [Window(iter(source), self.interfaces, blocks) for source in sources]
        self._registry = registry
        self._blocks = blocks
        self._room = bytearray()

    def __iter__(self) -> Iterator[Batch]:
        number = 1
        while True:
            windows = [window for window in self._windows if window.open]
            if not windows:
                break
            first = min(range(len(windows)), key=lambda i: windows[i].horizon)
            turn = windows[first].horizon
            batch = self._joined(
                [(window, window.take(turn, i <= first)) for i, window in enumerate(windows)])
            batch.first_number = number
            number += batch.count
            yield batch
            for window in windows:
                window.refill()
        kept = self._kept()
        if kept:
            yield self._batch(memoryview(b""), new_index(0), np.empty(0, dtype=np.int64), kept)

    def _joined(self, pieces: Sequence[tuple[Window, slice]]) -> Batch:
        """The packets of all pieces in the order of their turns, in one buffer."""
        pieces = [(window, part) for window, part in pieces if part.start < part.stop]
        order = np.argsort(
            np.concatenate([window.turns[part] for window, part in pieces]), kind="stable")
        count = len(order)
        sizes = np.concatenate([window.sizes[part] for window, part in pieces])[order]
        ends = np.cumsum(sizes)
        begins = ends - sizes
        places = np.empty(count, dtype=np.int64)
        places[order] = begins
        if len(self._room) < ends[-1]:
            self._room = bytearray(int(ends[-1]) * 5 // 4)
        octets = memoryview(self._room)[: int(ends[-1])]
        index = new_index(count)
        rows = np.concatenate([window.rows[:, part] for window, part in pieces], axis=1)
        rows[OFFSET] = places + np.concatenate([window.header[part] for window, part in pieces])
        np.take(rows, order, axis=1, out=np.asarray(index))
        done = 0
        for window, part in pieces:
            mine = places[done : done + part.stop - part.start]
            copy_runs(window.octets, cells(window.starts[part]), cells(window.sizes[part]),
                      octets, cells(mine))
            done += len(mine)
        return self._batch(octets.toreadonly(), index, begins, self._kept())

    def _batch(
        self, octets: memoryview, index: Index, begins: Numbers, kept: tuple[KeptBlock, ...]
    ) -> Batch:
        count = len(begins)
        if not self._blocks:
            return Batch(octets, index, count, self.interfaces, registry=self._registry)
        batch = FileBatch(octets, index, count, self.interfaces, registry=self._registry)
        batch.origin = Origin(
            "pcapng", False, 0, 4, _SECTION, array("q", begins.tobytes()), 0, len(octets), True,
            kept,
        )  # fmt: skip
        return batch

    def _kept(self) -> tuple[KeptBlock, ...]:
        """The blocks without packets that wait; they come before the packets of a batch."""
        waiting = [octets for window in self._windows for octets in window.kept]
        for window in self._windows:
            window.kept.clear()
        return tuple(KeptBlock(0, int.from_bytes(octets[:4], "little"), octets)
                     for octets in waiting)
