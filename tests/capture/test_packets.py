"""Packets one by one, for `for` and `async for`; what is lent, and what is kept."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from capture.frames import arrived, contents, frame, tag
from capture.namespaces import Wire, both_backends
from rawlab.capture import RingSettings, Sniffer


@both_backends
def test_packets_own_their_octets(wire: Wire) -> None:
    sent = [frame(number, 60 + number, tag(5) if number % 2 else b"") for number in range(300)]
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        for octets in sent:
            sender.send(octets)
        sniffer.finish()
        packets = list(sniffer)
    assert [packet.octets for packet in packets] == sent
    assert [packet.number for packet in packets] == list(range(1, 301))
    assert {packet.interface.name for packet in packets} == {wire.near}
    assert sniffer.counts.captured == 300


@both_backends
def test_a_loop_that_is_left_can_be_taken_up_again(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        for number in range(10):
            sender.send(frame(number))
        sniffer.finish()
        first = next(iter(sniffer))
        second = next(iter(sniffer))
        assert [first.octets, second.octets] == [frame(0), frame(1)]
        for third in sniffer:
            assert third.octets == frame(2)
            break
        assert sniffer.counts.captured == 3
        assert sniffer.counts.unread == 7
        assert [packet.octets for packet in arrived(sniffer)] == [frame(n) for n in range(3, 10)]


@both_backends
def test_count_of_packets(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near, count=3) as sniffer, wire.sender() as sender:
        for number in range(10):
            sender.send(frame(number))
        assert [packet.octets for packet in sniffer] == [frame(0), frame(1), frame(2)]
        assert sniffer.counts.captured == 3


def test_a_slow_reader_loses_nothing_that_fits_the_buffer(wire: Wire) -> None:
    """The ring alone would hold a fifth of it: each of its 4 blocks ends after 40 ms.

    So long, since who empties it may have to wait for a processor.
    """
    settings = RingSettings(
        latency_ms=40, buffer_octets=1 << 20, block_octets=1 << 18, opener=wire.namespace.open
    )
    with Sniffer(wire.near, settings=settings) as sniffer, wire.sender() as sender:
        for number in range(18):
            sender.send(frame(number))
            if number % 3 == 0:
                next(iter(sniffer))
            time.sleep(0.045)
        sniffer.finish()
        rest = list(sniffer)
        assert len(rest) == 12
        assert sniffer.counts.dropped == 0


@both_backends
async def test_async_for(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near, count=20) as sniffer, wire.sender() as sender:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                sender.send(frame(ticks))
                ticks += 1

        ticking = asyncio.create_task(tick())
        seen = [packet.octets async for packet in sniffer]
        ticking.cancel()
    assert seen == [frame(number) for number in range(20)]


@both_backends
async def test_async_for_stops_at_once(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer:
        at = time.monotonic() + 0.1
        threading.Timer(0.1, sniffer.stop).start()
        assert [packet async for packet in sniffer] == []
    assert time.monotonic() - at < 0.5


@both_backends
async def test_async_for_ends_in_time(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near, timeout_s=0.1) as sniffer:
        begun = time.monotonic()
        assert [packet async for packet in sniffer] == []
    assert 0.1 <= time.monotonic() - begun < 2


def test_a_kept_batch_stays_when_the_ring_has_gone_round(wire: Wire) -> None:
    settings = RingSettings(
        latency_ms=1, buffer_octets=1 << 19, block_octets=1 << 17, opener=wire.namespace.open
    )
    kept, sent = [], []
    with Sniffer(wire.near, settings=settings) as sniffer, wire.sender() as sender:
        batches = sniffer.batches()
        for round_ in range(12):
            for number in range(round_ * 20, round_ * 20 + 20):
                sent.append(frame(number, tags=tag(7)))
                sender.send(sent[-1])
            kept.append(next(batches).keep())
        sniffer.finish()
        kept += [batch.keep() for batch in batches]
    assert [packet.octets for batch in kept for packet in contents(batch)] == sent


@both_backends
def test_a_lent_batch_cannot_be_read_after_the_next_step(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        batches = sniffer.batches()
        sender.send(frame(1))
        lent = next(batches)
        assert contents(lent)[0].octets == frame(1)
        with pytest.raises(TypeError):
            lent.octets[0] = 1  # type: ignore[index]
        sender.send(frame(2))
        next(batches)
        with pytest.raises(ValueError, match="released"):
            contents(lent)


@both_backends
def test_a_view_that_outlives_the_capture_is_safe(wire: Wire) -> None:
    """The memory stays as long as somebody looks at it, whatever is in it by then."""
    sniffer = wire.namespace.sniff(wire.near)
    with wire.sender() as sender:
        sender.send(frame(1))
    batch = next(sniffer.batches())
    view = memoryview(batch.octets)[batch.offset[0] :][: batch.caplen[0]]
    sniffer.close()
    assert view == frame(1)
