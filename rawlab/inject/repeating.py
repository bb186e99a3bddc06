"""Packets over and over: once, a number of times, or so many in all."""

from __future__ import annotations

import os
from collections.abc import Iterator

from rawlab.batch import Batch
from rawlab.files import CaptureFile, read
from rawlab.inject.batching import Packets, batches_of
from rawlab.template import Template

REMEMBERED_OCTETS = 64 << 20
"""What is repeated is kept in memory if it is no larger; otherwise it is read again."""
_TILED_PACKETS = 1024
"""Few packets are laid out over and over in a batch of so many, at the same octets."""


def repeated(packets: Packets, count: int | None, loop: int | None) -> Iterator[Batch]:
    """Batches of `packets`, gone through `loop` times (0: without end), `count` packets in all.

    `loop` None is once, or as often as `count` takes. Raises ValueError for a template without a
    count, and for what can be gone through only once and is too large to be kept.
    """
    for name, value, least in (("count", count, 1), ("loop", loop, 0)):
        if value is not None and value < least:
            raise ValueError(f"{name} must be {least} or more, not {value}")
    if isinstance(packets, Template):
        if count is None and loop != 0:
            raise ValueError("a template has no end: say how many packets, count=...")
        return _limited(batches_of(packets), count)
    if loop is None:
        loop = 1 if count is None else 0
    return _limited(_over_and_over(packets, loop), count)


def _limited(batches: Iterator[Batch], count: int | None) -> Iterator[Batch]:
    """The first `count` packets of the batches."""
    if count is None:
        yield from batches
        return
    for batch in batches:
        if batch.count >= count:
            yield batch if batch.count == count else batch.pick(range(count))
            return
        count -= batch.count
        yield batch


def _over_and_over(packets: Packets, loop: int) -> Iterator[Batch]:
    """All batches, `loop` times."""
    memory = _Memory()
    for batch in batches_of(packets):
        if loop != 1:
            memory.take(batch)
        yield batch
    left = loop - 1
    if not memory.packets:
        return
    if memory.batches is None:
        while left:
            again = batches_of(_afresh(packets))
            first = next(again, None)
            if first is None:
                raise ValueError("packets of an iterator come only once: give a list or a file")
            yield first
            yield from again
            left -= 1
    elif len(memory.batches) == 1:
        tiled = _tiled(memory.batches[0])
        if left > 0:
            yield from _limited(_cycle([tiled]), left * memory.packets)
        else:
            yield from _cycle([tiled])
    else:
        while left:
            yield from memory.batches
            left -= 1


def _afresh(packets: Packets) -> Packets:
    """The same packets from the start: a file goes on where it was, so it is opened again."""
    if not isinstance(packets, CaptureFile) or not os.path.isfile(packets.name):
        return packets
    return read(packets.name, registry=packets.registry)


class _Memory:
    """The batches that came by, as long as they are not too large."""

    def __init__(self) -> None:
        self.packets = 0
        self.batches: list[Batch] | None = []
        """None: too large."""
        self._octets = 0

    def take(self, batch: Batch) -> None:
        self.packets += batch.count
        if self.batches is None:
            return
        self._octets += len(batch.octets)
        if self._octets > REMEMBERED_OCTETS:
            self.batches = None
        else:
            self.batches.append(batch.keep())


def _tiled(batch: Batch) -> Batch:
    """The packets of a small batch over and over, none cut off at the end."""
    times = _TILED_PACKETS // batch.count
    return batch if times < 2 else batch.pick([*range(batch.count)] * times)


def _cycle(batches: list[Batch]) -> Iterator[Batch]:
    while True:
        yield from batches
