"""What two hosts say through their kernels, for the captures."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass

import names
from crafted import igmp_queries, sum_16

from rawlab.lab import Host, Link

ABSENT = "10.0.1.99"
GROUP = "239.1.2.3"
GROUP_V6 = "ff15::1234"


@dataclass(frozen=True)
class Table:
    """Two hosts at a table: what is said from `a` to `b` is recorded at b's end of the link."""

    a: Host
    b: Host
    link: Link

    def inject(self, frames: list[bytes], back: bool = False) -> None:
        """Puts frames on the wire from a, or from b."""
        host = self.b if back else self.a
        with host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
            wire.bind(("eth0", 0))
            for frame in frames:
                wire.send(frame)

    def datagrams(self, family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
        """A datagram socket of a."""
        return self.a.socket(family, socket.SOCK_DGRAM)


def arp(at: Table) -> None:
    """Resolved, and in vain."""
    with at.datagrams() as wire:
        wire.sendto(b"hello", (at.link.second.ipv4, 9))
        wire.sendto(b"anyone?", (ABSENT, 9))
        time.sleep(3.5)


def icmp(at: Table) -> None:
    """Echo of several sizes, time stamps, and a port that nobody listens at."""
    with at.a.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as wire:
        wire.connect((at.link.second.ipv4, 0))
        wire.settimeout(5)
        for number, size in enumerate((0, 48, 1400), 1):
            body = struct.pack("!HH", 0x4C41, number) + bytes(i & 255 for i in range(size))
            _say_and_hear(wire, 8, body)
        _say_and_hear(wire, 13, struct.pack("!HHIII", 0x4C41, 9, 43_200_000, 0, 0))
    with at.datagrams() as wire:
        wire.sendto(b"is anybody there?", (at.link.second.ipv4, 9999))
        time.sleep(0.1)


def _say_and_hear(wire: socket.socket, kind: int, body: bytes) -> None:
    head = struct.pack("!BBH", kind, 0, 0)
    wire.send(struct.pack("!BBH", kind, 0, sum_16(head + body)) + body)
    wire.recv(4096)


def icmpv6(at: Table) -> None:
    """Neighbours are found, pings answered, a closed port refused, a group joined and left."""
    with at.a.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as wire:
        wire.connect((at.link.second.ipv6, 0))
        wire.settimeout(5)
        for number, size in enumerate((8, 1000), 1):
            wire.send(struct.pack("!BBHHH", 128, 0, 0, 0x4C41, number) + bytes(size))
            wire.recv(4096)
    with at.datagrams(socket.AF_INET6) as wire:
        wire.sendto(b"is anybody there?", (at.link.second.ipv6, 9999))
        wire.sendto(b"or there?", ("fd00:0:0:1::99", 9))
        group = socket.inet_pton(socket.AF_INET6, GROUP_V6) + struct.pack("@I", 2)
        wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        time.sleep(1.5)
        wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_LEAVE_GROUP, group)
        time.sleep(2.5)


def tcp(at: Table, family: socket.AddressFamily = socket.AF_INET) -> None:
    """A conversation with urgent data, closed by both sides; one reset; one refused."""
    address = at.link.second.ipv4 if family == socket.AF_INET else at.link.second.ipv6
    with at.b.socket(family) as server:
        server.bind((address, 7))
        server.listen()
        with at.a.socket(family) as client:
            client.connect((address, 7))
            other, _ = server.accept()
            with other:
                client.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
                other.recv(100)
                other.sendall(b"0123456789" * 500)
                _read(client, 5000)
                client.send(b"!", socket.MSG_OOB)
                time.sleep(0.1)
                client.shutdown(socket.SHUT_WR)
                other.recv(100)
        time.sleep(0.1)
        with at.a.socket(family) as client:
            client.connect((address, 7))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with at.a.socket(family) as client:
        try:
            client.connect((address, 8))
        except ConnectionRefusedError:
            pass


def _read(stream: socket.socket, count: int) -> None:
    while count > 0:
        count -= len(stream.recv(65536))


def udp(at: Table) -> None:
    """With and without a checksum, empty, to all, to a group, over both versions of IP."""
    unchecked = 11  # SO_NO_CHECK
    with at.datagrams() as wire, at.b.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("", 9))
        for payload in (b"hello", b"", bytes(range(256))):
            wire.sendto(payload, (at.link.second.ipv4, 9))
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        wire.sendto(b"to all", ("10.0.1.255", 9))
        at_eth0 = socket.inet_aton(at.link.first.ipv4)
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, at_eth0)
        wire.sendto(b"to a group", (GROUP, 9))
        wire.setsockopt(socket.SOL_SOCKET, unchecked, 1)
        wire.sendto(b"unchecked", (at.link.second.ipv4, 9))
    with (
        at.datagrams(socket.AF_INET6) as wire,
        at.b.socket(socket.AF_INET6, socket.SOCK_DGRAM) as there,
    ):
        there.bind(("::", 10))
        wire.sendto(b"hello", (at.link.second.ipv6, 10))
        wire.sendto(b"", (at.link.second.ipv6, 10))


def dns(at: Table) -> None:
    """A zone of many kinds of records, asked over UDP and over TCP."""
    address = (at.link.second.ipv4, 53)
    with (
        at.b.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        at.b.socket(socket.AF_INET, socket.SOCK_STREAM) as streams,
    ):
        datagrams.bind(address)
        streams.bind(address)
        streams.listen()
        server = at.b.start_with([datagrams.fileno(), streams.fileno()], serve_names)
    with at.datagrams() as wire:
        wire.connect(address)
        wire.settimeout(5)
        for number, (name, kind) in enumerate(names.QUESTIONS):
            wire.send(names.question(0x1000 + number, name, kind, number % 2 == 1))
            wire.recv(4096)
    with at.a.socket() as stream:
        stream.connect(address)
        query = names.question(0x2000, *names.QUESTIONS[0], False)
        stream.sendall(struct.pack("!H", len(query)) + query)
        stream.recv(4096)
    server.result(5)


def serve_names(descriptors: tuple[int, ...]) -> None:
    """Inside b: the name server, on the two sockets given."""
    datagrams, streams = (socket.socket(fileno=descriptor) for descriptor in descriptors)
    with datagrams, streams:
        names.serve(datagrams, streams)


def ip_options(at: Table) -> None:
    """Recorded routes and times, an alert for routers, and fields of all kinds."""
    with at.datagrams() as wire, at.b.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("", 9))
        options = [bytes.fromhex("01 07 0b 04 0000000000000000"),
                   bytes.fromhex("44 0c 05 01 0000000000000000"),
                   bytes.fromhex("94 04 0000")]
        for option in options:
            wire.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, option)
            wire.sendto(b"with options", (at.link.second.ipv4, 9))
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"")
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0xB8 | 2)
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 3)
        wire.sendto(b"urgent, and not for long", (at.link.second.ipv4, 9))


def fragments(at: Table, family: socket.AddressFamily = socket.AF_INET) -> None:
    """A datagram that is too long for the link, and one that just is not."""
    older = family == socket.AF_INET
    address = at.link.second.ipv4 if older else at.link.second.ipv6
    with at.datagrams(family) as wire, at.b.socket(family, socket.SOCK_DGRAM) as there:
        there.bind((address, 9))
        there.settimeout(5)
        for size in (3500, 1472 if older else 1452, 1473):
            wire.sendto((b"0123456789abcdef" * 300)[:size], (address, 9))
            there.recv(4096)


def extensions(at: Table) -> None:
    """Hop-by-hop and destination options from a socket, and a flow label."""
    hop_by_hop, destination = 54, 59  # IPV6_HOPOPTS, IPV6_DSTOPTS
    with (
        at.datagrams(socket.AF_INET6) as wire,
        at.b.socket(socket.AF_INET6, socket.SOCK_DGRAM) as there,
    ):
        there.bind(("::", 9))
        alert = bytes.fromhex("0000 05020000 0100")
        unknown = bytes.fromhex("0000 1e0401020304") + bytes.fromhex("0106") + bytes(6)
        wire.setsockopt(socket.IPPROTO_IPV6, destination, b"\0\x01" + unknown[2:])
        wire.sendto(b"destination options", (at.link.second.ipv6, 9))
        wire.setsockopt(socket.IPPROTO_IPV6, hop_by_hop, alert)
        wire.sendto(b"and hop by hop", (at.link.second.ipv6, 9))
        time.sleep(0.2)


def groups(at: Table) -> None:
    """A group is joined and left, with one source only and with all; routers ask after it."""
    join, leave, join_one_source = 35, 36, 39  # IP_ADD_MEMBERSHIP and so on
    near, far = (socket.inet_aton(port.ipv4) for port in (at.link.first, at.link.second))
    group = socket.inet_aton(GROUP)
    with at.datagrams() as wire:
        wire.setsockopt(socket.IPPROTO_IP, join_one_source, group + near + far)
        time.sleep(1.2)
        wire.setsockopt(socket.IPPROTO_IP, leave, group + near)
        time.sleep(1.2)
        wire.setsockopt(socket.IPPROTO_IP, join, group + near)
        time.sleep(1.2)
        for query in igmp_queries():
            at.inject([query], back=True)
            time.sleep(1.2)
        wire.setsockopt(socket.IPPROTO_IP, leave, group + near)
        time.sleep(0.2)
