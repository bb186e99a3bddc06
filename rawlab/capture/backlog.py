"""Batches that were copied out of the ring and wait for the caller."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rawlab.batch import Batch, new_index
from rawlab.capture.ring import Ring
from rawlab.engine.records import ROWS

if TYPE_CHECKING:
    from rawlab.packet import Packet


class Backlog:
    """A queue of kept batches, from which packets or batches are taken, in order."""

    def __init__(self) -> None:
        self.octets = 0
        """Octets that the batches hold."""
        self.packets = 0
        """Packets that wait."""
        self._batches: deque[tuple[Ring, Batch]] = deque()
        self._at = 0

    def put(self, ring: Ring, batch: Batch) -> None:
        """Append a batch that owns its octets (none of zero packets)."""
        self._batches.append((ring, batch))
        self.octets += len(batch.octets)
        self.packets += len(batch)

    def next_packet(self) -> tuple[Ring, Packet]:
        """The first packet, and the ring that it came from. IndexError when there is none."""
        ring, batch = self._batches[0]
        packet = batch[self._at]
        self._at += 1
        self.packets -= 1
        if self._at == len(batch):
            self._drop_first()
        return ring, packet

    def next_batch(self) -> tuple[Ring, Batch]:
        """What is left of the first batch, and its ring. IndexError when there is none."""
        ring, batch = self._batches[0]
        start = self._at
        self.packets -= len(batch) - start
        self._drop_first()
        return ring, batch if start == 0 else _from(batch, start)

    def _drop_first(self) -> None:
        self.octets -= len(self._batches.popleft()[1].octets)
        self._at = 0


def _from(batch: Batch, start: int) -> Batch:
    """The packets of a batch from `start` on."""
    count = len(batch) - start
    index = new_index(count)
    lengths = (batch.caplen, batch.length)
    rows = (batch.offset, *lengths, batch.time_ns, batch.interface, batch.linktype)
    flat = index.cast("B").cast("q")
    for row in range(ROWS):
        flat[row * count : (row + 1) * count] = rows[row][start:]
    return Batch(
        batch.octets, index, count, batch.interfaces, batch.first_number + start, batch.registry
    )
