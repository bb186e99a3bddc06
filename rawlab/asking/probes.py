"""Probes toward an address: echo requests, datagrams and segments that call for an answer."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Literal

from rawlab.inject.route import Address
from rawlab.schema.integer import FlagSet

if TYPE_CHECKING:
    from rawlab.asking.outcome import Reply
    from rawlab.schema.declaration import Header
    from rawlab.schema.draft import Draft

Method = Literal["udp", "icmp", "tcp"]
FIRST_PORT = 33434
"""Where traceroute's datagrams go: ports that nobody listens at, one for each probe."""
_TCP_SOURCES = 49152
SYN = FlagSet(0x02)


class UnknownHost(OSError):
    """A name that stands for no address."""


def resolve(host: str, version: Literal[4, 6] | None = None) -> Address:
    """The first address of a host that a user named; raises UnknownHost."""
    families = {4: socket.AF_INET, 6: socket.AF_INET6, None: socket.AF_UNSPEC}
    try:
        found = socket.getaddrinfo(host, None, families[version], socket.SOCK_RAW)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no host name"
        kind = f"IPv{version} address" if version else "address"
        raise UnknownHost(f"{host}: no {kind} is known ({reason})") from None
    return ipaddress.ip_address(str(found[0][4][0]))


def network(source: Address, destination: Address, hops: int) -> Header:
    """An IPv4 or IPv6 header that may pass `hops` routers."""
    from dissectors import IPv4, IPv6

    if isinstance(destination, ipaddress.IPv4Address):
        return IPv4(src=ipaddress.IPv4Address(source), dst=destination, ttl=hops)
    return IPv6(src=ipaddress.IPv6Address(source), dst=destination, hlim=hops)


def echo(version: int, ident: int, seq: int) -> Header:
    """An echo request of ICMP or ICMPv6."""
    from dissectors import ICMP, ICMPv6

    if version == 4:
        return ICMP(ident=ident, seq=seq & 0xFFFF)
    return ICMPv6(echo__identifier=ident, echo__sequence_number=seq & 0xFFFF)


def probe(method: Method, version: int, number: int, port: int) -> Draft | Header:
    """Probe `number` of a trace, which differs from all others in what an error quotes."""
    from dissectors import TCP, UDP

    if method == "icmp":
        return echo(version, port & 0xFFFF, number)
    if method == "tcp":
        return TCP(srcport=_TCP_SOURCES + number, dstport=port, flags=SYN, seq_raw=number << 16)
    return UDP(srcport=_TCP_SOURCES, dstport=port + number & 0xFFFF) / bytes(32)


def sender_of(reply: Reply) -> Address:
    """The address that a reply came from."""
    from dissectors import IPv4, IPv6

    header = reply.get(IPv4) or reply[IPv6]
    return header.src


def error_in(reply: Reply) -> tuple[str, int] | None:
    """What an ICMP error says: its type as words, and its code; None where it is none."""
    from rawlab.asking.matching import quoting_layer

    at = quoting_layer(reply.layers)
    if at is None:
        return None
    layer = reply.layers[at]
    kind = getattr(layer, "type")  # noqa: B009  of ICMP and ICMPv6 alike
    return str(kind).lower().replace("_", " "), int(getattr(layer, "code"))  # noqa: B009
