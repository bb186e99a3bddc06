"""Which packets a replay sends, in which form: read, filtered, rewritten, over and over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Union

from rawlab.inject.batching import batch_of_octets, batches_of
from rawlab.inject.pieces import HELD_OCTETS
from rawlab.packet import Packet
from rawlab.schema.draft import Draft

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.files import CaptureFile
    from rawlab.files.ending import Cut
    from rawlab.filter import Filter
    from rawlab.inject.batching import Packets
    from rawlab.inject.pieces import Sides
    from rawlab.inject.schedule import Schedule
    from rawlab.schema.registry import Registry
    from rawlab.transform.rewriting import Rewrite

Replayable = Union[str, "os.PathLike[str]", "Packets"]
Change = Callable[[Packet], Packet | Draft | None]
"""Takes a packet and gives what is sent in its place; None: nothing."""


class Selecting:
    """Reads packets and makes of them what is sent."""

    def __init__(
        self, packets: Replayable, loop: int = 1, capture_filter: str | None = None,
        where: str | Filter | None = None, rewrite: Rewrite | None = None,
        change: Change | None = None, registry: Registry | None = None,
    ) -> None:  # fmt: skip
        """Opens the file. Raises ValueError for a wrong filter or number of loops, OSError."""
        if loop < 0:
            raise ValueError(f"loop must be 0 (without end) or more, not {loop}")
        self._packets = packets
        self._loop = loop
        self._registry = registry
        self.read = 0
        """Packets read, those that no filter takes too; of one pass."""
        self.cut: Cut | None = None
        """Where a file ends too early."""
        self._opened: CaptureFile | None = None
        if isinstance(packets, (str, os.PathLike)):
            from rawlab.files import open_capture

            self._opened = open_capture(packets, registry=registry)
        self._steps: list[Callable[[Batch], Batch]] = []
        if capture_filter:
            from rawlab.files.capture_filter import CaptureFilter

            self._steps.append(CaptureFilter(capture_filter).select)
        if where is not None:
            from rawlab.filter.selection import filter_of

            chosen = filter_of(where, registry)
            self._steps.append(chosen.select)
        if rewrite is not None and rewrite:
            from rawlab.transform.rewriting import Rewriter

            self._steps.append(Rewriter(rewrite).change)
        if change is not None:
            self._steps.append(lambda batch: changed(batch, change))

    def batches(self, schedule: Schedule) -> Iterator[Batch]:
        """The batches to be sent, none of them empty, each of one link type."""
        held: list[Batch] | None = []
        octets = 0
        sent_any = False
        for batch in self.once():
            sent_any = True
            if held is not None and self._loop != 1:
                octets += len(batch.octets)
                held = None if octets > HELD_OCTETS else [*held, batch.keep()]
            yield batch
        left = self._loop - 1
        while left and sent_any:
            schedule.again()
            if held is not None:
                yield from held
            else:
                read, any_again = self.read, False
                for batch in self.once():
                    any_again = True
                    yield batch
                self.read = read
                if not any_again:
                    raise ValueError("these packets come only once: give a file's name or a list")
            left -= 1

    def once(self) -> Iterator[Batch]:
        """The batches of one pass."""
        for batch in self._source():
            self.read += batch.count
            for step in self._steps:
                if not batch.count:
                    break
                batch = step(batch)
            if batch.count:
                yield batch

    def _source(self) -> Iterator[Batch]:
        from rawlab.files import CaptureFile, open_capture

        packets = self._packets
        if isinstance(packets, (str, os.PathLike)):
            capture, self._opened = self._opened, None
            with capture or open_capture(packets, registry=self._registry) as capture:
                yield from self._of_file(capture)
        elif isinstance(packets, CaptureFile):
            yield from self._of_file(packets)
        else:
            yield from batches_of(packets)

    def _of_file(self, capture: CaptureFile) -> Iterator[Batch]:
        for batch in capture.batches():
            yield from batches_of(batch)
        self.cut = capture.cut


def changed(batch: Batch, change: Change) -> Batch:
    """What `change` makes of the packets of a batch; times stay. TypeError for a wrong result."""
    kept: list[int] = []
    octets: list[bytes] = []
    for position, packet in enumerate(batch):
        made = change(packet)
        if made is None:
            continue
        if not isinstance(made, (Packet, Draft)):
            raise TypeError(f"change gave {type(made).__name__}, not a packet, a draft or None")
        kept.append(position)
        octets.append(made.octets if isinstance(made, Packet) else bytes(made))
    linktype = batch.linktype[0] if batch.count else 1
    result = batch_of_octets(octets, linktype, batch.registry)
    times, lengths, caplens = batch.time_ns, batch.length, batch.caplen
    for place, position in enumerate(kept):
        result.time_ns[place] = times[position]
        result.length[place] += lengths[position] - caplens[position]
    return result


def sides_of(clients: Sequence[str]) -> Sides:
    """Tells clients' packets from servers'. Raises ValueError for a wrong address."""
    from rawlab.transform.sides import ClientSide

    return ClientSide(clients).of
