"""Blocks of packets from one source or several, in turn, until the capture ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rawlab.batch import Batch, Index, Interface
from rawlab.capture.errors import interface_removed
from rawlab.capture.source import Source
from rawlab.capture.waiting import READABLE, Waiter, Wake
from rawlab.leased import LeasedBatch, RingBlock

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

_GRACE_S = 0.008
"""How much later than asked old kernels end a block (two ticks of a 250 Hz clock)."""


class Blocks:
    """Takes blocks of several sources in turn, and knows when there will be no more.

    One thread takes; `stop` and `finish` may be called from any, and from signal handlers.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        interfaces: list[Interface],
        latency_ms: int,
        registry: Registry | None,
    ) -> None:
        self.sources = tuple(sources)
        self.stopped = False
        self.lender: Source | None = None
        """Where the block that was taken last came from, until it is released."""
        self._patience_s = latency_ms / 1000 + _GRACE_S
        self._wake = Wake()
        self._interfaces = interfaces
        self._registry = registry
        self._number = 1
        self._live = list(sources)
        self._gone: dict[Source, float] = {}
        self._deadline: float | None = None
        self._finished_at: float | None = None
        self._waiter = Waiter()
        self._waiter.add(self._wake.fileno())
        for source in sources:
            self._waiter.add(source.fileno())

    def end_after(self, timeout_s: float) -> None:
        """Finish so many seconds from now, unless a time was set before."""
        if self._deadline is None:
            self._deadline = time.monotonic() + timeout_s

    def over(self) -> bool:
        """Whether no more will come. Raises InterfaceRemoved when an interface has gone."""
        if self.stopped:
            return True
        if self._deadline is None and self._finished_at is None and not self._gone:
            return False
        now = time.monotonic()
        for source, until in list(self._gone.items()):
            if source.drained(now >= until):
                self._live.remove(source)
                del self._gone[source]
                raise interface_removed(source.name)
        if self._finished_at is None:
            if self._deadline is not None and now >= self._deadline:
                self.finish()
            return False
        late = now >= self._finished_at + self._patience_s
        return all(source.drained(late) for source in self._live)

    def take(self, hold_gil: bool = False) -> Batch | None:
        """The next block of any source, lent until `release`; None when none is ready.

        With `hold_gil` it is indexed at once, and no other thread of Python runs meanwhile.
        """
        self.release()
        for place, source in enumerate(self._live):
            taken = source.take()
            if taken is None:
                continue
            self.lender = source
            batch = self._batch_of(*taken, hold_gil)
            if not batch.count:
                return self.take(hold_gil)
            if len(self._live) > 1:
                self._live.append(self._live.pop(place))
            self._number += batch.count
            return batch
        return None

    def _batch_of(
        self, octets: memoryview, index: Index | RingBlock, count: int, hold_gil: bool
    ) -> Batch:
        if isinstance(index, RingBlock):
            if not hold_gil:
                return LeasedBatch(octets, index, self._interfaces, self._number, self._registry)
            index, count = index.index(hold_gil)
        return Batch(octets, index, count, self._interfaces, self._number, self._registry)

    def release(self) -> None:
        """Give the block that was taken last back."""
        if self.lender is not None:
            self.lender.release()
            self.lender = None

    def wait(self, timeout_s: float | None = None) -> bool:
        """Sleep until a block is ready, or something else is to be looked at.

        False when nothing was for `timeout_s`.
        """
        ends = list(self._gone.values())
        if self._finished_at is not None:
            ends.append(self._finished_at + self._patience_s)
        elif self._deadline is not None:
            ends.append(self._deadline)
        left_s = max(min(ends) - time.monotonic(), 0) if ends else None
        limited = timeout_s is not None and (left_s is None or timeout_s < left_s)
        events = self._waiter.wait(timeout_s if limited else left_s)
        for descriptor, event in events:
            if descriptor == self._wake.fileno():
                self._wake.clear()
            elif event & ~READABLE:
                self._look_at(descriptor)
        return bool(events) or not limited

    def _look_at(self, descriptor: int) -> None:
        """A source has an error: it was switched off, or is gone."""
        for source in self._live:
            if source.fileno() == descriptor and not source.recover():
                self._waiter.remove(descriptor)
                self._gone[source] = time.monotonic() + self._patience_s

    def stop(self) -> None:
        """There is nothing more to take, at once."""
        self.stopped = True
        self._wake.set()

    def finish(self) -> None:
        """There is nothing more to take after what has arrived until now."""
        if self._finished_at is not None or self.stopped:
            return
        for source in self.sources:
            source.let_nothing_in()
        self._finished_at = time.monotonic()
        self._wake.set()

    def close(self) -> None:
        """Stop, and free the sources."""
        self.stopped = True
        for source in self.sources:
            source.close()
