"""`rawlab.replay`: what arrives is what was recorded, in its order, at its pace."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rawlab
from capture.namespaces import Wire, add_wire
from dissectors import ARP, TCP, UDP, Ethernet, IPv4
from inject.replays import MS, Listener, recorded
from rawlab.inject.errors import SendNotPermitted
from rawlab.inject.replay import opened
from rawlab.inject.schedule import Pace
from rawlab.inject.selecting import Selecting

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"


def udp(number: int, srcport: int = 5000, dstport: int = 53) -> bytes:
    return bytes(Ethernet(src=A, dst=B) / IPv4(src="10.1.0.1", dst="10.2.0.2")
                 / UDP(srcport=srcport, dstport=dstport) / bytes([number] * 30))


@pytest.fixture
def listener(wire: Wire) -> Iterator[Listener]:
    made = Listener(wire.namespace, wire.near)
    yield made
    made.close()


def seconds_for(wire: Wire, times_ms: list[float], **how: object) -> float:
    batch = recorded([udp(n) for n in range(len(times_ms))], *times_ms)
    done = rawlab.replay(batch, wire.far, opener=wire.namespace.open, **how)  # type: ignore[arg-type]
    assert done.sent == len(times_ms)
    assert len(done.errors_ns) in (0, done.sent)
    return done.seconds


def test_packets_leave_in_their_order_and_time(wire: Wire, listener: Listener) -> None:
    packets = [udp(n) for n in range(10)]
    batch = recorded(packets, *range(0, 200, 20))
    done = rawlab.replay(batch, interface=wire.far, opener=wire.namespace.open)
    assert listener.frames() == packets
    assert 0.18 <= done.seconds < 0.4
    assert (done.sent, done.refused, done.skipped, done.octets) == (10, 0, 0, 10 * len(packets[0]))
    assert (done.errors_ns > -MS).all()
    assert done.punctual.worst_ns == abs(done.errors_ns).max()
    assert done.sent_by == {wire.far: 10}


@pytest.mark.parametrize(("how", "least_s"), [
    ({"speed": 2.0}, 0.2), ({"speed": 0.5}, 0.8), ({"rate_pps": 20}, 0.2),
    ({"rate_bps": 8 * 72 * 10}, 0.4), ({"max_gap_s": 0.05}, 0.2), ({"topspeed": True}, 0.0),
], ids=str)
def test_the_pace_is_what_is_asked_for(wire: Wire, how: dict[str, float], least_s: float) -> None:
    taken_s = seconds_for(wire, [0, 100, 200, 300, 400], **how)
    assert least_s <= taken_s < least_s + 0.4


def test_times_that_go_back_delay_nothing(wire: Wire, listener: Listener) -> None:
    assert seconds_for(wire, [0, 50, 10, 20, 60]) < 0.3
    assert [frame[42] for frame in listener.frames()] == [0, 1, 2, 3, 4]


def test_packets_that_are_due_together_leave_together(wire: Wire, listener: Listener) -> None:
    packets = [udp(n % 200) for n in range(3000)]
    done = rawlab.replay(recorded(packets), wire.far, opener=wire.namespace.open)
    assert done.sent == 3000
    assert listener.frames() == packets


def test_a_file_goes_through_filters_and_loops(
    wire: Wire, listener: Listener, tmp_path: Path
) -> None:
    packets = [udp(1), udp(2, dstport=99), udp(3, srcport=7), udp(4, dstport=99, srcport=7)]
    path = tmp_path / "x.pcapng"
    rawlab.write(path, recorded(packets, 0, 1, 2, 3))
    done = rawlab.replay(path, wire.far, loop=3, filter="udp dst port 99",
                         where="udp.srcport == 7", opener=wire.namespace.open)
    assert done.sent == 3
    assert listener.frames() == [packets[3]] * 3


def test_a_loop_goes_on_at_the_same_pace(wire: Wire) -> None:
    batch = recorded([udp(n) for n in range(5)], 0, 20, 40, 60, 80)
    done = rawlab.replay(batch, wire.far, loop=3, opener=wire.namespace.open)
    assert done.sent == 15
    assert 0.28 <= done.seconds < 0.6


def test_an_iterator_that_is_too_short_for_a_loop_is_an_error(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rawlab.inject.selecting.HELD_OCTETS", 10)
    with pytest.raises(ValueError, match="come only once"):
        rawlab.replay(iter([recorded([udp(1)])]), wire.far, loop=2, opener=wire.namespace.open)


def test_stopping_ends_a_long_wait_at_once(wire: Wire) -> None:
    batch = recorded([udp(1), udp(2)], 0, 3_600_000)
    selecting = Selecting(batch)
    with opened(selecting.batches, [wire.far], Pace(), opener=wire.namespace.open) as playing:
        threading.Timer(0.1, playing.stop).start()
        began = time.monotonic()
        done = playing.run()
    assert time.monotonic() - began < 5
    assert (done.sent, done.refused) == (1, 0)


@pytest.mark.parametrize(("late", "sent", "least_s"), [
    ("catch-up", 6, 0.5), ("skip", 4, 0.5), ("shift", 6, 0.8),
])
def test_after_a_stall(wire: Wire, late: str, sent: int, least_s: float) -> None:
    """A look that takes 450 ms holds up the packets of 100 to 400 ms."""
    batch = recorded([udp(n) for n in range(6)], 0, 100, 200, 300, 400, 500)
    stalls = iter([0.45])
    selecting = Selecting(batch)
    pace = Pace(late=late)  # type: ignore[arg-type]
    with opened(selecting.batches, [wire.far], pace, opener=wire.namespace.open) as playing:
        done = playing.run(lambda _: time.sleep(next(stalls, 0)) if playing.sent == 1 else None)
    assert done.sent <= sent if late == "skip" else done.sent == sent
    assert done.sent + done.skipped == 6
    assert (done.skipped > 0) == (late == "skip")
    assert done.seconds >= least_s


def test_refused_packets_are_counted_and_the_rest_goes_on(wire: Wire, listener: Listener) -> None:
    packets = [udp(1), bytes(Ethernet(type=0x88B5) / bytes(3000)), udp(2)]
    done = rawlab.replay(recorded(packets, 0, 1, 2), wire.far, opener=wire.namespace.open)
    assert (done.sent, done.refused, done.reasons) == (2, 1, {"Message too long": 1})
    assert len(done.errors_ns) == 2
    assert listener.frames() == [packets[0], packets[2]]


def test_packets_that_were_cut_are_counted(wire: Wire, listener: Listener) -> None:
    packet = rawlab.Packet(udp(1), length=1000)
    done = rawlab.replay([packet], wire.far, opener=wire.namespace.open)
    assert (done.sent, done.cut) == (1, 1)
    assert listener.frames() == [udp(1)]


def test_clients_and_servers_leave_by_their_own_interfaces(wire: Wire) -> None:
    inside = wire.namespace
    other = add_wire(inside)
    ask = Ethernet(src=A, dst=B) / IPv4(src="10.1.0.1", dst="10.2.0.2")
    tell = Ethernet(src=B, dst=A) / IPv4(src="10.2.0.2", dst="10.1.0.1")
    client = [bytes(p) for p in (
        ask / TCP(srcport=40, dstport=50000, flags="S"), ask / UDP(srcport=4000, dstport=53) / b"q",
        Ethernet(src=A) / ARP(src__hw_mac=A, dst__proto_ipv4="10.2.0.2"),
    )]
    server = [bytes(p) for p in (
        tell / TCP(srcport=50000, dstport=40, flags="SA"), tell / UDP(srcport=53, dstport=4000),
        Ethernet(src=B) / ARP(src__hw_mac=B, dst__proto_ipv4="10.1.0.1"),
    )]
    packets = [client[0], server[0], server[1], client[1], client[2], server[2]]
    near, far = Listener(inside, wire.near), Listener(inside, other.near)
    done = rawlab.replay(recorded(packets, *range(6)), wire.far, server_interface=other.far,
                         opener=inside.open)
    assert (near.frames(), far.frames()) == (client, server)
    assert done.sent_by == {wire.far: 3, other.far: 3}
    done = rawlab.replay(recorded(packets, *range(6)), wire.far, server_interface=other.far,
                         clients=["10.2.0.0/16"], opener=inside.open)
    assert near.frames() == [server[0], server[1], server[2]]
    assert far.frames() == [client[0], client[1], client[2]]


def test_what_does_not_go_together_is_an_error(wire: Wire) -> None:
    for how in ({"speed": 2.0, "rate_pps": 5.0}, {"speed": 0.0}, {"late": "x"}, {"loop": -1},
                {"clients": ["10.0.0.1"]}, {"clients": ["x"], "server_interface": wire.near},
                {"max_gap_s": -1.0}, {"filter": "udp and and"}):
        with pytest.raises(ValueError):
            rawlab.replay(recorded([udp(1)]), wire.far, opener=wire.namespace.open,
                          **how)  # type: ignore[arg-type]


def test_packets_of_another_link_type_are_an_error(wire: Wire) -> None:
    packet = rawlab.Packet(udp(1)[14:], linktype=101)
    with pytest.raises(ValueError, match="the packets are"):
        rawlab.replay([packet], wire.far, opener=wire.namespace.open)


def test_changes_by_a_function(wire: Wire, listener: Listener) -> None:
    def change(packet: rawlab.Packet) -> object:
        if packet.udp.dstport == 99:
            return None
        return packet.edit(ip={"ttl": 7}) if packet.udp.dstport == 53 else b"x"

    batch = recorded([udp(1), udp(2, dstport=99), udp(3)], 0, 20, 40)
    done = rawlab.replay(batch, wire.far, change=change,  # type: ignore[arg-type]
                         opener=wire.namespace.open)
    assert done.sent == 2
    assert done.seconds * 1e9 >= 40 * MS
    found = [rawlab.Packet(frame) for frame in listener.frames()]
    assert [packet.ip.ttl for packet in found] == [7, 7]
    assert [packet.octets[42] for packet in found] == [1, 3]
    assert all(one.status == 1 for packet in found for one in packet.checksums)
    with pytest.raises(TypeError, match="change gave bytes"):
        rawlab.replay(recorded([udp(1, dstport=7)]), wire.far, change=change,  # type: ignore[arg-type]
                      opener=wire.namespace.open)


def test_before_all_other_processes(wire: Wire, listener: Listener) -> None:
    before = os.sched_getscheduler(0)
    batch = recorded([udp(n) for n in range(5)], *range(0, 25, 5))
    try:
        done = rawlab.replay(batch, wire.far, realtime=True, opener=wire.namespace.open)
    except SendNotPermitted as problem:
        pytest.skip(str(problem))
    assert done.sent == 5
    assert os.sched_getscheduler(0) == before
