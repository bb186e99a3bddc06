"""Asking a neighbour for its link-layer address: ARP for IPv4, neighbour discovery for IPv6."""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple

from rawlab.asking.exchange import exchange
from rawlab.asking.outcome import Reply
from rawlab.capture.settings import Opener
from rawlab.inject.route import Address, Route, own_mac, shared_mac
from rawlab.schema.draft import Draft


class Neighbour(NamedTuple):
    """What a neighbour said."""

    mac: str
    reply: Reply


def neighbour_request(target: Address, source: Address, mac: str) -> Draft:
    """The frame that asks who has `target`: ARP (RFC 826) or a solicitation (RFC 4861)."""
    from dissectors import ARP, Ethernet, ICMPv6, IPv6
    from dissectors.icmpv6 import ICMPv6Type
    from dissectors.icmpv6_options import SourceLinkAddress

    if isinstance(target, ipaddress.IPv4Address):
        return Ethernet(src=mac) / ARP(
            src__hw_mac=mac, src__proto_ipv4=ipaddress.IPv4Address(source), dst__proto_ipv4=target)
    group = solicited_node(target)
    return (
        Ethernet(src=mac, dst=shared_mac(group) or "")
        / IPv6(src=ipaddress.IPv6Address(source), dst=group, hlim=255)
        / ICMPv6(type=ICMPv6Type.NEIGHBOR_SOLICITATION, nd__ns__target_address=target,
                 options=(SourceLinkAddress(src_linkaddr=mac),))
    )  # fmt: skip


def solicited_node(target: ipaddress.IPv6Address) -> ipaddress.IPv6Address:
    """The multicast group to which a neighbour with this address listens (RFC 4291 2.7.1)."""
    group = int(ipaddress.IPv6Address("ff02::1:ff00:0")) | int(target) & 0xFFFFFF
    return ipaddress.IPv6Address(group)


def ask_neighbour(
    route: Route, *, timeout_s: float = 1.0, retries: int = 0, opener: Opener = socket.socket
) -> Neighbour | None:
    """Ask the next hop of a route for its MAC; None where it does not answer."""
    mac = own_mac(route.interface, opener=opener)
    request = neighbour_request(route.next_hop, route.source, mac)
    reply = exchange(request, timeout_s=timeout_s, retries=retries, interface=route.interface,
                     opener=opener)
    return None if reply is None else Neighbour(mac_in(reply), reply)


def mac_in(reply: Reply) -> str:
    """The MAC that an ARP reply or an advertisement tells; else the one that sent the frame."""
    from dissectors import ARP, Ethernet, ICMPv6

    arp, advertised = reply.get(ARP), reply.get(ICMPv6)
    if arp is not None and arp.src__hw_mac is not None:
        return arp.src__hw_mac
    for option in (advertised.options or ()) if advertised is not None else ():
        told = getattr(option, "target_linkaddr", None)
        if told is not None:
            return str(told)
    return reply[Ethernet].src
