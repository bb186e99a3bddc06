"""`rawlab.send` from end to end."""

from __future__ import annotations

import threading
import time

import pytest

import rawlab
from capture.namespaces import Wire
from dissectors import UDP, Ethernet, IPv4
from rawlab.inject import open_sender
from rawlab.inject.batching import batches_of
from rawlab.inject.rate import Limits
from rawlab.inject.repeating import repeated
from rawlab.inject.sending import Sending

PACKET = IPv4(src="10.9.0.1", dst="127.0.0.1") / UDP(srcport=1, dstport=9) / b"x"
FRAME = Ethernet() / PACKET


@pytest.mark.parametrize("bypass", [True, False])
def test_the_first_header_says_how_it_leaves(wire: Wire, bypass: bool) -> None:
    inside = wire.namespace
    with inside.sniff(wire.near, timeout_s=20, count=1500) as sniffer:
        done = rawlab.send(FRAME, wire.far, count=1500, opener=inside.open, bypass=bypass)
        assert {packet.octets for packet in sniffer} == {bytes(FRAME)}
    assert (done.sent, done.refused, done.octets) == (1500, 0, 1500 * len(FRAME))
    with inside.sniff("lo", timeout_s=20, count=3) as sniffer:
        assert rawlab.send([PACKET, PACKET, PACKET], opener=inside.open).sent == 3
        for packet in sniffer:  # the kernel gives a number to what has none
            assert packet.octets[14:] == bytes(packet.edit(ip={"id": packet.ip.id}))[14:]
            assert bytes(packet.edit(ip={"id": 0}))[14:] == bytes(PACKET)


def test_refusals_are_counted_by_reason(wire: Wire) -> None:
    large = Ethernet(type=0x88B5) / bytes(1600)
    done = rawlab.send([FRAME, large, FRAME], wire.far, opener=wire.namespace.open)
    assert (done.sent, done.refused, done.reasons) == (2, 1, {"Message too long": 1})


def test_a_frame_without_an_interface_is_an_error(wire: Wire) -> None:
    with pytest.raises(ValueError, match="interface"):
        rawlab.send(FRAME, opener=wire.namespace.open)


def test_a_rate_is_kept(wire: Wire) -> None:
    began = time.monotonic()
    done = rawlab.send(FRAME, wire.far, count=101, rate_pps=500, opener=wire.namespace.open)
    assert done.sent == 101
    assert time.monotonic() - began >= 0.2  # never sooner; later, as the machine likes
    assert done.seconds >= 0.199


def test_a_stop_ends_a_long_wait_and_an_endless_loop(wire: Wire) -> None:
    for limits in (Limits(pps=0.001), Limits()):
        with open_sender(wire.far, opener=wire.namespace.open) as sender:
            sending = Sending(sender, limits)
            threading.Timer(0.1, sending.stop).start()
            done = sending.run(repeated(FRAME, None, 0))
        assert done.sent >= 1
        assert done.refused == 0


def test_what_is_captured_can_be_sent_on(wire: Wire) -> None:
    inside = wire.namespace
    with inside.sniff(wire.near, timeout_s=20, count=50) as sniffer:
        rawlab.send(FRAME, wire.far, count=50, opener=inside.open)
        caught = list(sniffer)
    with inside.sniff(wire.far, timeout_s=20, count=50) as back:
        with open_sender(wire.near, opener=inside.open) as sender:
            assert sum(map(sender.send, batches_of(caught))) == 50
        assert [packet.octets for packet in back] == [packet.octets for packet in caught]
