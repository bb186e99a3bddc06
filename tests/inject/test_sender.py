"""What is sent is what arrives, octet for octet, by every way there is; and every refusal."""

from __future__ import annotations

import errno
import itertools
import random

import pytest

from capture.namespaces import Namespace, Wire
from dissectors import UDP, Ethernet, IPv4, IPv6
from rawlab.batch import Batch
from rawlab.capture import NoSuchInterface
from rawlab.inject import InterfaceDown, Sender, SendError, WrongLinkType, open_sender
from rawlab.inject.batching import batch_of_octets, built
from rawlab.inject.sender import Method

METHODS: list[Method] = ["auto", "sendmmsg", "xdp"]
ETHERNET, RAW = 1, 101


def frames(count: int, seed: int = 1) -> list[bytes]:
    """Frames of all sizes that fit, of random octets behind a type that nobody answers."""
    chance = random.Random(seed)
    return [
        b"\xff" * 6 + b"\x02\0\0\0\0\1" + b"\x88\xb5" + chance.randbytes(chance.randrange(1, 1500))
        for _ in range(count)
    ]


def opened(wire: Wire, method: Method, bypass: bool = True) -> Sender:
    try:
        return open_sender(wire.far, opener=wire.namespace.open, method=method, bypass=bypass)
    except SendError as error:
        if method == "xdp" and error.errno in (errno.EAFNOSUPPORT, errno.ENOTSUP):
            pytest.skip("the kernel has no AF_XDP sockets, or it is not for this processor")
        raise


@pytest.mark.parametrize("bypass", [True, False])
@pytest.mark.parametrize("method", METHODS)
def test_frames_arrive_as_they_were_sent(wire: Wire, method: Method, bypass: bool) -> None:
    sent = frames(3000)
    with wire.namespace.sniff(wire.near, timeout_s=20, count=len(sent)) as sniffer:
        with opened(wire, method, bypass) as sender:
            for part in (sent[:1], sent[1:1100], sent[1100:]):
                assert sender.send(batch_of_octets(part, ETHERNET)) == len(part)
        received = [packet.octets for packet in sniffer]
    assert received == sent
    assert (sender.sent, sender.refused) == (len(sent), 0)
    assert sender.octets == sum(map(len, sent))


@pytest.mark.parametrize("method", METHODS)
def test_a_part_of_a_batch_is_sent(wire: Wire, method: Method) -> None:
    made = frames(400)
    with wire.namespace.sniff(wire.near, timeout_s=20, count=201) as sniffer:
        with opened(wire, method) as sender:
            assert sender.send(batch_of_octets(made, ETHERNET), 100, 300) == 200
            assert sender.send(batch_of_octets(made, ETHERNET), 7, 7) == 0
            assert sender.send_one(made[0])
        assert [packet.octets for packet in sniffer] == [*made[100:300], made[0]]


@pytest.mark.parametrize("method", METHODS)
def test_what_is_too_large_or_too_short_is_refused_and_the_rest_goes_on(
    wire: Wire, method: Method
) -> None:
    made = frames(200)
    given = [*made[:100], bytes(1600), *made[100:150], b"short", *made[150:]]
    with wire.namespace.sniff(wire.near, timeout_s=20, count=200) as sniffer:
        with opened(wire, method) as sender:
            assert sender.send(batch_of_octets(given, ETHERNET)) == 200
            assert not sender.send_one(bytes(1600))
        assert [packet.octets for packet in sniffer] == made
    assert (sender.sent, sender.refused) == (200, 3)
    assert sender.reasons == {errno.EMSGSIZE: 2, errno.EINVAL: 1}


def test_a_burst_is_one_system_call(wire: Wire) -> None:
    import numpy as np

    from rawlab.inject.messages import BURST, Messages

    batch = batch_of_octets(frames(2 * BURST), ETHERNET)
    messages = Messages()
    messages.lay(np.frombuffer(batch.octets, np.uint8), np.frombuffer(batch.offset, np.int64),
                 np.frombuffer(batch.caplen, np.int64))
    with wire.sender() as by:
        assert messages.send(by.fileno(), 10, 2 * BURST) == BURST
        assert messages.send(by.fileno(), BURST + 10, 2 * BURST) == BURST - 10


def test_a_small_socket_buffer_loses_nothing(wire: Wire) -> None:
    import socket

    def narrow(family: int, kind: int, protocol: int) -> socket.socket:
        return wire.namespace.open(family, kind, protocol)

    with wire.namespace.sniff(wire.near, timeout_s=20, count=2000) as sniffer:
        with open_sender(wire.far, opener=narrow, method="sendmmsg") as sender:
            sender._path._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # type: ignore[attr-defined]
            made = frames(2000)
            assert sender.send(batch_of_octets(made, ETHERNET)) == 2000
        assert [packet.octets for packet in sniffer] == made


@pytest.mark.parametrize("method", METHODS)
def test_an_interface_that_goes_down_ends_it_with_the_counts(wire: Wire, method: Method) -> None:
    batch = batch_of_octets(frames(100), ETHERNET)
    with opened(wire, method) as sender:
        assert sender.send(batch) == 100
        wire.namespace.ip(f"link set {wire.far} down")
        with pytest.raises(InterfaceDown, match=f"{wire.far}.*(is down|was removed)"):
            sender.send(batch)
        with pytest.raises(InterfaceDown):
            sender.send_one(frames(1)[0])
    assert (sender.sent, sender.refused) == (100, 0)
    with pytest.raises(InterfaceDown, match=f"sudo ip link set {wire.far} up"):
        open_sender(wire.far, opener=wire.namespace.open)


@pytest.mark.parametrize("method", METHODS)
def test_what_a_cable_without_an_end_drops_is_refused(wire: Wire, method: Method) -> None:
    made = frames(700)
    with opened(wire, method) as sender:
        assert sender.send(batch_of_octets(made, ETHERNET)) == 700
        wire.namespace.ip(f"link set {wire.near} down")
        assert sender.send(batch_of_octets(made, ETHERNET)) == 0
        assert (sender.sent, sender.refused) == (700, 700)
        assert sender.reasons == {errno.ENOBUFS: 700}
        wire.namespace.ip(f"link set {wire.near} up")
        assert sender.send(batch_of_octets(made, ETHERNET)) == 700
    assert (sender.sent, sender.octets) == (1400, 2 * sum(map(len, made)))


@pytest.mark.parametrize("method", METHODS)
def test_an_interface_that_is_removed_ends_it(wire: Wire, method: Method) -> None:
    batch = batch_of_octets(frames(100), ETHERNET)
    with opened(wire, method) as sender:
        assert sender.send(batch) == 100
        wire.namespace.ip(f"link del {wire.far}")
        with pytest.raises(InterfaceDown):
            sender.send(batch)


def test_several_senders_share_an_interface(wire: Wire) -> None:
    made = frames(600)
    with wire.namespace.sniff(wire.near, timeout_s=20, count=600) as sniffer:
        with opened(wire, "auto") as one, opened(wire, "auto") as other:
            for sender, part in ((one, made[:300]), (other, made[300:])):
                assert sender.send(batch_of_octets(part, ETHERNET)) == 300
        assert [packet.octets for packet in sniffer] == made


def ip_packets(count: int) -> list[bytes]:
    """IPv4 and IPv6 packets to this host, in runs of each."""
    made = []
    for number, version in zip(range(count), itertools.cycle((4, 4, 6, 4, 6, 6)), strict=False):
        payload = UDP(srcport=1000 + number, dstport=9) / (b"x" * (number % 50))
        if version == 4:
            head = IPv4(src="10.9.0.1", dst=f"127.0.0.{number % 9 + 1}", id=number + 1)
            made.append(bytes(head / payload))
        else:
            made.append(bytes(IPv6(src="::1", dst="::1") / payload))
    return made


@pytest.fixture
def with_ipv6(namespace: Namespace) -> Namespace:
    """A namespace whose `lo` has ::1."""
    from pathlib import Path

    switch = Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6")
    if not switch.exists():
        pytest.skip("the kernel has no IPv6")
    namespace.run(lambda: switch.write_text("0"))
    return namespace


@pytest.mark.parametrize("interface", [None, "lo"])
def test_ip_packets_arrive_by_route(with_ipv6: Namespace, interface: str | None) -> None:
    sent = ip_packets(500)
    with with_ipv6.sniff("lo", timeout_s=20, count=len(sent), filter="udp") as sniffer:
        with open_sender(interface, level="ip", opener=with_ipv6.open) as sender:
            assert sender.send(batch_of_octets(sent[:-2], RAW)) == len(sent) - 2
            assert all(map(sender.send_one, sent[-2:]))
        received = [packet.octets[14:] for packet in sniffer]
    assert received == sent
    assert (sender.sent, sender.refused) == (len(sent), 0)


def test_ip_packets_that_cannot_go_are_refused(with_ipv6: Namespace) -> None:
    good = ip_packets(3)
    nowhere = bytes(IPv4(src="10.9.0.1", dst="203.0.113.1") / UDP(dstport=9))
    bad = [b"", b"\x45", bytes(30), b"\x60" + bytes(30), nowhere]
    with open_sender(opener=with_ipv6.open) as sender:
        assert sender.send(batch_of_octets([good[0], *bad, *good[1:]], RAW)) == 3
        assert not any(map(sender.send_one, bad))
    assert sender.reasons == {errno.EINVAL: 8, errno.ENETUNREACH: 2}


def test_a_packet_larger_than_the_mtu_is_refused(wire: Wire) -> None:
    wire.namespace.ip(f"address add 10.8.0.1/24 dev {wire.far}")
    wire.namespace.ip(f"neighbour add 10.8.0.2 lladdr 02:00:00:00:00:09 dev {wire.far}")
    large = bytes(IPv4(src="10.8.0.1", dst="10.8.0.2") / UDP(dstport=9) / bytes(1500))
    fits = bytes(IPv4(src="10.8.0.1", dst="10.8.0.2", id=7) / UDP(dstport=9) / bytes(1400))
    with wire.namespace.sniff(wire.near, timeout_s=20, count=1) as sniffer:
        with open_sender(opener=wire.namespace.open) as sender:
            assert sender.send(batch_of_octets([large, fits], RAW)) == 1
        assert [packet.octets[14:] for packet in sniffer] == [fits]
    assert sender.reasons == {errno.EMSGSIZE: 1}


def test_packets_of_another_link_type_are_refused_with_a_remedy(wire: Wire) -> None:
    packet = built([IPv4(dst="127.0.0.1") / UDP(dstport=9)])
    frame = built([Ethernet() / IPv4(dst="127.0.0.1") / UDP(dstport=9)])
    with opened(wire, "auto") as sender, pytest.raises(WrongLinkType, match="level ip"):
        sender.send(packet)
    with (open_sender(opener=wire.namespace.open) as sender,
          pytest.raises(WrongLinkType, match="name the interface")):
        sender.send(frame)


WRONG = [
    ({"level": "link"}, ValueError, "needs an interface"),
    ({"interface": "any"}, ValueError, "one interface"),
    ({"interface": "nope"}, NoSuchInterface, "nope"),
    ({"interface": "nope", "level": "ip"}, NoSuchInterface, "nope"),
    ({"level": "frame"}, ValueError, "link or ip"),
    ({"method": "ring"}, ValueError, "auto, sendmmsg or xdp"),
]


@pytest.mark.parametrize(("given", "kind", "says"), WRONG, ids=str)
def test_wrong_ways_to_open_are_told(
    namespace: Namespace, given: dict[str, str], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        open_sender(opener=namespace.open, **given)  # type: ignore[arg-type]


def test_an_empty_batch_sends_nothing(wire: Wire) -> None:
    empty: Batch = batch_of_octets([], ETHERNET)
    with opened(wire, "auto") as sender:
        assert sender.send(empty) == 0
