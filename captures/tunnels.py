"""Packets within packets: VXLAN by the hosts' kernels, the older tunnels put together by hand."""

from __future__ import annotations

import socket
import struct

from crafted import A, B, arp, ethernet, ipv4, ipv6, sum_16, udp
from talks import Table

ENDS = ("10.0.1.1", "10.0.1.2")
INSIDE = ("172.16.0.1", "172.16.0.2")
INSIDE_V6 = ("fd01::1", "fd01::2")
IPV4, IPV6, BRIDGED = 0x0800, 0x86DD, 0x6558


def inner(version: int) -> bytes:
    """The packet that travels inside."""
    ends = INSIDE if version == 4 else INSIDE_V6
    build = ipv4 if version == 4 else ipv6
    return build(*ends, 17, udp(*ends, (4000, 9), b"through a tunnel"))


def gre(flags: int, kind: int, payload: bytes) -> bytes:
    """A frame with GRE; of checksum, key and sequence number what the flags say (RFC 2890)."""
    head = struct.pack("!HH", flags, kind)
    tail = b"".join(
        struct.pack("!I", value) for bit, value in ((0x2000, 42), (0x1000, 7)) if flags & bit
    )
    if flags & 0x8000:
        total = sum_16(head + bytes(4) + tail + payload)
        tail = struct.pack("!HH", total, 0) + tail
    return ethernet(B, A, 0x0800, ipv4(*ENDS, 47, head + tail + payload))


def gre_frames() -> list[bytes]:
    """Plain, with a key, with all there is, with IPv6 and with a bridged frame inside."""
    frame = ethernet(bytes([255] * 6), A, 0x0806, arp(1, (A, INSIDE[0]), (bytes(6), INSIDE[1])))
    return [
        gre(0, IPV4, inner(4)),
        gre(0x2000, IPV4, inner(4)),
        gre(0xB000, IPV4, inner(4)),
        gre(0, IPV6, inner(6)),
        gre(0x2000, BRIDGED, frame),
    ]


def ip_in_ip_frames() -> list[bytes]:
    """Each version of IP in each (RFC 2003, RFC 4213, RFC 2473)."""
    older, newer = ENDS, ("fd00:0:0:1::1", "fd00:0:0:1::2")
    return [
        ethernet(B, A, IPV4, ipv4(*older, 4, inner(4))),
        ethernet(B, A, IPV4, ipv4(*older, 41, inner(6))),
        ethernet(B, A, IPV6, ipv6(*newer, 4, inner(4))),
        ethernet(B, A, IPV6, ipv6(*newer, 41, inner(6))),
    ]


def vxlan(at: Table) -> None:
    """A tunnel (RFC 7348), and a datagram of each version of IP through it and back."""
    near, far = at.link.first.ipv4, at.link.second.ipv4
    at.a.call(add_vxlan, near, far, (INSIDE[0], INSIDE_V6[0]))
    at.b.call(add_vxlan, far, near, (INSIDE[1], INSIDE_V6[1]))
    for family, address in ((socket.AF_INET, INSIDE[1]), (socket.AF_INET6, INSIDE_V6[1])):
        with at.datagrams(family) as wire, at.b.socket(family, socket.SOCK_DGRAM) as there:
            there.bind((address, 9))
            there.settimeout(5)
            wire.sendto(b"through a tunnel", (address, 9))
            payload, sender = there.recvfrom(100)
            there.sendto(payload.upper(), sender)


def add_vxlan(local: str, remote: str, addresses: tuple[str, str]) -> None:
    """Inside a host: an interface tun0 whose frames travel in UDP, with addresses of its own."""
    from pyroute2 import IPRoute

    with IPRoute() as route:
        route.link("add", ifname="tun0", kind="vxlan", vxlan_id=77, vxlan_port=4789,
                   vxlan_local=local, vxlan_group=remote)
        index = socket.if_nametoindex("tun0")
        route.addr("add", index=index, address=addresses[0], prefixlen=24)
        route.addr("add", index=index, address=addresses[1], prefixlen=64, flags=2)  # no DAD
        route.link("set", index=index, state="up")
