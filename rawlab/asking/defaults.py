"""What a packet needs to leave this host, asked of the system: addresses by route and neighbour."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

from rawlab.capture.settings import Opener
from rawlab.engine.view import source_of
from rawlab.inject.errors import SendError
from rawlab.inject.route import Address, Route, neighbour, own_mac, route_to, shared_mac
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.answering import mirrored_in
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.draft import Draft, Layer, as_layer
from rawlab.schema.original import given_values_of


class Unreachable(SendError):
    """A neighbour does not answer, so that its MAC is not known."""


def with_defaults(
    draft: Draft | Header,
    *,
    interface: str | None = None,
    opener: Opener = socket.socket,
    timeout_s: float = 1.0,
    retries: int = 2,
) -> Draft:
    """The draft with the addresses that the system knows, in fields that nobody gave.

    Sources of IPv4 and IPv6, and of ARP, by the route to the destination; the source MAC is that
    of the interface, the destination MAC that of the next hop: by the neighbour table, else by
    asking (ARP, neighbour discovery). Which fields these are the declarations say (`mirrored`).
    Raises NoRoute, Unreachable, and ValueError where the draft names no destination.
    """
    draft = draft if isinstance(draft, Draft) else Draft((draft,))
    route = route_of(draft, interface, opener)
    layers = []
    for at, one in enumerate(map(as_layer, draft.layers)):
        if source_of(one.header) is not None:  # a dissected one has all its values
            layers.append(one)
            continue
        values = _missing(one, route, opener)
        if at == 0:
            values |= _next_hop(draft, one, route, (opener, timeout_s, retries))
        layers.append(one._replace(header=_with(one.header, values)) if values else one)
    return Draft(tuple(layers), draft.payload)


def route_of(draft: Draft, interface: str | None = None, opener: Opener = socket.socket) -> Route:
    """The way to the destination of a draft. Raises NoRoute, ValueError."""
    destination = destination_of(draft)
    if destination is None:
        raise ValueError("no layer of the packet names a destination (an IPv4 or IPv6 address), "
                         "so there is no route to ask for")
    return route_to(destination, interface, opener=opener)


def destination_of(draft: Draft) -> Address | None:
    """The network address that the outermost layer with one is sent to."""
    for one in map(as_layer, draft.layers):
        for term in mirrored_in(type(one.header)):
            if isinstance(term.receiver, (IPv4Address, IPv6Address)):
                given = _value(one, term.receiver.attribute)
                if given is not None:
                    return ipaddress.ip_address(given)
    return None


def destination_in(layers: Sequence[Header]) -> Address | None:
    """The network address that the outermost dissected header with one is sent to."""
    for layer in layers:
        for term in mirrored_in(type(layer)):
            if isinstance(term.receiver, (IPv4Address, IPv6Address)):
                found: Address | None = getattr(layer, term.receiver.attribute)
                if found is not None:
                    return found
    return None


def _missing(one: Layer, route: Route, opener: Opener) -> dict[str, Any]:
    """The senders of a layer that nobody gave."""
    version = IPv4Address if route.source.version == 4 else IPv6Address
    values: dict[str, Any] = {}
    for term in mirrored_in(type(one.header)):
        if _value(one, term.sender.attribute) is not None:
            continue
        if isinstance(term.sender, MACAddress):
            values[term.sender.attribute] = own_mac(route.interface, opener=opener)
        elif isinstance(term.sender, version):
            values[term.sender.attribute] = route.source
    return values


def _next_hop(
    draft: Draft, one: Layer, route: Route, how: tuple[Opener, float, int]
) -> dict[str, Any]:
    """The receiver of a frame that carries an IP packet, unless it was given."""
    for term in mirrored_in(type(one.header)):
        if isinstance(term.receiver, MACAddress) and _carries_network(draft):
            if _value(one, term.receiver.attribute) is None:
                return {term.receiver.attribute: mac_of(route, *how)}
    return {}


def _carries_network(draft: Draft) -> bool:
    """Whether a layer has a destination that routers look at: one that checksums cover."""
    return any(field.pseudo and isinstance(field, (IPv4Address, IPv6Address))
               for header in draft.headers for field in declaration_of(type(header)).fields)


def mac_of(
    route: Route, opener: Opener = socket.socket, timeout_s: float = 1.0, retries: int = 2
) -> str:
    """The MAC of the next hop: known for many, by the neighbour table, or asked; Unreachable."""
    if route.local:
        return own_mac(route.interface, opener=opener)
    found = shared_mac(route.next_hop) or neighbour(route, opener=opener)
    if found is not None:
        return found
    from rawlab.asking.neighbours import ask_neighbour

    reply = ask_neighbour(route, timeout_s=timeout_s, retries=retries, opener=opener)
    if reply is None:
        kind = "ARP" if route.next_hop.version == 4 else "neighbour discovery"
        raise Unreachable(
            f"{route.next_hop} does not answer {kind} on {route.interface}: is it on this link, "
            "and up?", errno.EHOSTUNREACH)
    return reply.mac


def _value(one: Layer, attribute: str) -> Any:
    given = given_values_of(one.header)
    return one.edits.get(attribute, given.get(attribute))


def _with(header: Header, values: dict[str, Any]) -> Header:
    """A header made from its values and these."""
    return type(header)(**{**given_values_of(header), **values})
