"""What is particular to capturing by libpcap; the rest is tested with the ring's tests."""

from __future__ import annotations

import socket
import time

import pytest

from capture.frames import arrived, contents, frame, tag
from capture.namespaces import Namespace, Wire
from rawlab.batch import Interface
from rawlab.capture import CaptureError, Counts, InterfaceRemoved, RingSettings, sniff
from rawlab.capture.libpcap import PcapSource
from rawlab.capture.pcap_feed import ThreadFeed
from rawlab.capture.settings import Backend


@pytest.fixture
def backend() -> Backend:
    return "libpcap"


def test_any_names_the_interface_of_each_packet(two_wires: tuple[Wire, Wire]) -> None:
    first, second = two_wires
    with (
        first.namespace.sniff("any", direction="in") as sniffer,
        first.sender() as one,
        second.sender() as two,
    ):
        one.send(frame(1))
        two.send(frame(2))
        one.send(frame(3))
        seen = arrived(sniffer)
    assert [packet.interface for packet in seen] == [first.near, second.near, first.near]
    assert {packet.linktype for packet in seen} == {276}


def test_the_link_type_can_be_chosen(namespace: Namespace) -> None:
    with namespace.sniff("any", linktype=113) as sniffer:
        assert [interface.linktype for interface in sniffer.interfaces] == [113]
    told = "packets of lo as LINUX_SLL; link types of lo there: EN10MB"
    with pytest.raises(ValueError, match=told):
        namespace.sniff("lo", linktype=113)


@pytest.mark.parametrize("expression", ["vlan 5", "not vlan", "inbound"])
def test_filters_of_what_lies_beside_the_packet_are_refused(wire: Wire, expression: str) -> None:
    with pytest.raises(ValueError, match="the capture ring can"):
        wire.namespace.sniff(wire.near, filter=expression)


def test_tags_are_put_back(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        sender.send(frame(1, tags=tag(5)))
        assert [packet.octets for packet in arrived(sniffer)] == [frame(1, tags=tag(5))]


def test_an_interface_that_is_down_is_refused(wire: Wire) -> None:
    wire.namespace.ip(f"link set {wire.near} down")
    with pytest.raises(CaptureError) as raised:
        wire.namespace.sniff(wire.near)
    assert str(raised.value) == (
        f"cannot capture on {wire.near}: it is down; switch it on (ip link set {wire.near} up)"
    )


def test_an_interface_that_is_removed_ends_with_a_clear_line(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer:
        batches = sniffer.batches()
        with wire.sender() as sender:
            sender.send(frame(1))
        assert [packet.octets for packet in contents(next(batches))] == [frame(1)]
        wire.namespace.ip(f"link del {wire.near}")
        with pytest.raises(InterfaceRemoved, match=wire.near):
            next(batches)
        assert sniffer.counts == Counts(captured=1, received=1)


def test_a_socket_opener_is_refused(namespace: Namespace) -> None:
    with pytest.raises(ValueError, match="opener"):
        sniff("lo", backend="libpcap", opener=namespace.open)


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(ValueError, match="backend must be auto, ring or libpcap, not 'pcap'"):
        RingSettings(backend="pcap")  # type: ignore[arg-type]


@pytest.fixture
def source(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> PcapSource:
    """A source that waits as on systems whose handles have no descriptor."""
    monkeypatch.setattr("rawlab.capture.pcap_feed.PolledFeed", None)
    monkeypatch.setattr("rawlab.capture.pcap_feed.sys.platform", "win32")
    interfaces: list[Interface] = []
    settings = RingSettings(backend="libpcap", buffer_octets=1 << 22)
    made = wire.namespace.run(lambda: PcapSource(wire.near, settings, interfaces))
    assert isinstance(made._feed, ThreadFeed)
    return made


def test_a_thread_waits_where_a_handle_has_no_descriptor(source: PcapSource, wire: Wire) -> None:
    sizes = [60, 1500, 60, 300] * 50
    with wire.sender() as sender:
        for number, size in enumerate(sizes):
            sender.send(frame(number, size))
    found: list[bytes] = []
    until = time.monotonic() + 10
    while len(found) < len(sizes) and time.monotonic() < until:
        taken = source.take()
        if taken is None:
            time.sleep(0.001)
            continue
        octets, index, count = taken
        cells = index.tolist()
        found += [bytes(octets[at : at + size]) for at, size in zip(*cells[:2], strict=True)]
        assert cells[0][count:] == []
        source.captured += count
    assert found == [frame(number, size) for number, size in enumerate(sizes)]
    assert source.counts == Counts(captured=len(sizes), received=len(sizes))
    started = time.monotonic()
    source.close()
    source.close()
    assert time.monotonic() < started + 5
    assert source.take() is None


def test_the_thread_wakes_who_waits(source: PcapSource, wire: Wire) -> None:
    import select

    assert select.select([source.fileno()], [], [], 0)[0] == []
    with wire.sender() as sender:
        sender.send(frame(1))
    assert select.select([source.fileno()], [], [], 10)[0] == [source.fileno()]
    assert source.take() is not None
    assert select.select([source.fileno()], [], [], 0)[0] == []
    source.close()


def test_the_backends_tell_the_same_time() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
        speaker.bind(("127.0.0.1", 0))
        port = speaker.getsockname()[1]
        chosen = f"udp port {port}"
        try:
            ring = sniff("lo", filter=chosen)
        except PermissionError:
            pytest.skip("a packet socket cannot be opened: CAP_NET_RAW is missing")
        with ring, sniff("lo", filter=chosen, backend="libpcap") as libpcap:
            speaker.sendto(b"x", ("127.0.0.1", port))
            (one,), (other,) = arrived(ring), arrived(libpcap)
    assert one.octets == other.octets
    assert abs(one.time_ns - other.time_ns) < 1_000_000
