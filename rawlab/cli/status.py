"""What a capture says of itself on standard error: a status line, and the counts."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rawlab.capture import Counts

PERIOD_S = 1.0
_BACK_AND_CLEAR = "\r\x1b[K"


def say(text: str) -> None:
    """Writes to standard error, also from a signal handler, whoever else is writing there."""
    if sys.stderr is None:  # closed: its number may be that of a file by now
        return
    try:
        os.write(sys.stderr.fileno(), text.encode(errors="backslashreplace"))
    except OSError:  # nobody reads it
        pass


def counted(number: int, what: str) -> str:
    """A line such as "1 packet captured"."""
    return f"{number} packet{'' if number == 1 else 's'} {what}\n"


def closing_lines(counts: Counts) -> str:
    """The three lines that tcpdump closes with."""
    return (
        counted(counts.captured, "captured")
        + counted(counts.received, "received by filter")
        + counted(counts.dropped, "dropped by kernel")
    )


def lines_so_far(parts: Sequence[Counts], total: Counts) -> str:
    """What SIGUSR1 asks for: the three lines, the freezes, and what became of each worker's."""
    lines = closing_lines(total)
    if total.missed:
        lines += counted(total.missed, "missed, since printing was too slow")
    if total.frozen:
        lines += f"the ring was full {total.frozen} time{'' if total.frozen == 1 else 's'}\n"
    return lines + worker_lines(parts)


def worker_lines(parts: Sequence[Counts]) -> str:
    """The counts of each worker, when there are several."""
    if len(parts) < 2:
        return ""
    return "".join(
        f"worker {number}: {counts.captured} captured, {counts.received} received by filter, "
        f"{counts.dropped} dropped by kernel\n"
        for number, counts in enumerate(parts, 1)
    )


class StatusLine:
    """A line on a terminal that is written again every second: rate, total, dropped, file size."""

    def __init__(self) -> None:
        self._shown = False
        self._next_s = 0.0
        self._before = (time.monotonic(), 0)

    @staticmethod
    def wanted() -> bool:
        """Whether standard error is a terminal."""
        return sys.stderr is not None and sys.stderr.isatty()

    @property
    def due(self) -> bool:
        """Whether a second has passed since it was written."""
        return time.monotonic() >= self._next_s

    def show(self, counts: Counts, file_octets: int) -> None:
        """Write it in the place of the one before."""
        now = time.monotonic()
        then, captured = self._before
        rate = (counts.captured - captured) / max(now - then, 0.001)
        self._before = now, counts.captured
        self._next_s = now + PERIOD_S
        line = (
            f"{rate:,.0f} packets/s, {counts.captured:,} captured, {counts.dropped:,} dropped, "
            f"{size(file_octets)} written"
        )
        say(_BACK_AND_CLEAR + line[: _columns()])
        self._shown = True

    def end(self) -> None:
        """Let what follows begin on a line of its own."""
        if self._shown:
            say("\n")
            self._shown = False


def _columns() -> int | None:
    """How long a line may be so that the terminal does not break it; None: as long as it likes."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return None
    return columns - 1 if columns > 1 else None  # 0: it does not say


def size(octets: int) -> str:
    """A number of octets for people, such as 12.3 MB."""
    if octets < 1000:
        return f"{octets} octets"
    number = float(octets)
    for unit in ("kB", "MB", "GB", "TB"):
        number /= 1000
        if number < 999.95 or unit == "TB":
            break
    return f"{number:.1f} {unit}"
