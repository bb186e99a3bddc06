"""A sniffer and a sender that stay open for one exchange after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rawlab.asking.outcome import Exchanged, Reply
from rawlab.asking.pending import Pending, Terms
from rawlab.asking.wire import Wire, open_wire
from rawlab.inject.batching import batches_of

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet

TICK_S = 0.01
"""How often overdue requests are looked for while nothing comes in."""
_MANY = 256
"""Sending more takes so long that a thread empties the ring meanwhile."""
OnReply = Callable[[Reply], object]


class Session:
    """What an exchange needs, opened for packets such as those that will be asked.

    It listens from its making on. Raises CaptureError and SendError kinds, NoRoute, ValueError.
    """

    def __init__(self, packets: Sequence[Packet], wire: Wire) -> None:
        self._registry = wire.registry
        self._sender, self._sniffer = open_wire(packets, wire)

    def prepare(self) -> None:
        """Open whatever else sending may need, before privileges are given up."""
        self._sender.prepare()

    def ask(
        self,
        packets: Sequence[Packet],
        terms: Terms,
        on_reply: OnReply | None = None,
        stopped: threading.Event | None = None,
    ) -> Exchanged:
        """Send requests and wait for what answers them, to the end or until `stopped` is set."""
        pending = Pending(packets, terms, self._registry)
        if len(packets) > _MANY:
            self._sniffer.read_ahead()
        self._send(pending)
        for batch in self._sniffer.batches(idle_s=TICK_S):
            for packet in batch:
                reply = pending.received(packet)
                if reply is not None and on_reply is not None:
                    on_reply(reply)
            self._send(pending, _seen_ns(batch))
            if pending.over(time.monotonic_ns()) or (stopped is not None and stopped.is_set()):
                break
        return pending.result(self._sniffer.counts.dropped, self._sender.reasons)

    def _send(self, pending: Pending, seen_ns: int | None = None) -> None:
        """Send what is due. Each is stamped on its own, so that the times are each one's."""
        for request in pending.due(time.monotonic_ns(), seen_ns):
            at_ns = time.time_ns()
            taken = self._sender.send_one(request.octets)
            if not taken:  # a full queue is waited for; what is refused for good is refused again
                taken = any(self._sender.send(batch) for batch in batches_of(request.packet))
            pending.was_sent(request, at_ns, time.monotonic_ns(), taken)

    def close(self) -> None:
        """Free sockets and rings."""
        self._sniffer.close()
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()


def _seen_ns(batch: Batch) -> int | None:
    """Until when, on the clock that never jumps, what came in was looked at; None: until now."""
    if not batch.count:
        return None
    return batch.time_ns[-1] - time.time_ns() + time.monotonic_ns()
