"""Time stamps as text, in the forms of tcpdump's `-t` options."""

from __future__ import annotations

import enum
import time
from typing import NamedTuple

SECOND_NS = 1_000_000_000
QUARTER_S = 900
"""Clocks are put forward and back at whole quarters of an hour, but for a few long ago."""


class TimeForm(enum.IntEnum):
    """How a packet's time is printed; the value is the number of `t` letters that asks for it."""

    CLOCK = 0
    """Local time of day: `19:41:35.135052`."""
    NONE = 1
    EPOCH = 2
    """Seconds since 1970: `1277840495.135052`."""
    DELTA = 3
    """Since the packet before."""
    DATE = 4
    """Local date and time of day."""
    ELAPSED = 5
    """Since the first packet."""


class Day(NamedTuple):
    """Seconds since the epoch at which the same day is shown."""

    low: int
    high: int
    """The second after the last."""
    midnight: int
    """What to take off a second, for the time of day."""
    date: str
    """What stands before the time of day."""


class Clock:
    """Prints the times of packets one after the other; remembers what differences need.

    `digits` of the fraction of a second: 6, or 9 for nanoseconds. Digits that are not printed
    are cut off, not rounded.
    """

    def __init__(self, form: TimeForm = TimeForm.CLOCK, digits: int = 6) -> None:
        if digits not in (6, 9):
            raise ValueError(f"digits of a time stamp are 6 or 9, not {digits}")
        self._divisor = 10 ** (9 - digits)
        self.digits = digits
        self.form = form
        self._second: int | None = None
        self._prefix = ""
        self.reference: int | None = None
        """The time that the next difference is counted from, if there is any yet."""
        self.stamp = {
            TimeForm.CLOCK: self._local,
            TimeForm.NONE: _nothing,
            TimeForm.EPOCH: self._epoch,
            TimeForm.DELTA: self._delta,
            TimeForm.DATE: self._local,
            TimeForm.ELAPSED: self._elapsed,
        }[form]
        """The text for a time in nanoseconds since the epoch, called once a packet, in order."""

    def _local(self, time_ns: int) -> str:
        second, fraction_ns = divmod(time_ns, SECOND_NS)
        if second != self._second:
            self._second = second
            shown = time.localtime(second)
            self._prefix = self._date(shown) + time.strftime("%H:%M:%S.", shown)
        return self._prefix + self._digits(fraction_ns)

    def _date(self, shown: time.struct_time) -> str:
        return time.strftime("%Y-%m-%d ", shown) if self.form is TimeForm.DATE else ""

    def day(self, second: int) -> Day | None:
        """The day of a second, as far as is sure; None where its time of day is no plain count."""
        low = second - second % QUARTER_S
        high = low + QUARTER_S
        shown = time.localtime(second)
        midnight = second - _seconds(shown)
        for end in (low, high - 1):
            at_end = time.localtime(end)
            if at_end[:3] != shown[:3] or end - _seconds(at_end) != midnight:
                low, high = second, second + 1
        if shown.tm_sec > 59:
            return None
        return Day(low, high, midnight, self._date(shown))

    def _epoch(self, time_ns: int) -> str:
        second, fraction_ns = divmod(abs(time_ns), SECOND_NS)
        sign = "-" if time_ns < 0 else ""
        return f"{sign}{second}.{self._digits(fraction_ns)}"

    def _delta(self, time_ns: int) -> str:
        time_ns -= time_ns % self._divisor
        before = time_ns if self.reference is None else self.reference
        self.reference = time_ns
        return self._span(time_ns - before)

    def _elapsed(self, time_ns: int) -> str:
        time_ns -= time_ns % self._divisor
        if self.reference is None:
            self.reference = time_ns
        return self._span(time_ns - self.reference)

    def _span(self, span_ns: int) -> str:
        second, fraction_ns = divmod(abs(span_ns), SECOND_NS)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        sign = "-" if span_ns < 0 else " "
        return f"{sign}{hour:02}:{minute:02}:{second:02}.{self._digits(fraction_ns)}"

    def _digits(self, fraction_ns: int) -> str:
        return f"{fraction_ns // self._divisor:0{self.digits}}"


def _seconds(shown: time.struct_time) -> int:
    """The time of day in seconds."""
    return 3600 * shown.tm_hour + 60 * shown.tm_min + shown.tm_sec


def _nothing(time_ns: int) -> str:
    return ""
