"""What came of asking: replies with their times, and what nothing answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rawlab.packet import Packet

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry


class Reply(Packet):
    """A packet that answered a request; `time_ns` is when the kernel received it."""

    request: Packet
    sent_ns: int
    """When the request was handed to the kernel (the last time, if it was sent again)."""
    tries: int
    """How often the request had been sent when this arrived."""
    duplicates: tuple[Packet, ...]
    """Further packets that answered the same request while others were waited for; 64 at most."""

    @property
    def received_ns(self) -> int:
        """When the kernel received it, nanoseconds since the epoch."""
        return self.time_ns

    @property
    def rtt_ns(self) -> int:
        """From sending the request to receiving this, in nanoseconds."""
        return max(0, self.time_ns - self.sent_ns)


def as_reply(
    packet: Packet, request: Packet, sent_ns: int, tries: int, registry: Registry | None
) -> Reply:
    """A packet of a batch as the reply to a request, with octets of its own."""
    reply = Reply(packet.octets, time_ns=packet.time_ns, length=packet.length,
                  linktype=packet.linktype, number=packet.number, interface=packet.interface,
                  registry=registry)
    reply.request, reply.sent_ns, reply.tries, reply.duplicates = request, sent_ns, tries, ()
    return reply


@dataclass(frozen=True)
class Exchanged:
    """What came of many requests."""

    pairs: tuple[tuple[Packet, Reply], ...]
    """Requests with the first reply to each, in the order of the requests."""
    unanswered: tuple[Packet, ...]
    """Requests that nothing answered in time."""
    refused: int = 0
    """How often the kernel did not take a request."""
    reasons: tuple[int, ...] = ()
    """Why it did not (errno), each reason once."""
    dropped: int = 0
    """Packets that the kernel could not hand over, among them perhaps replies."""
    strays: int = 0
    """Packets received that answered none of the requests."""

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The replies alone."""
        return tuple(reply for _, reply in self.pairs)
