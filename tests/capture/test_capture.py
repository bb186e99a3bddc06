"""What is sent is what is captured, on real interfaces in a namespace of the test."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import time
from typing import BinaryIO

import pytest

from capture.frames import EXPERIMENTAL, arrived, frame, tag
from capture.namespaces import Namespace, Wire, both_backends
from rawlab.capture.settings import Backend, Direction

SIZES = [14, 15, 59, 60, 61, 64, 128, 333, 1000, 1513, 1514]


@both_backends
def test_octets_are_those_that_were_sent(wire: Wire) -> None:
    sent = [frame(number, max(size, 18)) for number, size in enumerate(SIZES * 50)]
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        for octets in sent:
            sender.send(octets)
        seen = arrived(sniffer)
    assert [packet.octets for packet in seen] == sent
    assert {packet.linktype for packet in seen} == {1}
    assert {packet.interface for packet in seen} == {wire.near}
    assert all(packet.length == len(packet.octets) for packet in seen)


TAGS = {
    "802.1Q": tag(5),
    "802.1Q with priority": tag(4095, 7),
    "priority tag, VLAN 0": tag(0, 3),
    "VLAN 0 and priority 0": tag(0),
    "802.1ad": tag(100, 2, 0x88A8),
    "two tags": tag(100, 0, 0x88A8) + tag(7, 5),
    "three tags": tag(1) + tag(2) + tag(3),
}


@both_backends
@pytest.mark.parametrize("tags", TAGS.values(), ids=TAGS)
def test_vlan_tags_are_put_back(wire: Wire, tags: bytes) -> None:
    sent = [frame(number, size, tags) for number, size in enumerate((18, 46, 60, 1000))]
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        for octets in sent:
            sender.send(octets)
        seen = arrived(sniffer)
    assert [packet.octets for packet in seen] == sent
    assert [packet.length for packet in seen] == [len(octets) for octets in sent]


def test_the_kernel_strips_a_tag(wire: Wire) -> None:
    """Without this, the tests of tags would show nothing."""
    with (
        wire.namespace.open(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as plain,
        wire.sender() as sender,
    ):
        plain.bind((wire.near, 3))
        sender.send(frame(0, tags=tag(5)))
        plain.settimeout(2)
        assert plain.recv(2000) == frame(0)


@both_backends
def test_snaplen_cuts_what_is_kept_and_says_the_true_length(wire: Wire) -> None:
    plain, tagged = frame(1, 1000), frame(2, 1000, tag(9))
    with wire.namespace.sniff(wire.near, snaplen=64) as sniffer, wire.sender() as sender:
        sender.send(plain)
        sender.send(tagged)
        seen = arrived(sniffer)
        assert sniffer.counts.truncated == 2
    assert [(packet.octets, packet.length) for packet in seen] == [
        (plain[:64], 1000),
        (tagged[:64], 1004),
    ]


@both_backends
@pytest.mark.parametrize("snaplen", [1, 11, 12, 13, 16, 17])
def test_a_tag_near_the_snaplen(wire: Wire, snaplen: int) -> None:
    octets = frame(2, 100, tag(9))
    with wire.namespace.sniff(wire.near, snaplen=snaplen) as sniffer, wire.sender() as sender:
        sender.send(octets)
        (seen,) = arrived(sniffer)
    assert octets.startswith(seen.octets)
    assert len(seen.octets) == snaplen
    assert seen.length == 104


@both_backends
@pytest.mark.parametrize("interface", ["lo", "any"])
def test_a_packet_on_lo_is_seen_once(namespace: Namespace, interface: str) -> None:
    with (
        namespace.sniff(interface) as sniffer,
        namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
    ):
        receiver.bind(("127.0.0.1", 0))
        for number in range(20):
            sender.sendto(b"packet %d" % number, receiver.getsockname())
        seen = arrived(sniffer)
        counts = sniffer.counts
    assert [packet.octets[-9:].split(b"packet ")[-1] for packet in seen] == [
        b"%d" % number for number in range(20)
    ]
    assert (counts.received, counts.captured, counts.dropped) == (20, 20, 0)


DIRECTIONS: dict[Direction, list[bytes]] = {
    "in": [b"far"],
    "out": [b"near"],
    "inout": [b"far", b"near"],
}


@both_backends
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_direction(wire: Wire, direction: Direction) -> None:
    with (
        wire.namespace.sniff(wire.near, direction=direction) as sniffer,
        wire.sender() as far,
        wire.namespace.sender(wire.near) as near,
    ):
        far.send(frame(1)[:14] + b"far" + bytes(40))
        near.send(frame(1)[:14] + b"near" + bytes(40))
        seen = arrived(sniffer)
    assert [packet.octets[14:18].rstrip(b"\0") for packet in seen] == DIRECTIONS[direction]


def test_any_gives_the_cooked_header_and_the_interface(two_wires: tuple[Wire, Wire]) -> None:
    first, second = two_wires
    namespace = first.namespace
    payload = frame(1)[14:]
    with (
        namespace.sniff("any", direction="in") as sniffer,
        first.sender() as one,
        second.sender() as two,
    ):
        one.send(frame(1))
        two.send(frame(1, tags=tag(5, 3)))
        seen = arrived(sniffer)
        numbers = {name: index for index, name in namespace.run(socket.if_nameindex)}
    sender = frame(1)[6:12] + bytes(2)

    def header(protocol: int, name: str) -> bytes:
        # to another host (3); Ethernet (1); a link address of 6 octets
        return struct.pack(">HHIHBB", protocol, 0, numbers[name], 1, 3, 6) + sender

    assert [packet.octets for packet in seen] == [
        header(EXPERIMENTAL, first.near) + payload,
        header(0x8100, second.near) + tag(5, 3)[2:] + struct.pack(">H", EXPERIMENTAL) + payload,
    ]
    assert [packet.interface for packet in seen] == [first.near, second.near]
    assert {packet.linktype for packet in seen} == {276}
    assert all(packet.length == len(packet.octets) for packet in seen)


@both_backends
def test_a_tun_interface_gives_raw_ip(namespace: Namespace) -> None:
    namespace.ip("tuntap add dev tun0 mode tun")
    namespace.ip("addr add 10.9.9.1/24 dev tun0")
    with _attached("tun0", namespace):
        namespace.ip("link set tun0 up")
        with (
            namespace.sniff("tun0", filter="udp port 7777") as sniffer,
            namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        ):
            sender.sendto(b"one", ("10.9.9.2", 7777))
            sender.sendto(b"two", ("10.9.9.2", 7778))
            (seen,) = arrived(sniffer)
    assert seen.linktype == 101
    assert seen.octets[0] == 0x45
    assert seen.octets.endswith(b"one")


def _attached(name: str, namespace: Namespace) -> BinaryIO:
    """Hold a tun interface's other end, without which it has no carrier."""
    def attach() -> int:
        descriptor = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(descriptor, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x0001 | 0x1000))
        return descriptor

    return os.fdopen(namespace.run(attach), "rb")


@both_backends
def test_several_interfaces(two_wires: tuple[Wire, Wire]) -> None:
    names = [wire.near for wire in two_wires]
    with (
        two_wires[0].namespace.sniff(names) as sniffer,
        two_wires[0].sender() as one,
        two_wires[1].sender() as two,
    ):
        for number in range(30):
            (one, two)[number % 2].send(frame(number))
        seen = arrived(sniffer)
        by_interface = sniffer.interface_counts
    for place, name in enumerate(names):
        mine = [packet.octets for packet in seen if packet.interface == name]
        assert mine == [frame(number) for number in range(place, 30, 2)]
        assert by_interface[name].captured == 15
    assert len(seen) == 30


@both_backends
def test_time_stamps_lie_between_sending_and_receiving(wire: Wire, backend: Backend) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        before = time.time_ns()
        for number in range(100):
            sender.send(frame(number))
        after = time.time_ns()
        times = [packet.time_ns for packet in arrived(sniffer)]
    assert len(times) == 100
    assert times == sorted(times)
    tick_ns = 1 if backend == "ring" else 1000
    assert before // tick_ns * tick_ns <= times[0]
    assert times[-1] <= after
    assert any(stamp % (tick_ns * 1000) for stamp in times), "the times are less precise"
    assert not any(stamp % tick_ns for stamp in times)


FILTERS = {
    "ether proto 0x88b5 and ether[14:4] = 3": [3],
    "vlan 5": [4],
    "not vlan": [3, 6],
    "greater 500": [6],
}


@pytest.mark.parametrize("expression", FILTERS)
def test_filter(wire: Wire, expression: str) -> None:
    with wire.namespace.sniff(wire.near, filter=expression) as sniffer, wire.sender() as sender:
        sender.send(frame(3))
        sender.send(frame(4, tags=tag(5)))
        sender.send(frame(5, tags=tag(6)))
        sender.send(frame(6, 600))
        seen = arrived(sniffer)
        assert sniffer.counts.received == len(FILTERS[expression])
    wanted = {3: frame(3), 4: frame(4, tags=tag(5)), 6: frame(6, 600)}
    assert [packet.octets for packet in seen] == [wanted[n] for n in FILTERS[expression]]


@both_backends
def test_filter_on_any(namespace: Namespace) -> None:
    with (
        namespace.sniff("any", filter="udp dst port 5353 and net 127") as sniffer,
        namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        for port in (5352, 5353, 5354):
            sender.sendto(b"to %d" % port, ("127.0.0.1", port))
        seen = arrived(sniffer)
    assert [packet.octets[-7:] for packet in seen] == [b"to 5353"]


@both_backends
def test_bpf_program(wire: Wire) -> None:
    ten_octets = [(0x06, 0, 0, 10)]
    with (
        wire.namespace.sniff(wire.near, bpf=ten_octets) as sniffer,
        wire.sender() as sender,
    ):
        sender.send(frame(3))
        (seen,) = arrived(sniffer)
    assert (seen.octets, seen.length) == (frame(3)[:10], 60)


@both_backends
def test_promiscuous_only_when_asked(wire: Wire) -> None:
    def promiscuity() -> int:
        shown = wire.namespace.ip(f"-d link show {wire.near}")
        return int(shown.split("promiscuity ")[1].split()[0])

    with wire.namespace.sniff(wire.near):
        assert promiscuity() == 0
    with wire.namespace.sniff(wire.near, promiscuous=True):
        assert promiscuity() == 1
    assert promiscuity() == 0
