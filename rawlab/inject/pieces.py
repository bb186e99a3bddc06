"""Packets made ready for a replay: laid out for the kernel, with their moments, in pieces."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from rawlab.inject.messages import Messages

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.inject.schedule import Schedule

HELD_OCTETS = 64 << 20
"""So much is made ready before the first packet leaves, and at any time at the most."""
_OF_A_MESSAGE = 128
"""Octets that a packet takes besides its own."""
_MARGIN = 3
"""A gap has to be so many times longer than a piece has taken at the most, to make one in it."""

Sides = Callable[["Batch"], "np.ndarray[tuple[int], np.dtype[np.uint8]]"]
"""The lane of each packet: 0 for what a client sent, 1 for what a server sent."""


class Piece:
    """Some packets, ready to be sent in bursts."""

    def __init__(self, batch: Batch, moments: list[int], lanes: bytes) -> None:
        self.batch = batch
        self.moments = moments
        """When each leaves, nanoseconds after the first packet of all."""
        octets = np.frombuffer(batch.octets, dtype=np.uint8)
        offsets = np.frombuffer(batch.offset, dtype=np.int64)
        sizes = np.frombuffer(batch.caplen, dtype=np.int64)
        self.messages = Messages()
        self.messages.lay(octets, offsets, sizes)
        self.ends: list[int] = [0, *np.cumsum(sizes).tolist()]
        """Octets of the packets up to each one."""
        self.lanes = lanes
        self.runs = _runs(lanes)
        """For each packet: where the packets end that follow it on the same lane."""
        lengths = np.frombuffer(batch.length, dtype=np.int64)
        self.cut = int((lengths > sizes).sum())
        """Packets that were cut when they were captured."""
        self.octets = len(octets) + _OF_A_MESSAGE * batch.count


def _runs(lanes: bytes) -> list[int]:
    values = np.frombuffer(lanes, dtype=np.uint8)
    ends = np.append(np.flatnonzero(np.diff(values)) + 1, len(values))
    runs: list[int] = np.repeat(ends, np.diff(ends, prepend=0)).tolist()
    return runs


class Feed:
    """Pieces in order; they are made ahead of time, as far as memory and time permit."""

    def __init__(
        self, batches: Iterator[Batch], schedule: Schedule, sides: Sides | None = None
    ) -> None:
        """`batches`: not empty ones, and each valid until the next step."""
        self._batches = batches
        self._schedule = schedule
        self._sides = sides
        self._ready: deque[Piece] = deque()
        self._octets = 0
        self._longest_ns = 1_000_000
        self.ended = False

    def fill(self) -> None:
        """Make pieces until enough are held."""
        while self._may_make():
            self._make()

    def fill_within(self, gap_ns: int) -> None:
        """Make a piece if that fits well into a gap of so many nanoseconds."""
        if gap_ns > _MARGIN * self._longest_ns and self._may_make():
            self._make()

    def next(self) -> Piece | None:
        """The next piece; None when there are no more."""
        if not self._ready and not self.ended:
            self._make()
        if not self._ready:
            return None
        piece = self._ready.popleft()
        self._octets -= piece.octets
        return piece

    def _may_make(self) -> bool:
        return not self.ended and self._octets < HELD_OCTETS

    def _make(self) -> None:
        began = time.monotonic_ns()
        batch = next(self._batches, None)
        if batch is None:
            self.ended = True
            return
        moments = self._schedule.moments(batch).tolist()
        lanes = bytes(batch.count) if self._sides is None else self._sides(batch).tobytes()
        piece = Piece(batch.keep(), moments, lanes)
        self._ready.append(piece)
        self._octets += piece.octets
        self._longest_ns = max(self._longest_ns, time.monotonic_ns() - began)
