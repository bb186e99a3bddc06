"""What is lost is counted, and how soon a packet is seen."""

from __future__ import annotations

import statistics
import time

from capture.frames import arrived, contents, frame
from capture.namespaces import Wire
from rawlab.capture import RingSettings, Sniffer, sniff


def test_under_overload_all_packets_are_accounted_for(wire: Wire) -> None:
    settings = RingSettings(
        buffer_octets=1 << 19, block_octets=1 << 17, opener=wire.namespace.open
    )
    sent = 20_000
    with Sniffer(wire.near, settings=settings) as sniffer, wire.sender() as sender:
        for number in range(sent):
            sender.send(frame(number))
        seen = arrived(sniffer)
        counts = sniffer.counts
    assert counts.received == sent
    assert counts.captured == len(seen)
    assert counts.captured + counts.dropped == sent
    assert counts.unread == 0
    assert counts.dropped > 0, "four blocks of 128 KiB cannot hold 20,000 packets"
    assert counts.frozen > 0
    assert [packet.octets for packet in seen] == [frame(number) for number in range(len(seen))]
    assert sniffer.counts == counts, "counts stay after close"


def test_after_overload_it_goes_on(wire: Wire) -> None:
    settings = RingSettings(
        buffer_octets=1 << 19, block_octets=1 << 17, opener=wire.namespace.open
    )
    with Sniffer(wire.near, settings=settings) as sniffer, wire.sender() as sender:
        for number in range(20_000):
            sender.send(frame(number))
        batches = sniffer.batches()
        while sniffer.counts.unread:
            next(batches)
        dropped = sniffer.counts.dropped
        for number in range(50):
            sender.send(frame(number))
        seen = arrived(sniffer)
        assert [packet.octets for packet in seen] == [frame(number) for number in range(50)]
        assert sniffer.counts.dropped == dropped


def test_a_packet_is_seen_within_milliseconds(wire: Wire) -> None:
    delays_ms = []
    with sniff(wire.near, opener=wire.namespace.open) as sniffer, wire.sender() as sender:
        batches = sniffer.batches()
        for number in range(60):
            time.sleep(0.003 + number % 7 * 0.001)
            begun = time.monotonic()
            sender.send(frame(number))
            assert contents(next(batches))[0].octets == frame(number)
            delays_ms.append((time.monotonic() - begun) * 1000)
    assert statistics.median(delays_ms) < 20
