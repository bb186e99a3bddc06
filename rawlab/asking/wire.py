"""Where requests go and replies come in: the sender and the sniffer that an exchange needs."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rawlab.asking.defaults import destination_in
from rawlab.asking.kernel_filters import program_for
from rawlab.capture import Sniffer, sniff
from rawlab.capture.device import LINKTYPE_ETHERNET, find_device
from rawlab.capture.settings import Opener, Program
from rawlab.inject import Sender, open_sender
from rawlab.inject.batching import batches_of
from rawlab.inject.raw_path import RAW_LINKTYPES
from rawlab.inject.route import route_to
from rawlab.packet import Packet
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft
from rawlab.template import Template

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

Askable = Draft | Header | Packet
_MOST_FILTERED = 256
"""Of more requests no kernel filter is made."""


@dataclass(frozen=True)
class Wire:
    """Where to ask."""

    interface: str | None = None
    """The interface; None is the one of the route to the requests' destination."""
    filter: str | None = None
    """A capture filter for the replies, in place of the one that is made for the requests."""
    registry: Registry | None = None
    opener: Opener = socket.socket
    """Opens all sockets, in whichever network namespace it likes."""


def as_packets(requests: Iterable[Askable], registry: Registry | None) -> list[Packet]:
    """Requests as packets with octets, decoded by `registry`, and numbered from 1."""
    if isinstance(requests, Template):
        raise TypeError("a template has no end: give a batch of it, template.batch(count)")
    given = (one for batch in batches_of(requests) for one in batch)
    return [Packet(one.octets, linktype=one.linktype, number=number, registry=registry)
            for number, one in enumerate(given, 1)]


def open_wire(packets: Sequence[Packet], wire: Wire) -> tuple[Sender, Sniffer]:
    """A sniffer for the replies, which listens already, and a sender for the requests.

    Raises CaptureError and SendError kinds, NoRoute, and ValueError for requests of several links.
    """
    kinds = {packet.linktype for packet in packets}
    by_route = kinds <= set(RAW_LINKTYPES)
    if not by_route and len(kinds) > 1:
        raise ValueError("requests of one exchange begin with the same header: all with a frame, "
                         "or all with IPv4 or IPv6")
    interface = wire.interface or _interface_of(packets, wire.opener)
    program = None if wire.filter is not None else _program(interface, packets, wire.opener)
    sniffer = sniff(
        interface, direction="in", latency_ms=1, buffer_octets=_ring_octets(len(packets)),
        filter=wire.filter, bpf=program, opener=wire.opener, registry=wire.registry,
    )
    try:
        sender = open_sender(
            wire.interface if by_route else interface, level="ip" if by_route else "link",
            opener=wire.opener)
    except BaseException:
        sniffer.close()
        raise
    return sender, sniffer


def _program(interface: str, packets: Sequence[Packet], opener: Opener) -> Program | None:
    """A kernel filter for the replies; None lets all in, where no filter is easily made."""
    if len(packets) > _MOST_FILTERED:
        return None
    with opener(socket.AF_INET, socket.SOCK_DGRAM, 0) as asked:
        plain = find_device(asked, interface).linktype == LINKTYPE_ETHERNET
    return program_for(packets) if plain else None


def _ring_octets(requests: int) -> int:
    """A ring for the replies to so many requests; a small one is made in no time."""
    return 2 << 20 if requests <= _MOST_FILTERED else 32 << 20


def _interface_of(packets: Sequence[Packet], opener: Opener) -> str:
    """The interface on which the routes to all destinations begin; "any" for several of them."""
    destinations = {destination_in(packet.layers) for packet in packets}
    if None in destinations:
        raise ValueError("a request names no destination (an IPv4 or IPv6 address), so there is "
                         "no route: name the interface")
    found = {route_to(one, opener=opener).interface for one in destinations if one is not None}
    return found.pop() if len(found) == 1 else "any"
