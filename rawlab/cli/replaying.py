"""A replay on its way, until it ends or a signal comes; how far it is, and the report."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rawlab.cli.sending import ADVICE
from rawlab.cli.status import PERIOD_S, StatusLine, counted, say, size
from rawlab.cli.stopping import STOP_SIGNALS, on_signals

if TYPE_CHECKING:
    from rawlab.inject.replay import Replay, Replayed

_TELLING_S = 0.1
"""In a shorter time a rate tells nothing."""
_BACK_AND_CLEAR = "\r\x1b[K"


def run(replay: Replay, quiet: bool) -> int:
    """Plays it to its end; the exit status is 1 if the kernel refused a packet."""
    progress = None if quiet or not StatusLine.wanted() else _Progress()
    whole = False
    with on_signals(replay.stop, *STOP_SIGNALS):
        try:
            replay.run(progress)
            whole = True
        finally:
            if progress is not None:
                progress.end()
            result = replay.result()
            told = result.sent > 0 or whole  # else what went wrong says enough
            if result.refused or told and not quiet:
                say(report(result))
    return 1 if result.refused else 0


def report(result: Replayed) -> str:
    """The counts, for what reasons packets were refused, and how punctual the others were."""
    about = f"{size(result.octets)} in {result.seconds:.3f} s"
    if result.seconds > _TELLING_S:
        about += f", {result.pps:,.0f} packets/s"
    lines = counted(result.sent, f"sent ({about})")
    if len(result.sent_by) > 1:
        lines += "".join(f"  {packets} on {name}\n" for name, packets in result.sent_by.items())
    lines += counted(result.refused, "refused")
    for reason, packets in result.reasons.items():
        lines += f"  {packets}: {reason}{ADVICE.get(reason, '')}\n"
    if result.skipped:
        lines += counted(result.skipped, "left out, since they were late")
    if result.cut:
        lines += counted(result.cut, "sent shorter than recorded: the capture holds no more")
    if len(result.errors_ns):
        p50, p99, worst = (microseconds(value) for value in result.punctual)
        lines += f"off the schedule: p50 {p50}, p99 {p99}, worst {worst}\n"
    return lines


def microseconds(time_ns: int) -> str:
    """A time for people, such as 1.8 µs or 2,345 µs."""
    time_us = time_ns / 1000
    return f"{time_us:.1f} µs" if time_us < 100 else f"{time_us:,.0f} µs"


class _Progress:
    """A line on a terminal that is written again every second, when there is time."""

    def __init__(self) -> None:
        self._next_s = time.monotonic() + PERIOD_S
        self._shown = False

    def __call__(self, replay: Replay) -> None:
        now = time.monotonic()
        if now < self._next_s:
            return
        self._next_s = now + PERIOD_S
        self._shown = True
        refused = sum(lane.tally.reasons.total() for lane in replay.lanes)
        say(f"{_BACK_AND_CLEAR}{replay.sent:,} sent, {refused:,} refused"[:79])

    def end(self) -> None:
        """Let what follows begin on a line of its own."""
        if self._shown:
            say("\n")
            self._shown = False
