"""A clock that stands at the time of a recorded packet, in place of Python's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from unittest.mock import patch

SECOND_NS = 1_000_000_000


class RecordedClock:
    """The time of a replay: it stands still but for `advance_to`, and for who sleeps by it.

    Its methods have the names and units of those of `time`, so that it can be handed to code that
    takes a clock; `monotonic` counts from the beginning of the replay.
    """

    def __init__(self) -> None:
        self._now_ns = 0
        self._first_ns: int | None = None

    def advance_to(self, time_ns: int) -> None:
        """It is `time_ns` since the epoch now, unless it is later already."""
        if self._first_ns is None:
            self._first_ns = self._now_ns = time_ns
        self._now_ns = max(self._now_ns, time_ns)

    def restart(self) -> None:
        """The time of the next packet is the beginning again, even if it is earlier."""
        self._first_ns = None

    def time_ns(self) -> int:
        """Nanoseconds since the epoch."""
        return self._now_ns

    def time(self) -> float:
        """Seconds since the epoch."""
        return self._now_ns / SECOND_NS

    def monotonic_ns(self) -> int:
        """Nanoseconds since the first packet."""
        return self._now_ns - (self._first_ns or 0)

    def monotonic(self) -> float:
        """Seconds since the first packet."""
        return self.monotonic_ns() / SECOND_NS

    def now(self, zone: tzinfo = UTC) -> datetime:
        """The same as a date."""
        return datetime.fromtimestamp(self.time(), zone)

    def sleep(self, seconds: float) -> None:
        """It is so much later at once."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._now_ns += int(seconds * SECOND_NS)

    @contextmanager
    def in_place_of_time(self) -> Iterator[None]:
        """Meanwhile `time.time`, `monotonic`, `perf_counter` and `sleep` are this clock's.

        Code that has taken a function out of `time` before, `datetime.now`, and the waiting of
        threads and event loops keep the real time.
        """
        with patch.multiple(
            time, time=self.time, time_ns=self.time_ns, monotonic=self.monotonic,
            monotonic_ns=self.monotonic_ns, perf_counter=self.monotonic,
            perf_counter_ns=self.monotonic_ns, sleep=self.sleep,
        ):
            yield
