"""Requests on their way: what to send next, what is overdue, and which reply is whose. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rawlab.asking.index import Index
from rawlab.asking.outcome import Exchanged, Reply, as_reply

if TYPE_CHECKING:
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

NS = 1_000_000_000
MOST_DUPLICATES = 64
"""No more are kept of one request: whoever floods us fills no memory."""


@dataclass(frozen=True)
class Terms:
    """How to ask."""

    timeout_s: float = 1.0
    """How long to wait for a reply after each sending."""
    retries: int = 0
    """How often a request is sent again that nothing has answered in time."""
    window: int = 1000
    """At most so many requests wait for their replies at a time."""
    rate_pps: float | None = None
    """At most so many requests are sent a second."""
    linger_s: float = 0.0
    """How long to wait for duplicates once everything is answered."""

    def __post_init__(self) -> None:
        if not self.timeout_s > 0:
            raise ValueError(f"timeout_s must be above 0, not {self.timeout_s}")
        if self.retries < 0:
            raise ValueError(f"retries must be 0 or more, not {self.retries}")
        if self.window < 1:
            raise ValueError(f"window must be 1 or more, not {self.window}")
        if self.rate_pps is not None and not self.rate_pps > 0:
            raise ValueError(f"rate_pps must be above 0, not {self.rate_pps}")
        if self.linger_s < 0:
            raise ValueError(f"linger_s must be 0 or more, not {self.linger_s}")


@dataclass(eq=False)
class Request:
    """One request and what came of it."""

    packet: Packet
    octets: bytes
    sent_ns: list[int] = field(default_factory=list)
    """When it was sent, each time."""
    reply: Reply | None = None
    given_up: bool = False


class Pending:
    """Requests, from the first sending until each is answered or given up.

    Time comes as an argument, `now_ns`, on a clock that never jumps.
    """

    def __init__(
        self, packets: Sequence[Packet], terms: Terms, registry: Registry | None = None
    ) -> None:
        self._terms = terms
        self._registry = registry
        self.requests = [Request(packet, packet.octets) for packet in packets]
        self._index: Index[Request] = Index()
        self._unsent = deque(self.requests)
        self._waiting: deque[tuple[int, Request]] = deque()
        """By the time at which they are overdue, the soonest first."""
        self._open = 0
        """Requests that wait for a reply now."""
        self._left = len(self.requests)
        self._began_ns: int | None = None
        self._sent = 0
        self._complete_ns: int | None = None
        self.strays = 0
        self.refused = 0

    def due(self, now_ns: int, seen_ns: int | None = None) -> list[Request]:
        """The requests to send now: those that are overdue again, and new ones.

        What came in until `seen_ns` was looked at (None: until now); nothing is overdue whose
        reply may lie there unread. Who sends them calls `was_sent` for each.
        """
        room = self._room(now_ns)
        again = list(self._overdue(now_ns if seen_ns is None else seen_ns, room))
        fresh = min(room - len(again), self._terms.window - self._open, len(self._unsent))
        return again + [self._unsent.popleft() for _ in range(max(0, fresh))]

    def was_sent(self, request: Request, time_ns: int, now_ns: int, taken: bool = True) -> None:
        """A request has left, or the kernel has refused it; `time_ns` is of the day's clock."""
        if self._began_ns is None:
            self._began_ns = now_ns
        if not request.sent_ns:
            self._index.add(request.packet.layers, request)
        request.sent_ns.append(time_ns)
        self._open += 1
        self._sent += 1
        self.refused += not taken
        self._waiting.append((now_ns + int(self._terms.timeout_s * NS), request))

    def received(self, packet: Packet) -> Reply | None:
        """A packet has come in; the reply that it is, if it is the first one to a request."""
        answered: Request | None = None
        for request in self._index.find(packet.layers):
            if packet.time_ns < request.sent_ns[0]:
                continue  # it is older than the request
            if request.reply is None:
                request.reply = self._as_reply(packet, request)
                self._settle(request)
                return request.reply
            answered = answered or request
        if answered is None or answered.reply is None:
            self.strays += 1
        elif len(answered.reply.duplicates) < MOST_DUPLICATES:
            answered.reply.duplicates += (self._as_reply(packet, answered),)
        return None

    def _as_reply(self, packet: Packet, request: Request) -> Reply:
        before = [at for at in request.sent_ns if at <= packet.time_ns]
        return as_reply(packet, request.packet, before[-1], len(before), self._registry)

    def over(self, now_ns: int) -> bool:
        """Whether nothing is left to wait for."""
        if self._left:
            return False
        if self._complete_ns is None:
            self._complete_ns = now_ns
        return now_ns - self._complete_ns >= self._terms.linger_s * NS

    def result(self, dropped: int = 0, reasons: Iterable[int] = ()) -> Exchanged:
        """What has come of the requests until now."""
        pairs = tuple((one.packet, one.reply) for one in self.requests if one.reply is not None)
        unanswered = tuple(one.packet for one in self.requests if one.reply is None)
        told = tuple(reasons) if self.refused else ()
        return Exchanged(pairs, unanswered, self.refused, told, dropped, self.strays)

    def _room(self, now_ns: int) -> int:
        """How many may be sent now by the rate."""
        rate = self._terms.rate_pps
        if rate is None:
            return len(self.requests)
        if self._began_ns is None:
            return 1
        return max(0, int((now_ns - self._began_ns) * rate / NS) + 1 - self._sent)

    def _overdue(self, now_ns: int, room: int) -> Iterator[Request]:
        """Requests to send again; those that were sent often enough are given up."""
        while self._waiting and self._waiting[0][0] <= now_ns:
            request = self._waiting[0][1]
            if request.reply is None and not request.given_up:
                if len(request.sent_ns) > self._terms.retries:
                    self._settle(request)
                    request.given_up = True
                elif room <= 0:
                    return
                else:
                    self._open -= 1
                    room -= 1
                    yield request
            self._waiting.popleft()

    def _settle(self, request: Request) -> None:
        """A request is answered or given up; an answer that comes too late changes nothing more."""
        if not request.given_up:
            self._left -= 1
            self._open -= 1
