"""When each packet is to leave: by its recorded time, at a rate, or at once. No clock in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rawlab.batch import Batch

Late = Literal["catch-up", "skip", "shift"]
STALL_NS = 10_000_000
"""Packets that are later than this come after a stall: `Pace.late` says what becomes of them."""
_NEVER_NS = float(1 << 62)


@dataclass(frozen=True)
class Pace:
    """How fast packets leave. Raises ValueError for what does not go together."""

    speed: float = 1.0
    """How many times faster than recorded."""
    rate_pps: float | None = None
    """Packets a second, evenly, whatever their recorded times are."""
    rate_bps: float | None = None
    """Bits a second of the packets as they are handed over, whatever their times are."""
    topspeed: bool = False
    """As fast as the interface takes them."""
    max_gap_s: float | None = None
    """Recorded gaps that are longer (after `speed`) take this long."""
    late: Late = "catch-up"
    """After a stall: all that are late leave at once ("catch-up"), are left out ("skip"), or the
    rest of the schedule moves with them ("shift")."""

    def __post_init__(self) -> None:
        for name in ("speed", "rate_pps", "rate_bps"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} must be more than 0, not {value}")
        if self.max_gap_s is not None and not 0 <= self.max_gap_s < float("inf"):
            raise ValueError(f"max_gap_s must be 0 or more, not {self.max_gap_s}")
        ways = (self.speed != 1.0, self.rate_pps is not None, self.rate_bps is not None,
                self.topspeed)
        if sum(ways) > 1:
            raise ValueError("give one of speed, rate_pps, rate_bps and topspeed")
        if self.late not in ("catch-up", "skip", "shift"):
            raise ValueError(f"late must be catch-up, skip or shift, not {self.late!r}")


class Schedule:
    """Moments for packets, batch by batch, in nanoseconds after the first packet's."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._latest: int | None = None
        """The latest recorded time so far: a packet never leaves before the one in front."""
        self._moment = 0.0
        """Of the latest packet (at a rate: of the next one)."""
        self._packets = 0

    def moments(self, batch: Batch) -> NDArray[np.int64]:
        """When the packets of the next batch leave; never falling."""
        pace = self.pace
        if pace.topspeed:
            return np.zeros(batch.count, dtype=np.int64)
        if pace.rate_pps is not None:
            numbers = self._packets + np.arange(batch.count, dtype=np.float64)
            self._packets += batch.count
            return _whole(numbers * (1e9 / pace.rate_pps))
        if pace.rate_bps is not None:
            sizes = np.frombuffer(batch.caplen, dtype=np.int64)
            ends = np.cumsum(sizes * (8e9 / pace.rate_bps)) + self._moment
            starts = np.concatenate([[self._moment], ends[:-1]]) if batch.count else ends
            self._moment = float(ends[-1]) if batch.count else self._moment
            return _whole(starts)
        return self._recorded(np.frombuffer(batch.time_ns, dtype=np.int64))

    def again(self) -> None:
        """The packets begin anew: the first leaves one mean gap after the last one did."""
        if self._packets > 1:
            self._moment += self._moment / (self._packets - 1)
        self._latest = None

    def _recorded(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        if not len(times):
            return times
        first = int(times[0]) if self._latest is None else self._latest
        latest = np.maximum.accumulate(np.concatenate([[first], times]))
        self._latest = int(latest[-1])
        # Of two's complement: times of a damaged file may be further apart than 292 years.
        gaps = np.diff(latest).view(np.uint64).astype(np.float64) / self.pace.speed
        if self.pace.max_gap_s is not None:
            np.minimum(gaps, self.pace.max_gap_s * 1e9, out=gaps)
        moments = self._moment + np.cumsum(gaps)
        self._moment = float(moments[-1])
        self._packets += len(times)
        return _whole(moments)


def _whole(moments: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole nanoseconds, within what 64 bits hold."""
    result: NDArray[np.int64] = np.minimum(moments, _NEVER_NS).astype(np.int64)
    return result
