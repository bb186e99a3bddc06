"""How far off its schedule each packet left."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

KEPT = 1 << 24
"""The most packets whose errors are kept; for those after them, only the worst one is."""


class Punctual(NamedTuple):
    """Errors in nanoseconds, late or early: when packets were handed to the kernel."""

    p50_ns: int
    p99_ns: int
    worst_ns: int


class Errors:
    """Collects the errors of packets as they leave."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.int64]] = []
        self._kept = 0
        self._worst = 0
        self.calls: list[tuple[int, int, int]] = []
        """Of the present piece: first packet, packets, the time before the system call."""

    def settle(self, moments: list[int]) -> None:
        """The piece is done whose packets had these moments."""
        if not self.calls:
            return
        first, count, left = np.array(self.calls, dtype=np.int64).T
        self.calls.clear()
        step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        wanted = np.array(moments, dtype=np.int64)[np.repeat(first, count) + step]
        errors = np.repeat(left, count) - wanted
        self._worst = max(self._worst, int(np.abs(errors).max()))
        if self._kept < KEPT:
            self._parts.append(errors[: KEPT - self._kept])
            self._kept += len(self._parts[-1])

    def all(self) -> NDArray[np.int64]:
        """The error of each packet that was taken, in their order."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._parts])

    def summary(self) -> Punctual:
        """The median, the 99th percentile and the worst; zeros where nothing left."""
        errors = np.abs(self.all())
        if not len(errors):
            return Punctual(0, 0, 0)
        p50, p99 = np.percentile(errors, (50, 99), method="higher")
        return Punctual(int(p50), int(p99), self._worst)
