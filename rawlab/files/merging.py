"""Several captures as one: by time, or one after the other. Memory holds a window of each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch, Interface, new_index
from rawlab.engine.copying import copy_runs
from rawlab.engine.records import CAPLEN, INTERFACE, OFFSET
from rawlab.files.blocks import Section
from rawlab.files.file_batch import FileBatch, Origin
from rawlab.files.packet_blocks import PacketBlocks, as_blocks, cells, has_blocks

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

Numbers = NDArray[np.int64]


class Window:
    """What is read of one source and not yet merged: a batch, and how far it is used up.

    A packet's turn is its time, or that of the latest packet before it in its source: so a merge
    takes the earliest of the sources' next packets, and never changes the order within a source.
    """

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._latest = np.iinfo(np.int64).min
        self.batch: Batch | None = None
        self.turns: Numbers = np.empty(0, dtype=np.int64)
        self.start = 0
        self.refill()

    def refill(self) -> None:
        """Go on to the next batch with packets once this one is used up."""
        while self.start == len(self.turns):
            self.batch = next(self._batches, None)
            self.start = 0
            if self.batch is None:
                self.turns = np.empty(0, dtype=np.int64)
                return
            times = np.asarray(self.batch.time_ns)
            self.turns = np.maximum.accumulate(np.maximum(times, self._latest))
            if len(self.turns):
                self._latest = int(self.turns[-1])

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


class Runs(NamedTuple):
    """Where the packets of a piece lie, or their blocks with all their options."""

    octets: bytes | bytearray | memoryview
    starts: Numbers
    sizes: Numbers
    header: Numbers
    """Octets before the packet, in each run."""


class Piece(NamedTuple):
    """Packets of one source that are merged at a time."""

    batch: Batch
    taken: slice
    turns: Numbers
    rows: Numbers
    """Their columns of the index, with the merge's numbers of interfaces."""

    def runs(self, blocks: bool) -> Runs:
        """Where they lie; with `blocks` as whole little-endian pcapng blocks."""
        caplen = self.rows[CAPLEN]
        if not blocks:
            return Runs(self.batch.octets, self.rows[OFFSET], caplen, np.zeros_like(caplen))
        batch = as_blocks(self.batch.pick(range(self.batch.count)[self.taken]))
        found = PacketBlocks(batch)
        return Runs(batch.octets, found.starts, found.total, found.header)


class Merge:
    """Merges the packets of several sources by time; of equal times, the earlier source's first.

    `interfaces` grows as the sources describe theirs: every interface of every source is kept.
    """

    def __init__(
        self, sources: Sequence[Iterable[Batch]], registry: Registry | None = None
    ) -> None:
        self._windows = [Window(iter(source)) for source in sources]
        self._registry = registry
        self._numbers: list[list[int]] = [[] for _ in sources]
        self._blocks = False
        self.interfaces: list[Interface] = []

    def __iter__(self) -> Iterator[Batch]:
        number = 1
        while True:
            open_ = [i for i, window in enumerate(self._windows) if window.batch is not None]
            if not open_:
                return
            first = min(open_, key=lambda i: self._windows[i].horizon)
            turn = self._windows[first].horizon
            pieces = [self._piece(i, self._windows[i].take(turn, i <= first)) for i in open_]
            batch = self._joined(pieces)
            batch.first_number = number
            number += batch.count
            yield batch
            for i in open_:
                self._windows[i].refill()

    def _piece(self, source: int, taken: slice) -> Piece:
        window = self._windows[source]
        assert window.batch is not None
        index = np.asarray(window.batch.index)[:, taken].copy()
        index[INTERFACE] = self._renumbered(source, window.batch, index[INTERFACE])
        return Piece(window.batch, taken, window.turns[taken], index)

    def _renumbered(self, source: int, batch: Batch, numbers: Numbers) -> Numbers:
        """The source's numbers of interfaces as those of the merge."""
        known = self._numbers[source]
        for interface in batch.interfaces[len(known) :]:
            known.append(len(self.interfaces))
            self.interfaces.append(interface)
        renumbered: Numbers = np.array(known, dtype=np.int64)[numbers]
        return renumbered

    def _joined(self, pieces: Sequence[Piece]) -> Batch:
        """The packets of all pieces in the order of their turns, in one buffer."""
        self._blocks = self._blocks or any(has_blocks(piece.batch) for piece in pieces)
        order = np.argsort(np.concatenate([piece.turns for piece in pieces]), kind="stable")
        count = len(order)
        runs = [piece.runs(self._blocks) for piece in pieces]
        sizes = np.concatenate([run.sizes for run in runs])
        places = np.empty(count, dtype=np.int64)
        ends = np.cumsum(sizes[order])
        places[order] = ends - sizes[order]
        octets = bytearray(int(ends[-1]) if count else 0)
        done = 0
        for run in runs:
            mine = places[done : done + len(run.sizes)]
            copy_runs(run.octets, cells(run.starts), cells(run.sizes), octets, cells(mine))
            done += len(run.sizes)
        index = new_index(count)
        joined = np.concatenate([piece.rows for piece in pieces], axis=1)
        joined[OFFSET] = places + np.concatenate([run.header for run in runs])
        np.asarray(index)[:, :count] = joined[:, order]
        if not self._blocks:
            return Batch(bytes(octets), index, count, self.interfaces, registry=self._registry)
        batch = FileBatch(bytes(octets), index, count, self.interfaces, registry=self._registry)
        batch.origin = Origin(
            "pcapng", False, 0, 4, Section(0, False, (1, 0), 0),
            array("q", places[order].tobytes()), 0, len(octets), False,
        )  # fmt: skip
        return batch
