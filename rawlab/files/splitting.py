"""One capture in several files: by packets, octets, seconds or conversations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch
from rawlab.files.blocks import INTERFACE_DESCRIPTION, SECTION_HEADER
from rawlab.files.file_batch import FileBatch
from rawlab.files.packet_blocks import PacketBlocks, has_blocks

Numbers = NDArray[np.int64]
_SECOND_NS = 1_000_000_000
_INTERFACE_OCTETS = 40
_SECTION_OCTETS = 256
_DESCRIPTIONS = (SECTION_HEADER, INTERFACE_DESCRIPTION)


class Sink(Protocol):
    """What takes batches."""

    def write(self, batch: Batch) -> None:
        """Take the packets of a batch."""

    def close(self) -> None:
        """Nothing more will come."""


class Writer(Sink, Protocol):
    """What a file is written by; `rawlab.files.writing.CaptureWriter` is one."""

    @property
    def octets(self) -> int:
        """Octets written, before compression."""


Open = Callable[[str], Writer]
"""Opens the file with this word in its name."""


class Split(ABC):
    """Files one after the other; a rule says where the next begins."""

    def __init__(self, open_file: Open) -> None:
        self._open = open_file
        self._writer: Writer | None = None
        self.files = 0

    def write(self, batch: Batch) -> None:
        """Write the packets, each to its file."""
        for start, stop, new in self._runs(batch):
            if new or self._writer is None:
                self._next_file()
            assert self._writer is not None
            if start == stop and batch.count:
                continue  # the file was to be opened, no more
            self._writer.write(part_of(batch, start, stop))

    def close(self) -> None:
        """Close the last file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _next_file(self) -> None:
        self.close()
        self.files += 1
        self._writer = self._open(f"{self.files:05}")

    @abstractmethod
    def _runs(self, batch: Batch) -> Iterator[tuple[int, int, bool]]:
        """(start, stop, whether a new file begins) of runs of packets for one file."""


class SplitByPackets(Split):
    """So many packets a file."""

    def __init__(self, open_file: Open, packets: int) -> None:
        super().__init__(open_file)
        self._packets = packets
        self._left = packets

    def _runs(self, batch: Batch) -> Iterator[tuple[int, int, bool]]:
        start = 0
        while start < batch.count or not batch.count:
            new = self._left == 0
            if new:
                self._left = self._packets
            stop = min(batch.count, start + self._left)
            self._left -= stop - start
            yield start, stop, new
            start = stop
            if not batch.count:
                return


class SplitBySize(Split):
    """A file has at most so many octets, before compression, unless one packet has more."""

    def __init__(self, open_file: Open, octets: int) -> None:
        super().__init__(open_file)
        self._octets = octets
        self._filled = False
        """Whether the file that is open has a packet."""

    def _runs(self, batch: Batch) -> Iterator[tuple[int, int, bool]]:
        if self._writer is None:
            yield 0, 0, True
        if not batch.count:
            yield 0, 0, False
        ends = np.cumsum(record_octets(batch))
        start = 0
        while start < batch.count:
            assert self._writer is not None
            before = int(ends[start - 1]) if start else 0
            room = self._octets - self._writer.octets
            if not self._filled:
                room -= description_octets(batch, section=self._writer.octets == 0)
            stop = int(np.searchsorted(ends, before + room, side="right"))
            if stop <= start and self._filled:
                self._filled = False
                yield start, start, True
                continue
            stop = max(stop, start + 1)
            self._filled = True
            yield start, stop, False
            start = stop


class SplitByTime(Split):
    """A file holds so many seconds, counted from the first packet on; none where none came."""

    def __init__(self, open_file: Open, seconds: int) -> None:
        super().__init__(open_file)
        self._period_ns = seconds * _SECOND_NS
        self._first_ns: int | None = None
        self._period = 0

    def _runs(self, batch: Batch) -> Iterator[tuple[int, int, bool]]:
        if not batch.count:
            yield 0, 0, False
            return
        times = np.asarray(batch.time_ns)
        if self._first_ns is None:
            self._first_ns = int(times[0])
        periods = np.maximum.accumulate((times - self._first_ns) // self._period_ns)
        np.maximum(periods, self._period, out=periods)  # what comes late goes on where we are
        starts = np.flatnonzero(np.diff(periods, prepend=self._period))
        edges = sorted({0, *starts.tolist(), batch.count})
        for start, stop in pairwise(edges):
            new = int(periods[start]) != self._period
            self._period = int(periods[start])
            yield start, stop, new and self.files > 0


def part_of(batch: Batch, start: int, stop: int) -> Batch:
    """The packets from `start` up to `stop`, with the blocks that stand between them.

    What describes all of the file goes along: its section header and interfaces.
    """
    if (start, stop) == (0, batch.count):
        return batch
    part = batch.pick(np.arange(start, stop))
    if isinstance(batch, FileBatch) and isinstance(part, FileBatch):
        last = batch.count if stop == batch.count else stop - 1
        kept = tuple(
            moved
            for block, moved in zip(batch.origin.kept, part.origin.kept, strict=True)
            if block.code in _DESCRIPTIONS or start <= block.row <= last
        )
        part.origin = replace(part.origin, kept=kept)
    return part


def record_octets(batch: Batch) -> Numbers:
    """About how many octets each packet's record takes, with the blocks that go before it."""
    if isinstance(batch, FileBatch) and has_blocks(batch):
        found = PacketBlocks(batch).total.copy()
        for block in batch.origin.kept:
            if block.code not in _DESCRIPTIONS:
                found[min(block.row, batch.count - 1)] += len(block.octets)
        return found
    caplen = np.asarray(batch.caplen)
    sizes: Numbers = 32 + caplen + (-caplen & 3)
    return sizes


def description_octets(batch: Batch, section: bool) -> int:
    """At most what the descriptions of a batch's interfaces, and of its section, take in a file."""
    options = [value for interface in batch.interfaces for _, value in interface.options]
    octets = _INTERFACE_OCTETS * len(batch.interfaces)
    if section:
        octets += _SECTION_OCTETS
        if isinstance(batch, FileBatch) and batch.origin.section is not None:
            options += [value for _, value in batch.origin.section.options]
    return octets + sum(8 + len(value) for value in options)


def numbered(name: str, word: str) -> str:
    """A file's name with a word in it: `out.pcapng.gz` gives `out-00001.pcapng.gz`."""
    path = Path(name)
    stem, dot, suffixes = path.name.partition(".")
    if not stem:  # .hidden
        stem, dot, suffixes = path.name, "", ""
    return str(path.with_name(f"{stem}-{word}{dot}{suffixes}"))
