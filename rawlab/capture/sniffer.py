"""Capturing packets from interfaces, for `for`, `async for` and by batches."""

from __future__ import annotations

import os
import select
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rawlab.batch import Batch, Interface
from rawlab.capture.backlog import Backlog
from rawlab.capture.counts import Counts
from rawlab.capture.device import ANY
from rawlab.capture.errors import interface_removed
from rawlab.capture.interfaces import default_interface
from rawlab.capture.ring import Ring
from rawlab.capture.settings import RingSettings
from rawlab.capture.waiting import any_readable

if TYPE_CHECKING:
    from rawlab.columns import Columns
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

_GRACE_S = 0.008
"""How much later than asked old kernels end a block (two ticks of a 250 Hz clock)."""


class Sniffer:
    """Captures from one interface, several, or "any"; packets are received from its making on.

    `for packet in sniffer` and `async for` give packets whose octets are their own. `batches()`
    gives whole blocks of the kernel's ring, valid until the next step. Iteration ends after `count`
    packets, `timeout_s` after it began, or by `stop` or `finish`; a later iteration goes on where
    the one before was left. Packets of one interface come in the order of their arrival, those of
    several in groups. An interface that is down is waited for.
    """

    def __init__(
        self,
        interface: str | Sequence[str] | None = None,
        *,
        count: int | None = None,
        timeout_s: float | None = None,
        settings: RingSettings | None = None,
        registry: Registry | None = None,
    ) -> None:
        """Open the interfaces; None is the one of the default route.

        Raises CaptureError kinds, and ValueError for a wrong setting or filter.
        """
        names = [interface] if isinstance(interface, str) else list(interface or ())
        names = names or [default_interface()]
        if len(names) > 1 and ANY.name in names:
            raise ValueError('"any" is all interfaces; it cannot be given with others')
        if len(set(names)) < len(names):
            raise ValueError(f"an interface is named twice: {', '.join(names)}")
        self.interfaces: list[Interface] = []
        self._settings = settings or RingSettings()
        self._registry = registry
        self._left = count
        self._timeout_s = timeout_s
        self._deadline: float | None = None
        self._finished_at: float | None = None
        self._stopped = False
        self._number = 1
        self._backlog = Backlog()
        self._lender: Ring | None = None
        self._rings: list[Ring] = []
        self._live: list[Ring] = []
        self._gone: dict[Ring, float] = {}
        self._poll = select.poll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll.register(self._wake, select.POLLIN)
        try:
            for name in names:
                self._add(Ring(name, self._settings, self.interfaces))
        except BaseException:
            self.close()
            raise

    def _add(self, ring: Ring) -> None:
        self._rings.append(ring)
        self._live.append(ring)
        self._poll.register(ring.socket, select.POLLIN)

    def __iter__(self) -> Iterator[Packet]:
        """Packets. Before each, what the ring holds is copied out of the kernel's way."""
        self._begin()
        while not self._over():
            if self._backlog.packets:
                yield self._next_packet()
            elif not self._top_up():
                self._wait()

    async def __aiter__(self) -> AsyncIterator[Packet]:
        """As `for`; the event loop runs while there is nothing to give, and between blocks."""
        import asyncio

        self._begin()
        while not self._over():
            if self._backlog.packets:
                yield self._next_packet()
            elif self._top_up():
                await asyncio.sleep(0)
            else:
                await self._wait_async()

    def batches(self) -> Iterator[Batch]:
        """Blocks of the ring: a batch is valid until the next step, or for good by its `keep`."""
        self._begin()
        while not self._over():
            if self._backlog.packets:
                yield self._hand_over(*self._backlog.next_batch())
                continue
            batch = self._take()
            if batch is None or self._lender is None:
                self._wait()
            else:
                yield self._hand_over(self._lender, batch)
                self._release()

    def _begin(self) -> None:
        if self._deadline is None and self._timeout_s is not None:
            self._deadline = time.monotonic() + self._timeout_s

    def _over(self) -> bool:
        """Whether iteration ends now. Raises InterfaceRemoved when an interface has gone."""
        if self._stopped or self._left == 0:
            return True
        if self._deadline is None and self._finished_at is None and not self._gone:
            return False
        now = time.monotonic()
        for ring, until in list(self._gone.items()):
            if not self._backlog.packets and ring.drained(now >= until):
                self._live.remove(ring)
                del self._gone[ring]
                raise interface_removed(ring.name)
        if self._finished_at is None:
            if self._deadline is not None and now >= self._deadline:
                self.finish()
            return False
        late = now >= self._finished_at + self._patience_s
        return not self._backlog.packets and all(ring.drained(late) for ring in self._live)

    def _next_packet(self) -> Packet:
        for live in self._live:
            if live.ready:
                self._top_up()
                break
        ring, packet = self._backlog.next_packet()
        ring.captured += 1
        if self._left is not None:
            self._left -= 1
        return packet

    def _hand_over(self, ring: Ring, batch: Batch) -> Batch:
        if self._left is not None:
            batch.count = min(batch.count, self._left)
            self._left -= batch.count
        ring.captured += batch.count
        return batch

    def _top_up(self) -> bool:
        """Copy what is ready out of the ring, as far as there is room; whether there was any."""
        found = False
        backlog = self._backlog
        while backlog.octets < self._settings.buffer_octets:
            if self._left is not None and backlog.packets >= self._left:
                break
            batch = self._take()
            if batch is None or self._lender is None:
                break
            backlog.put(self._lender, batch.keep())
            self._release()
            found = True
        return found

    def _take(self) -> Batch | None:
        """The next block of any ring, leased; None when none is ready. Ends the lease before."""
        self._release()
        for place, ring in enumerate(self._live):
            taken = ring.take()
            if taken is None:
                continue
            octets, index, count = taken
            self._lender = ring
            if count == 0:
                return self._take()
            if len(self._live) > 1:
                self._live.append(self._live.pop(place))
            batch = Batch(octets, index, count, self.interfaces, self._number, self._registry)
            self._number += count
            return batch
        return None

    def _release(self) -> None:
        if self._lender is not None:
            self._lender.release()
            self._lender = None

    def _wait(self) -> None:
        """Sleep until a block is ready, or something else is to be looked at."""
        left_s = self._sleep_s()
        self._note(self._poll.poll(None if left_s is None else left_s * 1000))

    async def _wait_async(self) -> None:
        sockets = [ring.socket.fileno() for ring in self._live if ring not in self._gone]
        await any_readable([self._wake, *sockets], self._sleep_s())
        if not self._stopped:
            self._note(self._poll.poll(0))

    def _sleep_s(self) -> float | None:
        """How long to wait at most; None is for as long as it takes."""
        ends = list(self._gone.values())
        if self._finished_at is not None:
            ends.append(self._finished_at + self._patience_s)
        elif self._deadline is not None:
            ends.append(self._deadline)
        return max(min(ends) - time.monotonic(), 0) if ends else None

    def _note(self, events: Sequence[tuple[int, int]]) -> None:
        """Look at what ended a wait: `stop` or `finish`, or an interface that went down."""
        for descriptor, event in events:
            if descriptor == self._wake:
                os.eventfd_read(self._wake)
            elif event & ~select.POLLIN:
                for ring in self._live:
                    if ring.socket.fileno() == descriptor and not ring.recover():
                        self._poll.unregister(descriptor)
                        self._gone[ring] = time.monotonic() + self._patience_s

    @property
    def _patience_s(self) -> float:
        """How long after its arrival a packet may become readable."""
        return self._settings.latency_ms / 1000 + _GRACE_S

    def column_batches(self, *names: str, rows: int = 1 << 16) -> Iterator[Columns]:
        """Fields of the packets as arrays, in pieces of about `rows` packets."""
        from rawlab.columns import column_batches
        from rawlab.plugins import default_registry

        registry = default_registry() if self._registry is None else self._registry
        return column_batches(self.batches(), names, registry, rows)

    def stop(self) -> None:
        """End iteration at once: nothing more is given. From any thread or signal handler."""
        self._stopped = True
        os.eventfd_write(self._wake, 1)

    def finish(self) -> None:
        """End iteration after what has arrived until now. From any thread, also after `close`."""
        if self._finished_at is not None or self._stopped:
            return
        for ring in self._rings:
            ring.let_nothing_in()
        self._finished_at = time.monotonic()
        os.eventfd_write(self._wake, 1)

    def close(self) -> None:
        """Stop, and free sockets and rings. Counts and packets stay."""
        self._stopped = True
        for ring in self._rings:
            ring.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_wake"):
            self.close()
            os.close(self._wake)  # no earlier: any thread that holds the sniffer may call `stop`

    @property
    def counts(self) -> Counts:
        """What became of the packets of all interfaces until now; also after `close`."""
        return sum((ring.counts for ring in self._rings), Counts())

    @property
    def interface_counts(self) -> dict[str, Counts]:
        """The same for each interface that was asked for."""
        return {ring.name: ring.counts for ring in self._rings}
