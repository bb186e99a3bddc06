"""Packets from the capture to the screen and to files, until they end or a signal comes."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from rawlab.cli import status
from rawlab.cli.stopping import STOP_SIGNALS, Stopped, on_signals

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.capture import Counts, Sniffer, Workers
    from rawlab.cli.output import Output
    from rawlab.cli.recorder import Recorder
    from rawlab.text.printer import Printer

IDLE_S = 0.25
"""How often files and the status line are looked at when no packets come."""
STUCK_S = 0.3
"""A write that takes so long is given up at the second Ctrl-C."""


class Chooser(Protocol):
    """A display filter."""

    def select(self, batch: Batch) -> Batch:
        """The packets that it lets pass."""


@dataclass
class Sinks:
    """Where packets go to; of several threads one at a time."""

    chosen: Chooser | None = None
    """The display filter."""
    left: int | None = None
    """How many packets to take yet, where the sniffer itself does not count."""
    printer: Printer | None = None
    output: Output | None = None
    recorders: Sequence[Recorder] = ()
    """One for all threads, or one for each."""
    matched: int = 0
    """Packets that passed the display filter."""

    def full(self) -> bool:
        """Whether nothing more is to be taken."""
        if self.left == 0:
            return True
        for recorder in self.recorders:
            if not recorder.done:
                return False
        return bool(self.recorders)

    def begin(self) -> None:
        """Prints what stands above the packets."""
        if self.printer is not None and self.output is not None:
            self.output.write(self.printer.heading())

    def take(self, batch: Batch, recorder: Recorder | None) -> int:
        """Writes and prints the packets of a batch that the display filter lets pass.

        Returns how many it did not look at, since there are enough.
        """
        surplus = 0
        if self.chosen is not None:
            batch = self.chosen.select(batch)
            if self.left is None:
                self.matched += len(batch)
        if self.left is not None:
            if self.chosen is None:
                surplus = max(batch.count - self.left, 0)
            batch.count = min(batch.count, self.left)
            self.left -= batch.count
            self.matched += batch.count
        if recorder is not None:
            recorder.write(batch)
        if self.printer is not None and self.output is not None:
            for text in self.printer.texts(batch, len(batch)):
                self.output.write(text)
        return surplus


class Session:
    """One run of the command, from the first packet to the closing lines."""

    def __init__(self, capture: Sniffer | Workers, sinks: Sinks) -> None:
        self._capture = capture
        self._sniffers = capture.sniffers
        self._surplus = [0] * len(self._sniffers)
        """What each sniffer has given and nobody took: others had found enough by then."""
        self._sinks = sinks
        self._lock = threading.Lock()
        self._signals = 0
        self._writing_since: float | None = None
        shown = sinks.printer is not None
        self._status = (
            status.StatusLine()
            if sinks.recorders and not shown and status.StatusLine.wanted()
            else None
        )

    def run(self, announcement: str) -> int:
        """Returns the exit status. The counts are told, whatever ends it.

        `announcement` is told first: from then on signals end it cleanly.
        """
        with on_signals(self._asked_to_stop, *STOP_SIGNALS), on_signals(self._asked, *_REPORT):
            try:
                status.say(announcement)
                self._sinks.begin()
                self._flow()
            except Stopped:
                exit_status = 1
            else:
                exit_status = 0
            finally:
                self._capture.close()
                if self._status is not None:
                    self._status.end()
                try:
                    finished = self._finish()
                finally:
                    self._report()
        return max(exit_status, finished)

    def _flow(self) -> None:
        from rawlab.capture import Workers

        if isinstance(self._capture, Workers):
            self._capture.run(self._consume)
        else:
            self._consume(self._capture)

    def _consume(self, sniffer: Sniffer) -> None:
        """What one sniffer gives, until it ends; in a thread of its own if there are several."""
        sinks = self._sinks
        recorder = self._recorder_of(sniffer)
        idle_s = IDLE_S if recorder is not None else None
        if sinks.printer is not None:  # a terminal stands still now and then
            sniffer.read_ahead()
        for batch in sniffer.batches(idle_s):
            with self._lock:
                if sinks.full():
                    self._surplus[self._sniffers.index(sniffer)] += batch.count
                    break
                self._writing_since = time.monotonic()
                try:
                    if batch.count:
                        surplus = sinks.take(batch, recorder)
                        self._surplus[self._sniffers.index(sniffer)] += surplus
                    elif recorder is not None:
                        recorder.tick()
                finally:
                    self._writing_since = None
            if self._status is not None and self._status.due:
                written = sum(recorder.octets for recorder in sinks.recorders)
                self._status.show(self._total(), written)
            if sinks.full():
                self._capture.stop()

    def _recorder_of(self, sniffer: Sniffer) -> Recorder | None:
        recorders = self._sinks.recorders
        if len(recorders) < 2:
            return recorders[0] if recorders else None
        return recorders[self._sniffers.index(sniffer)]

    def _finish(self) -> int:
        recorders = self._sinks.recorders
        finished = 0
        for number, recorder in enumerate(recorders):
            source = self._sniffers[number] if len(recorders) > 1 else self._capture
            self._writing_since = time.monotonic()
            try:
                finished = max(finished, recorder.finish(source.interface_counts))
            finally:
                self._writing_since = None
        return finished

    def _asked_to_stop(self) -> None:
        """Ctrl-C. The first lets what has arrived be written; the next stops at once."""
        self._signals += 1
        if self._signals == 1 and self._sinks.recorders:
            self._capture.finish()
        else:
            self._capture.stop()
        since = self._writing_since
        if self._signals > 1 and since is not None and time.monotonic() > since + STUCK_S:
            raise Stopped

    def _asked(self) -> None:
        """SIGUSR1: the counts until now."""
        if self._status is not None:
            self._status.end()
        status.say(status.lines_so_far(self._counts(), self._total()))

    def _counts(self) -> list[Counts]:
        """Of each sniffer; what nobody took is not captured."""
        return [
            replace(counts, captured=counts.captured - surplus, unread=counts.unread + surplus)
            for counts, surplus in zip(
                (sniffer.counts for sniffer in self._sniffers), self._surplus, strict=True
            )
        ]

    def _total(self) -> Counts:
        first, *others = self._counts()
        return sum(others, first)

    def _report(self) -> None:
        """The closing lines."""
        counts = self._total()
        lines = status.closing_lines(counts)
        if counts.missed:
            lines += status.counted(counts.missed, "missed, since printing was too slow")
        if self._sinks.chosen is not None:
            lines += status.counted(self._sinks.matched, "matched the display filter")
        lost = sum(recorder.lost for recorder in self._sinks.recorders)
        if lost:
            lines += status.counted(lost, "not written")
        status.say(lines + status.worker_lines(self._counts()))


_REPORT = (signal.SIGUSR1,) if hasattr(signal, "SIGUSR1") else ()
