"""How many packets may leave by now at a rate, by absolute deadlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
DEBT_NS = SECOND_NS // 10
"""What is later than this is not caught up: after a stop, no flood follows."""


@dataclass(frozen=True)
class Limits:
    """The most that may leave in a second; None is no limit. Of two limits the slower holds."""

    pps: float | None = None
    """Packets."""
    bps: float | None = None
    """Bits of the packets' own octets, without what the wire adds (preamble, check sequence)."""

    def __post_init__(self) -> None:
        for name, value in (("rate_pps", self.pps), ("rate_bps", self.bps)):
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} must be more than 0, not {value}")

    def __bool__(self) -> bool:
        return self.pps is not None or self.bps is not None


class Schedule:
    """When packets are due: the first at once, each other when those before it took their time.

    Time is given to it, in nanoseconds of any clock. Deadlines are counted from the beginning, so
    that nothing adds up; who comes late may send what is due at once, up to `DEBT_NS` of it.
    """

    def __init__(self, limits: Limits, now_ns: int) -> None:
        self._limits = limits
        self._start_ns = now_ns
        self._packets = 0
        self._octets = 0

    def due(self, now_ns: int, sizes: NDArray[np.int64]) -> int:
        """How many of the next packets, of these sizes in octets, may leave now."""
        late_ns = now_ns - self.next_ns
        if late_ns > DEBT_NS:
            self._start_ns += late_ns - DEBT_NS
        elapsed_ns = now_ns - self._start_ns
        count = len(sizes)
        if self._limits.pps is not None:
            count = min(count, int(elapsed_ns * self._limits.pps / SECOND_NS) + 1 - self._packets)
        if self._limits.bps is not None and count > 0:
            ended = int(elapsed_ns * self._limits.bps / (8 * SECOND_NS)) - self._octets
            before = np.cumsum(sizes[:count]) - sizes[:count]
            count = int(np.searchsorted(before, ended, side="right"))
        return max(count, 0)

    def take(self, packets: int, octets: int) -> None:
        """Packets have left, or were refused."""
        self._packets += packets
        self._octets += octets

    @property
    def next_ns(self) -> int:
        """When the next packet is due."""
        waits = [0.0]
        if self._limits.pps is not None:
            waits.append(self._packets * SECOND_NS / self._limits.pps)
        if self._limits.bps is not None:
            waits.append(self._octets * 8 * SECOND_NS / self._limits.bps)
        return self._start_ns + round(max(waits) + 0.5)
