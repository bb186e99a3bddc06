"""A capture written to one file after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from rawlab.batch import Batch, new_index
from rawlab.files.rotation import FileNames, Rotation
from rawlab.leased import LeasedBatch

if TYPE_CHECKING:
    from rawlab.files.writing import CaptureWriter

_RECORD_OCTETS = {"pcap": 16, "pcapng": 32}
"""What a record takes beside its packet."""
_PADDING = {"pcap": 1, "pcapng": 4}
"""A record is as long as a multiple of this."""
_LATE_NS = 250_000_000
"""How long a file stays open after its end when it is quiet: packets may still be on their way."""
_MOST_BEING_CLOSED = 4
"""Files that may be compressed to their end while later ones are written."""


class RotatingWriter:
    """Writes batches as a CaptureWriter does, and goes on in another file as the rotation says.

    A file ends before the first packet that belongs to the next. Each period has a file, be there
    packets or not. `create` opens a file by its name; `closing` is called with each writer before
    it is closed (of a file's size `reserve_octets` are left for what it writes), and `finished`
    with the name of each file that is closed and whole.
    """

    def __init__(
        self,
        pattern: str,
        rotation: Rotation,
        create: Callable[[str], CaptureWriter],
        *,
        closing: Callable[[CaptureWriter], None] = lambda writer: None,
        finished: Callable[[str], None] = lambda name: None,
        reserve_octets: int = 0,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.name = ""
        """Of the file that was opened last."""
        self.done = False
        """Whether the last file that the rotation allows is closed: nothing more is written."""
        self.skipped = 0
        """Packets that came after that."""
        self._rotation = rotation
        self._names = FileNames(pattern, rotation)
        self._named_by_time = rotation.period_s is not None and "%" in str(Path(pattern).parent)
        """Whether folders are: then each is made when its time has come."""
        self._create = create
        self._closing = closing
        self._finished = finished
        self._reserve_octets = reserve_octets
        self._now_ns = now_ns
        self._octets = 0
        self._packets = 0
        self._files = 0
        self._closer: ThreadPoolExecutor | None = None
        self._being_closed: list[tuple[str, CaptureWriter, Future[None]]] = []
        self._began_ns = now_ns()
        """When the period began that the file belongs to."""
        self._until_ns = rotation.end_of_first(self._began_ns)
        self._writer: CaptureWriter | None = None
        self._open(self._began_ns)

    def _open(self, start_ns: int) -> None:
        self.name, old = self._names.next(start_ns)
        if old is not None:
            Path(old).unlink(missing_ok=True)
        if self._named_by_time:
            Path(self.name).parent.mkdir(parents=True, exist_ok=True)
        self._writer = self._create(self.name)
        self._files += 1

    @property
    def octets(self) -> int:
        """Octets written to all files, before compression."""
        return self._octets + (self._writer.octets if self._writer else 0)

    @property
    def packets(self) -> int:
        """Packets written to all files; those that a compressor turns out to have lost leave it."""
        open_ones = [writer for _, writer, _ in self._being_closed]
        if self._writer is not None:
            open_ones.append(self._writer)
        return self._packets + sum(writer.packets for writer in open_ones)

    def write(self, batch: Batch) -> None:
        """Write a batch, to as many files as it takes. Raises OSError kinds."""
        start = 0
        while start < len(batch) and self._writer is not None:
            stop = self._fits(self._writer, batch, start)
            if stop - start == len(batch):
                self._writer.write(batch)
            elif stop > start:
                self._writer.write(part(batch, start, stop))
            if stop < len(batch):
                self._go_on(batch.time_ns[stop])
            start = stop
        self.skipped += len(batch) - start

    def _fits(self, writer: CaptureWriter, batch: Batch, start: int) -> int:
        """Up to which position the packets from `start` on belong to the open file."""
        stop = len(batch)
        if start == 0 and isinstance(batch, LeasedBatch) and self._fits_wholly(writer, batch):
            return stop
        if self._until_ns is not None and batch.time_ns[stop - 1] >= self._until_ns:
            until_ns, times = self._until_ns, batch.time_ns
            stop = next(at for at in range(start, stop) if times[at] >= until_ns)
        if self._rotation.size_octets is None or stop == start:
            return stop
        record, padding = _RECORD_OCTETS[writer.form], _PADDING[writer.form]
        room = self._rotation.size_octets - writer.octets - self._reserve_octets
        if (stop - start) * (record + padding) + _span(batch, start, stop) <= room:
            return stop
        for at, caplen in enumerate(batch.caplen[start:stop], start):
            room -= record + caplen + -caplen % padding
            if room < 0 and (at > start or writer.packets):
                return at
        return stop

    def _fits_wholly(self, writer: CaptureWriter, batch: LeasedBatch) -> bool:
        """Whether a block surely belongs to the open file, told without a look at its packets.

        What the kernel puts around a packet takes more room than what a record does.
        """
        block = batch.unindexed
        if block is None:
            return False
        if self._until_ns is not None and block.last_ns >= self._until_ns:
            return False
        size = self._rotation.size_octets
        return size is None or writer.octets + len(block.octets) + self._reserve_octets <= size

    def tick(self) -> None:
        """To be called now and then when nothing is written: ends a file whose time is over."""
        now = self._now_ns()
        if self._writer and self._until_ns is not None and now >= self._until_ns + _LATE_NS:
            self._go_on(now)
        self._hand_out(wait=False)

    def _go_on(self, time_ns: int) -> None:
        """Close the file, and open the one that something at this time belongs to."""
        self._close_file()
        until_ns = self._until_ns
        if until_ns is None or time_ns < until_ns:  # it is full
            self._open(self._began_ns)
        elif self._files == self._rotation.last:
            self.done = True
        else:
            following = self._rotation.boundary_after(until_ns)
            late = following is not None and time_ns >= following
            self._began_ns = self._rotation.boundary_before(time_ns) if late else until_ns
            self._until_ns = self._rotation.boundary_after(time_ns)
            self._open(self._began_ns)

    def _close_file(self) -> None:
        writer, name = self._writer, self.name
        if writer is None:
            return
        try:
            self._closing(writer)
        finally:
            self._octets += writer.octets
            self._writer = None
            self._close_writer(writer, name)

    def _close_writer(self, writer: CaptureWriter, name: str) -> None:
        """Close a writer; one that still has to compress does so in a thread."""
        if not writer.compressed:
            try:
                writer.close()
            finally:
                self._packets += writer.packets
            self._finished(name)
            return
        if self._closer is None:
            self._closer = ThreadPoolExecutor(1, "rawlab closing")
        self._hand_out(wait=len(self._being_closed) >= _MOST_BEING_CLOSED)
        self._being_closed.append((name, writer, self._closer.submit(writer.close)))

    def _hand_out(self, wait: bool) -> None:
        """Tell of the files that are closed meanwhile; with `wait` all are waited for."""
        while self._being_closed and (wait or self._being_closed[0][2].done()):
            name, writer, closed = self._being_closed[0]
            try:
                closed.result()
            finally:
                self._being_closed.pop(0)
                self._packets += writer.packets
            self._finished(name)

    def close(self) -> None:
        """Close the last file, and wait for those that are still being closed."""
        try:
            self._close_file()
            self._hand_out(wait=True)
        finally:
            if self._closer is not None:
                self._closer.shutdown()


def _span(batch: Batch, start: int, stop: int) -> int:
    """At least the octets that these packets have together, without looking at each."""
    if type(batch) in (Batch, LeasedBatch) and batch.numbers is None:  # one after the other
        last = stop - 1
        return batch.offset[last] + batch.caplen[last] - batch.offset[start]
    return sum(batch.caplen[start:stop])


def part(batch: Batch, start: int, stop: int) -> Batch:
    """The packets of a batch in [start, stop), as long as the batch is valid."""
    if type(batch) not in (Batch, LeasedBatch):
        return batch.pick(range(start, stop))
    count = stop - start
    index = new_index(count)
    rows = (batch.offset, batch.caplen, batch.length, batch.time_ns, batch.interface)
    flat = index.cast("B").cast("q")
    for row, values in enumerate((*rows, batch.linktype)):
        flat[row * count : (row + 1) * count] = values[start:stop]
    chosen = Batch(
        batch.octets, index, count, batch.interfaces, batch.first_number + start, batch.registry
    )
    if batch.numbers is not None:
        chosen.numbers = batch.numbers[start:stop]
    return chosen
