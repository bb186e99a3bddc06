"""Frames put together by hand, for what a kernel does not say by itself."""

from __future__ import annotations

import struct
from ipaddress import ip_address

A, B = bytes.fromhex("020000000101"), bytes.fromhex("020000000102")
EVERYONE = bytes([255] * 6)
BRIDGES = bytes.fromhex("0180c2000000")


def ethernet(destination: bytes, source: bytes, kind: int, payload: bytes) -> bytes:
    """A frame with a type, or a length up to 1500, padded to 60 octets as a card does."""
    return (destination + source + struct.pack("!H", kind) + payload).ljust(60, b"\0")


def tag(kind: int, priority: int, vlan: int, then: int, payload: bytes) -> tuple[int, bytes]:
    """A VLAN tag (IEEE 802.1Q) before a payload of the type `then`: (type, payload)."""
    return kind, struct.pack("!HH", priority << 13 | vlan, then) + payload


def sum_16(octets: bytes) -> int:
    """The checksum of RFC 1071."""
    total = sum(struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + b"\0" * (len(octets) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ipv4(source: str, destination: str, protocol: int, payload: bytes, ttl: int = 64) -> bytes:
    """An IPv4 packet without options."""
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0x1A2B, 0, ttl, protocol, 0,
        ip_address(source).packed, ip_address(destination).packed,
    )
    return head[:10] + struct.pack("!H", sum_16(head)) + head[12:] + payload


def ipv6(source: str, destination: str, protocol: int, payload: bytes, hops: int = 64) -> bytes:
    """An IPv6 packet; `protocol` is that of the payload's first header."""
    return (
        struct.pack("!IHBB", 6 << 28, len(payload), protocol, hops)
        + ip_address(source).packed + ip_address(destination).packed + payload
    )


def sealed(source: str, destination: str, protocol: int, message: bytes, place: int) -> bytes:
    """A message with its checksum at `place`, over the pseudo header of the addresses' version."""
    ends = ip_address(source).packed + ip_address(destination).packed
    layout = "!HH" if len(ends) == 8 else "!IHBB"
    tail = (protocol, len(message)) if len(ends) == 8 else (len(message), 0, 0, protocol)
    total = sum_16(ends + struct.pack(layout, *tail) + message) or 0xFFFF
    return message[:place] + struct.pack("!H", total) + message[place + 2 :]


def udp(source: str, destination: str, ports: tuple[int, int], payload: bytes) -> bytes:
    """A UDP datagram with its checksum."""
    head = struct.pack("!HHHH", *ports, 8 + len(payload), 0)
    return sealed(source, destination, 17, head + payload, 6)


def arp(operation: int, sender: tuple[bytes, str], target: tuple[bytes, str]) -> bytes:
    """An ARP message for Ethernet and IPv4."""
    ends = b"".join(mac + ip_address(ip).packed for mac, ip in (sender, target))
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + ends


def vlan_frames() -> list[bytes]:
    """IEEE 802.1Q and 802.1ad tags, one to three deep, a priority tag and a tag with a length."""
    said = ipv4("10.0.1.1", "10.0.1.2", 17, udp("10.0.1.1", "10.0.1.2", (4000, 9), b"tagged"))
    asked = arp(1, (A, "10.0.7.1"), (bytes(6), "10.0.7.2"))
    inner = tag(0x8100, 5, 200, 0x0800, said)
    return [
        ethernet(EVERYONE, A, *tag(0x8100, 0, 7, 0x0806, asked)),
        ethernet(B, A, *tag(0x8100, 3, 7, 0x0800, said)),
        ethernet(B, A, *tag(0x8100, 6, 0, 0x0800, said)),
        ethernet(B, A, *tag(0x88A8, 0, 100, *inner)),
        ethernet(B, A, *tag(0x88A8, 1, 4094, *tag(0x8100, 0, 300, *inner))),
        ethernet(BRIDGES, A, *tag(0x8100, 7, 1, 38, LLC_STP + CONFIGURATION)),
    ]


LLC_STP = bytes.fromhex("424203")
CONFIGURATION = bytes.fromhex(
    "0000 00 00 00 8000020000000101 00000000 8000020000000101 8001 0000 1400 0200 0f00"
)
RAPID = bytes.fromhex(
    "0000 02 02 3c 8000020000000101 00000000 8000020000000101 8001 0000 1400 0200 0f00 00"
)


def llc_frames() -> list[bytes]:
    """IEEE 802.3 frames with a length: spanning tree, SNAP, identities, a test."""
    asked = arp(1, (A, "10.0.1.1"), (bytes(6), "10.0.1.2"))
    contents = [
        (BRIDGES, LLC_STP + CONFIGURATION),
        (BRIDGES, LLC_STP + RAPID),
        (BRIDGES, LLC_STP + bytes.fromhex("0000 00 80")),
        (EVERYONE, bytes.fromhex("aaaa03 000000 0806") + asked),
        (B, bytes.fromhex("0001 af 810100")),
        (B, bytes.fromhex("0000 f3") + b"a test of the link"),
    ]
    return [ethernet(to, A, len(body), body) for to, body in contents]


def arp_frames() -> list[bytes]:
    """What the kernel of a resting host does not send: a probe, two announcements, RARP."""
    nobody = bytes(6)
    return [
        ethernet(EVERYONE, A, 0x0806, arp(1, (A, "0.0.0.0"), (nobody, "10.0.1.77"))),
        ethernet(EVERYONE, A, 0x0806, arp(1, (A, "10.0.1.1"), (nobody, "10.0.1.1"))),
        ethernet(EVERYONE, A, 0x0806, arp(2, (A, "10.0.1.1"), (EVERYONE, "10.0.1.1"))),
        ethernet(EVERYONE, A, 0x8035, arp(3, (A, "0.0.0.0"), (A, "0.0.0.0"))),
    ]


def router_frames() -> list[bytes]:
    """A router solicitation, an advertisement with options, and a redirect (RFC 4861)."""
    near, far = "fe80::ff:fe00:101", "fe80::ff:fe00:102"
    options = (
        b"\x01\x01" + B                                                   # link-layer address
        + struct.pack("!BBHI", 5, 1, 0, 1500)                             # MTU
        + struct.pack("!BBBBIII16s", 3, 4, 64, 0xC0, 7200, 3600, 0,       # prefix
                      ip_address("fd00:0:0:1::").packed)
        + struct.pack("!BBHI16s", 25, 3, 0, 600, ip_address("fd00:0:0:1::53").packed)   # DNS
        + struct.pack("!BBHI", 31, 2, 0, 600) + b"\3lab\0\0\0\0"          # DNS search list
    )
    messages = [
        (A, near, "ff02::2", struct.pack("!BBHI", 133, 0, 0, 0) + b"\x01\x01" + A),
        (B, far, "ff02::1", struct.pack("!BBHBBHII", 134, 0, 0, 64, 0x40, 1800, 0, 0) + options),
        (B, far, "fd00:0:0:1::1", struct.pack("!BBHI", 137, 0, 0, 0)
         + ip_address("fd00:0:0:1::99").packed * 2 + b"\x02\x01" + A),
    ]
    return [
        ethernet(b"\x33\x33" + ip_address(to).packed[12:] if to.startswith("ff") else A, sender,
                 0x86DD, ipv6(source, to, 58, sealed(source, to, 58, message, 2), 255))
        for sender, source, to, message in messages
    ]


def igmp_queries() -> list[bytes]:
    """General queries of versions 3 and 2, to which the other host's kernel has to answer."""
    third = bytes.fromhex("11 0a 0000 00000000 02 7d 0000")
    second = bytes.fromhex("11 05 0000 00000000")
    return [
        ethernet(bytes.fromhex("01005e000001"), B, 0x0800,
                 ipv4("10.0.1.2", "224.0.0.1", 2, _sealed_alone(message), ttl=1))
        for message in (third, second)
    ]


def _sealed_alone(message: bytes) -> bytes:
    return message[:2] + struct.pack("!H", sum_16(message)) + message[4:]


def source_routed_frames() -> list[bytes]:
    """IPv6 headers that applications may not send: segment routing, and one of each before UDP."""
    a, b = "fd00:0:0:1::1", "fd00:0:0:1::2"
    said = udp(a, b, (4000, 9), b"behind headers")
    segment = ip_address(b).packed
    routing = struct.pack("!BBBBBBH", 17, 2, 4, 0, 0, 0, 0) + segment
    padded = b"\x01\x04" + bytes(4)
    fragment = struct.pack("!BBHI", 60, 0, 0, 0xDECAF)
    chain = b"\x2c\0" + padded + fragment + b"\x2b\0" + padded + routing + said
    return [
        ethernet(B, A, 0x86DD, ipv6(a, b, 43, routing + said)),
        ethernet(B, A, 0x86DD, ipv6(a, b, 0, chain)),
        ethernet(B, A, 0x86DD, ipv6(a, b, 59, b"")),
    ]
