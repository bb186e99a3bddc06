"""The routers on the way to an address: probes that live for one hop, two hops, and so on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from rawlab.asking.outcome import Reply
from rawlab.asking.pending import Terms
from rawlab.asking.probes import FIRST_PORT, Method, error_in, network, probe
from rawlab.asking.session import Session
from rawlab.asking.wire import Wire, as_packets
from rawlab.capture.settings import Opener
from rawlab.inject.route import Address, route_to
from rawlab.schema.draft import Draft

AT_ONCE = 4
"""Hops that are probed at a time; a host answers few probes a second by errors."""


@dataclass(frozen=True)
class TraceOptions:
    """How to trace."""

    method: Method = "udp"
    first_hop: int = 1
    most_hops: int = 30
    probes: int = 3
    timeout_s: float = 2.0
    retries: int = 0
    port: int | None = None
    """Where probes go; None: 33434 and on (udp), 80 (tcp)."""
    interface: str | None = None
    opener: Opener = socket.socket


@dataclass(frozen=True)
class Hop:
    """What came back for the probes of one hop; None where nothing did."""

    number: int
    replies: tuple[Reply | None, ...]

    @property
    def last(self) -> bool:
        """Whether a probe came to its end here: at the destination, or refused on the way."""
        return any(reply is not None and not _expired(reply) for reply in self.replies)


class Trace:
    """A trace that is ready to begin: its sockets are open.

    Raises NoRoute, CaptureError and SendError kinds.
    """

    def __init__(self, destination: Address, options: TraceOptions | None = None) -> None:
        how = self._how = options or TraceOptions()
        source = route_to(destination, how.interface, opener=how.opener).source
        hops = range(how.first_hop, how.most_hops + 1)
        self._probes = as_packets(
            (_probe(source, destination, hop, number, how)
             for number, hop in enumerate(hop for hop in hops for _ in range(how.probes))), None)
        self._session = Session(self._probes, Wire(how.interface, opener=how.opener))
        self.prepare = self._session.prepare

    def hops(self) -> Iterator[Hop]:
        """The hops on the way, up to the destination or as far as was asked."""
        how = self._how
        terms = Terms(timeout_s=how.timeout_s, retries=how.retries)
        wave = AT_ONCE * how.probes
        with self._session:
            for begin in range(0, len(self._probes), wave):
                asked = self._probes[begin : begin + wave]
                found = {reply.request.number: reply
                         for reply in self._session.ask(asked, terms).replies}
                for first in range(0, len(asked), how.probes):
                    number = how.first_hop + (begin + first) // how.probes
                    mine = asked[first : first + how.probes]
                    hop = Hop(number, tuple(found.get(one.number) for one in mine))
                    yield hop
                    if hop.last:
                        return


def trace(destination: Address, options: TraceOptions | None = None) -> Iterator[Hop]:
    """The hops on the way to `destination`, up to it or as far as was asked.

    Raises NoRoute, CaptureError and SendError kinds.
    """
    return Trace(destination, options).hops()


def _probe(
    source: Address, destination: Address, hop: int, number: int, how: TraceOptions
) -> Draft:
    port = how.port or {"udp": FIRST_PORT, "tcp": 80, "icmp": FIRST_PORT}[how.method]
    return network(source, destination, hop) / probe(
        how.method, destination.version, number, port)


def _expired(reply: Reply) -> bool:
    found = error_in(reply)
    return found is not None and found[0] == "time exceeded"
