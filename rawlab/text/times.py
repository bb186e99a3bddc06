"""Time stamps as text, in the forms of tcpdump's `-t` options."""

from __future__ import annotations

import enum
import time

SECOND_NS = 1_000_000_000


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


class Clock:
    """Prints the times of packets one after the other; remembers what differences need.

    `digits` of the fraction of a second: 6, or 9 for nanoseconds. Digits that are not printed
    are cut off, not rounded.
    """

    def __init__(self, form: TimeForm = TimeForm.CLOCK, digits: int = 6) -> None:
        if digits not in (6, 9):
            raise ValueError(f"digits of a time stamp are 6 or 9, not {digits}")
        self._divisor = 10 ** (9 - digits)
        self._width = digits
        self._second: int | None = None
        self._prefix = ""
        self._reference: int | None = None
        self._form = form
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
            pattern = "%Y-%m-%d %H:%M:%S." if self._form is TimeForm.DATE else "%H:%M:%S."
            self._prefix = time.strftime(pattern, time.localtime(second))
        return self._prefix + self._digits(fraction_ns)

    def _epoch(self, time_ns: int) -> str:
        second, fraction_ns = divmod(abs(time_ns), SECOND_NS)
        sign = "-" if time_ns < 0 else ""
        return f"{sign}{second}.{self._digits(fraction_ns)}"

    def _delta(self, time_ns: int) -> str:
        time_ns -= time_ns % self._divisor
        before = time_ns if self._reference is None else self._reference
        self._reference = time_ns
        return self._span(time_ns - before)

    def _elapsed(self, time_ns: int) -> str:
        time_ns -= time_ns % self._divisor
        if self._reference is None:
            self._reference = time_ns
        return self._span(time_ns - self._reference)

    def _span(self, span_ns: int) -> str:
        second, fraction_ns = divmod(abs(span_ns), SECOND_NS)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        sign = "-" if span_ns < 0 else " "
        return f"{sign}{hour:02}:{minute:02}:{second:02}.{self._digits(fraction_ns)}"

    def _digits(self, fraction_ns: int) -> str:
        return f"{fraction_ns // self._divisor:0{self._width}}"


def _nothing(time_ns: int) -> str:
    return ""
