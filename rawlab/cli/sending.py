"""Packets on their way out, until they end or a signal comes; how far they are, and the counts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rawlab.cli.status import PERIOD_S, StatusLine, counted, say, size
from rawlab.cli.stopping import STOP_SIGNALS, Stop, Stopped, on_signals

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.inject.rate import Limits
    from rawlab.inject.sender import Sender
    from rawlab.inject.sending import Sending, Sent

_TELLING_S = 0.1
"""In a shorter time a rate tells nothing."""
_BACK_AND_CLEAR = "\r\x1b[K"


def run(sender: Sender, limits: Limits, batches: Iterator[Batch], quiet: bool) -> int:
    """Sends all batches; the exit status is 1 if the kernel refused a packet."""
    from rawlab.inject.sending import Sending

    sending = Sending(sender, limits)
    progress = None if quiet or not StatusLine.wanted() else _Progress()
    stop = Stop()
    whole = False

    def end() -> None:
        sending.stop()
        stop.request()

    with on_signals(end, *STOP_SIGNALS):
        try:
            sending.run(_interruptible(batches, stop), progress)
            whole = True
        except Stopped:
            whole = True
        finally:
            if progress is not None:
                progress.end()
            result = sending.result()
            told = result.sent > 0 or whole  # else what went wrong says enough
            if result.refused or told and not quiet:
                say(closing_lines(result))
    return 1 if result.refused else 0


def _interruptible(batches: Iterator[Batch], stop: Stop) -> Iterator[Batch]:
    """The batches; while one is waited for, as for octets of a pipe, a signal raises Stopped."""
    while True:
        with stop.waiting():
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def closing_lines(result: Sent) -> str:
    """The counts, and for what reasons packets were refused."""
    about = f"{size(result.octets)} in {result.seconds:.3f} s"
    if result.seconds > _TELLING_S:
        about += f", {result.pps:,.0f} packets/s"
    lines = counted(result.sent, f"sent ({about})") + counted(result.refused, "refused")
    for reason, packets in result.reasons.items():
        lines += f"  {packets}: {reason}{ADVICE.get(reason, '')}\n"
    return lines


ADVICE = {
    "Message too long": " (larger than the interface's MTU)",
    "Invalid argument": " (not a whole packet of this kind)",
    "Network is unreachable": " (no route leads there: ip route)",
    "No buffer space available": " (the queue stayed full)",
    "Resource temporarily unavailable": " (the queue stayed full)",
}


class _Progress:
    """A line on a terminal that is written again every second."""

    def __init__(self) -> None:
        self._next_s = time.monotonic() + PERIOD_S
        self._sent = 0
        self._shown = False

    def __call__(self, sending: Sending) -> None:
        now = time.monotonic()
        if now < self._next_s:
            return
        sender = sending.sender
        rate = (sender.sent - self._sent) / (now - self._next_s + PERIOD_S)
        self._sent, self._next_s = sender.sent, now + PERIOD_S
        self._shown = True
        say(f"{_BACK_AND_CLEAR}{rate:,.0f} packets/s, {sender.sent:,} sent,"
            f" {sender.refused:,} refused"[:79])

    def end(self) -> None:
        """Let what follows begin on a line of its own."""
        if self._shown:
            say("\n")
