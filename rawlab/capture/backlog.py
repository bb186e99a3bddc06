"""Batches that were copied out of the ring and wait for the caller."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rawlab.batch import Batch
from rawlab.capture.source import Source

if TYPE_CHECKING:
    from rawlab.packet import Packet

_INDEX_OCTETS = 48


class Backlog:
    """A queue of batches that own their octets, from which packets or batches are taken, in order.

    It has a bound, in octets: what does not fit is counted by its source as missed. One thread
    puts, one takes.
    """

    def __init__(self, most_octets: int) -> None:
        self._most_octets = most_octets
        self.packets = 0
        """How many were put, ever."""
        self._put_octets = 0
        self._taken_octets = 0
        self._batches: deque[tuple[Source, Batch]] = deque()
        self._first: tuple[Source, Batch] | None = None
        self._packets: Iterator[Packet] | None = None
        self._at = 0

    @property
    def octets(self) -> int:
        """Octets that wait, with what it takes to find the packets in them."""
        return self._put_octets - self._taken_octets

    def put(self, source: Source, batch: Batch) -> bool:
        """Copy a batch (of one packet at least) and append it; False when it does not fit."""
        octets = _size(batch)
        if self.octets + octets > self._most_octets:
            source.missed += len(batch)
            return False
        self._put_octets += octets
        self.packets += len(batch)
        self._batches.append((source, batch.keep()))
        return True

    def next_packet(self) -> tuple[Source, Packet] | None:
        """The first packet, and where it came from; None when there is none."""
        while True:
            if self._first is None:
                if not self._batches:
                    return None
                self._first = self._batches.popleft()
            source, batch = self._first
            if self._packets is None:
                self._packets = iter(batch)
            for packet in self._packets:
                self._at += 1
                return source, packet
            self._drop_first(batch)

    def next_batch(self) -> tuple[Source, Batch] | None:
        """What is left of the first batch, and where it came from; None when there is none."""
        while self._first is not None or self._batches:
            source, batch = self._first or self._batches.popleft()
            start = self._at
            self._drop_first(batch)
            if start < len(batch):
                return source, batch if start == 0 else batch.pick(range(start, len(batch)))
        return None

    def _drop_first(self, batch: Batch) -> None:
        self._taken_octets += _size(batch)
        self._first = self._packets = None
        self._at = 0


def _size(batch: Batch) -> int:
    return len(batch.octets) + _INDEX_OCTETS * len(batch)
