"""Capturing packets from interfaces, for `for`, `async for` and by batches."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rawlab.batch import Batch, Interface, new_index
from rawlab.capture.backlog import Backlog
from rawlab.capture.blocks import Blocks
from rawlab.capture.counts import Counts
from rawlab.capture.interfaces import default_interface
from rawlab.capture.reader import Reader
from rawlab.capture.settings import RingSettings
from rawlab.capture.source import Source, open_source
from rawlab.capture.waiting import Waiter, readable

if TYPE_CHECKING:
    from rawlab.capture.fanout import Fanout
    from rawlab.columns import Columns
    from rawlab.filter import Filter
    from rawlab.filter.selection import SelectedLive
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

_AT_ONCE = 256
"""How many packets an event loop has to wait for, when more are there."""


class Sniffer:
    """Captures from one interface, several, or "any"; packets are received from its making on.

    `for packet in sniffer` and `async for` give packets whose octets are their own; a thread reads
    them out of the kernel's ring meanwhile, so that a slow body of the loop does not make the
    kernel lose packets. `batches()` gives whole blocks of the ring, valid until the next step, and
    without any thread. Iteration ends after `count` packets, `timeout_s` after it began, or by
    `stop` or `finish`; a later iteration goes on where the one before was left. Packets of one
    interface come in the order of their arrival, those of several in groups. An interface that is
    down is waited for.
    """

    def __init__(
        self,
        interface: str | Sequence[str] | None = None,
        *,
        count: int | None = None,
        timeout_s: float | None = None,
        settings: RingSettings | None = None,
        registry: Registry | None = None,
        fanout: Fanout | None = None,
    ) -> None:
        """Open the interfaces; None is the one of the default route.

        With `fanout` their packets are shared with others (see `Workers`), and nothing comes in
        before `begin`. Raises CaptureError kinds, and ValueError for a wrong setting or filter.
        """
        if count is not None and count < 0:
            raise ValueError(f"count must be 0 or more, not {count}")
        names = [interface] if isinstance(interface, str) else list(interface or ())
        names = names or [default_interface()]
        if len(names) > 1 and "any" in names:
            raise ValueError('"any" is all interfaces; it cannot be given with others')
        if len(set(names)) < len(names):
            raise ValueError(f"an interface is named twice: {', '.join(names)}")
        self.interfaces: list[Interface] = []
        self.settings = settings or RingSettings()
        self._registry = registry
        self._left = count
        self._timeout_s = timeout_s
        self._backlog = Backlog(self.settings.backlog_octets)
        self._reader: Reader | None = None
        sources: list[Source] = []
        try:
            for name in names:
                sources.append(open_source(name, self.settings, self.interfaces, fanout))
        except BaseException:
            for source in sources:
                source.close()
            raise
        self._blocks = Blocks(sources, self.interfaces, self.settings.latency_ms, registry)

    def __repr__(self) -> str:
        names = ", ".join(source.name for source in self._blocks.sources)
        return f"<Sniffer {names!r}: {self.counts.captured} captured>"

    def begin(self) -> None:
        """Let packets in, where a `fanout` was given."""
        for source in self._blocks.sources:
            source.begin()

    def __iter__(self) -> Iterator[Packet]:
        """Packets, each with octets of its own."""
        while (reader := self._reading()) is not None:
            ended = reader.ended
            taken = self._backlog.next_packet()
            if taken is not None:
                yield self._hand_over(*taken)
            elif ended:
                self._end(reader)
                return
            else:
                _wait_for(reader)

    async def __aiter__(self) -> AsyncIterator[Packet]:
        """As `for`; the event loop runs while there is nothing to give, and now and then."""
        import asyncio

        given = 0
        while (reader := self._reading()) is not None:
            ended = reader.ended
            taken = self._backlog.next_packet()
            if taken is not None:
                yield self._hand_over(*taken)
                given += 1
                if given % _AT_ONCE == 0:
                    await asyncio.sleep(0)
            elif ended:
                self._end(reader)
                return
            else:
                await readable(reader.arrived.fileno())
                reader.arrived.clear()

    def batches(self, idle_s: float | None = None) -> Iterator[Batch]:
        """Blocks of the ring: a batch is valid until the next step, or for good by its `keep`.

        With `idle_s` a batch without packets is given when none has arrived for so long.
        """
        blocks = self._blocks
        self._set_deadline()
        while self._reader is None:
            if self._left == 0 or blocks.over():
                return
            batch = blocks.take()
            if batch is None or blocks.lender is None:
                if not blocks.wait(idle_s):
                    yield self._no_packets()
            else:
                yield self._hand_over_batch(blocks.lender, batch)
                if self._reader is None:
                    blocks.release()
        yield from self._batches_of_the_backlog(idle_s)

    def _batches_of_the_backlog(self, idle_s: float | None) -> Iterator[Batch]:
        """What `batches` gives when a thread reads the ring, since there was a `for` before."""
        while (reader := self._reading()) is not None:
            ended = reader.ended
            taken = self._backlog.next_batch()
            if taken is not None:
                yield self._hand_over_batch(*taken)
            elif ended:
                self._end(reader)
                return
            elif not _wait_for(reader, idle_s):
                yield self._no_packets()

    def _no_packets(self) -> Batch:
        return Batch(b"", new_index(0), 0, self.interfaces, registry=self._registry)

    def read_ahead(self) -> None:
        """From now on a thread empties the ring for `batches` too; they own their octets then."""
        self._reading()

    def run(self, handler: Callable[[Packet], object]) -> None:
        """Call `handler` with every packet until the capture ends.

        What the handler raises ends it, and is raised here as it is.
        """
        for packet in self:
            handler(packet)

    def _set_deadline(self) -> None:
        if self._timeout_s is not None:
            self._blocks.end_after(self._timeout_s)

    def _reading(self) -> Reader | None:
        """The thread that reads the ring, started if need be; None when iteration ends now."""
        if self._blocks.stopped or self._left == 0:
            return None
        if self._reader is None:
            self._set_deadline()
            self._reader = Reader(self._blocks, self._backlog, self._left)
            self._reader.start()
        return self._reader

    def _end(self, reader: Reader) -> None:
        """All that the reader has read was given. Raises what ended it; another may go on."""
        reader.join()
        self._reader = None
        if reader.error is not None:
            raise reader.error

    def _hand_over(self, source: Source, packet: Packet) -> Packet:
        source.captured += 1
        if self._left is not None:
            self._left -= 1
        return packet

    def _hand_over_batch(self, source: Source, batch: Batch) -> Batch:
        if self._left is not None:
            batch.count = min(batch.count, self._left)
            self._left -= batch.count
        source.captured += batch.count
        return batch

    def column_batches(self, *names: str, rows: int = 1 << 16) -> Iterator[Columns]:
        """Fields of the packets as arrays, in pieces of about `rows` packets."""
        from rawlab.columns import column_batches

        return column_batches(self.batches(), names, self.registry, rows)

    def where(self, wanted: str | Filter) -> SelectedLive[Batch]:
        """The packets that match a display filter; raises FilterError. See `rawlab.filter`."""
        from rawlab.filter.selection import SelectedLive

        return SelectedLive(self, wanted)

    @property
    def registry(self) -> Registry:
        """What its packets are decoded by."""
        from rawlab.plugins import default_registry

        return default_registry() if self._registry is None else self._registry

    def stop(self) -> None:
        """End iteration at once: nothing more is given. From any thread or signal handler."""
        self._blocks.stop()

    def finish(self) -> None:
        """End iteration after what has arrived until now. From any thread, also after `close`."""
        self._blocks.finish()

    def close(self) -> None:
        """Stop, and free sockets and rings. Counts and packets stay."""
        self._blocks.stop()
        if self._reader is not None:
            self._reader.join()
        self._blocks.close()

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
        # While Python ends, threads do not: then the system frees everything.
        if hasattr(self, "_blocks") and not sys.is_finalizing():
            self.close()

    @property
    def sniffers(self) -> tuple[Sniffer, ...]:
        """Itself alone, as `Workers` have several."""
        return (self,)

    @property
    def counts(self) -> Counts:
        """What became of the packets of all interfaces until now; also after `close`."""
        return sum((source.counts for source in self._blocks.sources), Counts())

    @property
    def interface_counts(self) -> dict[str, Counts]:
        """The same for each interface that was asked for."""
        return {source.name: source.counts for source in self._blocks.sources}


def _wait_for(reader: Reader, timeout_s: float | None = None) -> bool:
    """Sleep until the reader has put something into the backlog, or has ended; false: too long."""
    waiter = Waiter()
    waiter.add(reader.arrived.fileno())
    woken = waiter.wait(timeout_s)
    reader.arrived.clear()
    return bool(woken)
