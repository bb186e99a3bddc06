"""Packets shared among workers: none twice, none lost, flows together, counts summed."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter

import pytest

from capture.frames import contents, frame
from capture.namespaces import Namespace, Wire
from rawlab.capture import CaptureError, Counts, RingSettings, Sniffer, Workers

FLOWS = 40
EACH = 50
FIRST_PORT = 20_000


def _send(namespace: Namespace) -> list[bytes]:
    """Datagrams of many flows on lo; what they say."""
    sent = []
    with namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(EACH):
            for flow in range(FLOWS):
                sent.append(b"%d of %d" % (number, flow))
                sender.sendto(sent[-1], ("127.0.0.1", FIRST_PORT + flow))
    return sent


def _settings(namespace: Namespace) -> RingSettings:
    return RingSettings(
        filter=f"udp dst portrange {FIRST_PORT}-{FIRST_PORT + FLOWS}", opener=namespace.open
    )


@pytest.mark.parametrize("number", [1, 2, 5])
@pytest.mark.parametrize("interface", ["lo", "any"])
def test_every_packet_comes_to_one_worker(
    namespace: Namespace, number: int, interface: str
) -> None:
    given: dict[int, list[bytes]] = {}
    with Workers(interface, number, settings=_settings(namespace)) as workers:
        sent = _send(namespace)
        workers.finish()

        def work(sniffer: Sniffer) -> None:
            given[id(sniffer)] = [packet.payload for packet in sniffer]

        workers.run(work)
        counts = [sniffer.counts for sniffer in workers]
        assert workers.counts == sum(counts, Counts())
        assert workers.interface_counts == {interface: workers.counts}
    assert len(given) == number
    assert Counter(said for one in given.values() for said in one) == Counter(sent)
    assert workers.counts.captured == len(sent)
    assert workers.counts.dropped == 0
    if number > 1:
        assert sum(bool(one.captured) for one in counts) > 1, "it was shared"
    for one in given.values():
        for flow in range(FLOWS):
            mine = [said for said in one if said.endswith(b" of %d" % flow)]
            assert mine in ([], [b"%d of %d" % (n, flow) for n in range(EACH)]), (
                "a flow goes to one worker, in order"
            )


def test_two_interfaces(two_wires: tuple[Wire, Wire]) -> None:
    names = [wire.near for wire in two_wires]
    settings = RingSettings(opener=two_wires[0].namespace.open)
    with (
        Workers(names, 2, settings=settings) as workers,
        two_wires[0].sender() as one,
        two_wires[1].sender() as two,
    ):
        for number in range(30):
            (one, two)[number % 2].send(frame(number))
        workers.finish()
        seen = [
            packet for sniffer in workers for b in sniffer.batches() for packet in contents(b)
        ]
        by_interface = workers.interface_counts
    for place, name in enumerate(names):
        mine = sorted(packet.octets for packet in seen if packet.interface == name)
        assert mine == sorted(frame(number) for number in range(place, 30, 2))
        assert by_interface[name].captured == 15


def test_a_full_worker_lets_another_have_it(namespace: Namespace) -> None:
    """All of one flow, more than one ring holds."""
    sent = 6000
    settings = RingSettings(
        buffer_octets=1 << 19, block_octets=1 << 17, filter="udp", opener=namespace.open
    )
    with (
        Workers("lo", 4, settings=settings) as workers,
        namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        for number in range(sent):
            sender.sendto(b"%d" % number, ("127.0.0.1", FIRST_PORT))
        counts = [sniffer.counts for sniffer in workers]
    assert sum(one.received > 0 for one in counts) > 1
    assert sum(one.received - one.dropped for one in counts) > max(
        one.received - one.dropped for one in counts
    )


def test_what_a_worker_raises_ends_all_and_is_raised(namespace: Namespace) -> None:
    ended = []

    def work(sniffer: Sniffer) -> None:
        for _ in sniffer:
            raise KeyError("mine")
        ended.append(sniffer)

    with Workers("lo", 3, settings=_settings(namespace)) as workers:
        with namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"one", ("127.0.0.1", FIRST_PORT))
        with pytest.raises(KeyError, match="mine") as caught:
            workers.run(work)
    assert caught.traceback[-1].name == "work"
    assert len(ended) == 2


def test_stop_from_another_thread(namespace: Namespace) -> None:
    with Workers("lo", 2, settings=_settings(namespace)) as workers:
        threading.Timer(0.1, workers.stop).start()
        workers.run(lambda sniffer: [list(sniffer.batches())])


def test_an_interface_that_is_down(wire: Wire) -> None:
    """It is waited for; old kernels cannot share it, and it says so."""
    wire.namespace.ip(f"link set {wire.near} down")
    settings = RingSettings(opener=wire.namespace.open)
    try:
        workers = Workers(wire.near, 2, settings=settings)
    except CaptureError as error:
        told = str(error)
        pytest.skip(f"this kernel shares no interface that is down: {told}")
    with workers, wire.sender() as sender:
        wire.namespace.ip(f"link set {wire.near} up")
        for number in range(1000):
            sender.send(frame(number))
            if workers.counts.received:
                break
            time.sleep(0.01)
        assert workers.counts.received > 0


def test_no_worker() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Workers("lo", 0)
