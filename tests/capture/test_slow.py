"""A loop whose body is slow: the ring is emptied meanwhile; what is missed has its own count."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from capture.frames import EXPERIMENTAL, frame
from capture.namespaces import Wire
from rawlab.capture import Counts, RingSettings, Sniffer

SENT = 20_000
"""Frames: more than the small backlog and the small ring hold, fewer than the large ones do."""
SMALL_BACKLOG = RingSettings(block_octets=1 << 17, backlog_octets=1 << 19)
SMALL_RING = RingSettings(block_octets=1 << 17, buffer_octets=1 << 19)
ROOM = RingSettings()


def _with(settings: RingSettings, wire: Wire) -> RingSettings:
    return RingSettings(
        block_octets=settings.block_octets,
        buffer_octets=settings.buffer_octets,
        backlog_octets=settings.backlog_octets,
        opener=wire.namespace.open,
        filter=f"ether proto {EXPERIMENTAL}",
    )


def _wait(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it did not come to that within 10 s")


def _stall(sniffer: Sniffer, wire: Wire) -> None:
    """Send while the body of the loop stands still, until all that was sent was looked at."""
    before = sniffer.counts.received
    with wire.sender() as sender:
        for number in range(1, SENT):
            sender.send(frame(number))
    _wait(lambda: sniffer.counts.received == before + SENT - 1)
    time.sleep(0.05)  # the last block ends, and is read


def _check(counts: Counts, given: list[int]) -> None:
    assert counts.received == SENT
    assert counts.captured == len(given)
    assert counts.captured + counts.dropped + counts.missed == SENT
    assert counts.unread == 0


def _number(octets: bytes) -> int:
    return int.from_bytes(octets[14:18])


def test_a_stalled_body_misses_what_the_backlog_cannot_hold(wire: Wire) -> None:
    given = []
    with Sniffer(wire.near, settings=_with(SMALL_BACKLOG, wire)) as sniffer:
        with wire.sender() as sender:
            sender.send(frame(0))
        for packet in sniffer:
            given.append(_number(packet.octets))
            if packet.number == 1:
                _stall(sniffer, wire)
                sniffer.finish()
        _check(sniffer.counts, given)
    assert sniffer.counts.dropped == 0, "the kernel lost nothing: the ring was emptied"
    assert sniffer.counts.missed > 0
    assert given == sorted(set(given))
    assert given[:1000] == list(range(1000)), "the oldest are kept"


def test_a_stalled_body_misses_nothing_that_the_backlog_holds(wire: Wire) -> None:
    """A ring that is too small for it does not matter: it is emptied all the time."""
    given = []
    with Sniffer(wire.near, settings=_with(ROOM, wire)) as sniffer:
        with wire.sender() as sender:
            sender.send(frame(0))
        for packet in sniffer:
            given.append(_number(packet.octets))
            if packet.number == 1:
                _stall(sniffer, wire)
                sniffer.finish()
        _check(sniffer.counts, given)
    assert given == list(range(SENT))


def test_numbers_tell_where_packets_were_missed(wire: Wire) -> None:
    seen = []
    settings = _with(SMALL_BACKLOG, wire)
    with Sniffer(wire.near, settings=settings) as sniffer, wire.sender() as sender:
        sender.send(frame(0))
        for packet in sniffer:
            seen.append((packet.number, _number(packet.octets)))
            if packet.number == 1:
                _stall(sniffer, wire)
            elif len(seen) == SENT - sniffer.counts.missed:
                sender.send(frame(SENT))
                sniffer.finish()
    assert len(seen) < SENT
    assert seen[-1] == (SENT + 1, SENT)
    assert all(number == content + 1 for number, content in seen)


@pytest.mark.parametrize("blocking", [False, True], ids=["awaits", "blocks the event loop"])
async def test_a_stalled_async_body(wire: Wire, blocking: bool) -> None:
    given = []
    with Sniffer(wire.near, settings=_with(SMALL_BACKLOG, wire)) as sniffer:
        with wire.sender() as sender:
            sender.send(frame(0))
        async for packet in sniffer:
            given.append(_number(packet.octets))
            if packet.number == 1:
                if blocking:
                    _stall(sniffer, wire)
                else:
                    await asyncio.to_thread(_stall, sniffer, wire)
                sniffer.finish()
        _check(sniffer.counts, given)
    assert sniffer.counts.dropped == 0
    assert sniffer.counts.missed > 0
    assert given[:1000] == list(range(1000))


async def test_other_tasks_run_while_packets_are_there(wire: Wire) -> None:
    """Also when the body of the loop never waits."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    with Sniffer(wire.near, settings=_with(ROOM, wire)) as sniffer, wire.sender() as sender:
        for number in range(SENT):
            sender.send(frame(number))
        sniffer.finish()
        turning = asyncio.create_task(turn())
        count = 0
        async for _ in sniffer:
            count += 1
        turning.cancel()
    assert count == SENT
    assert turns > 10


def test_a_batch_that_is_not_given_back_fills_the_ring(wire: Wire) -> None:
    """What a slow user of batches loses is lost by the kernel: there is nothing in between."""
    with Sniffer(wire.near, settings=_with(SMALL_RING, wire)) as sniffer:
        with wire.sender() as sender:
            sender.send(frame(0))
        given = []
        for batch in sniffer.batches():
            given += [_number(packet.octets) for packet in batch]
            if batch.first_number == 1:
                _stall_batches(sniffer, wire)
                sniffer.finish()
        counts = sniffer.counts
    _check(counts, given)
    assert counts.dropped > 0
    assert counts.missed == 0


def test_batches_read_ahead_are_missed_as_packets_are(wire: Wire) -> None:
    given: list[int] = []
    with Sniffer(wire.near, settings=_with(SMALL_BACKLOG, wire)) as sniffer:
        sniffer.read_ahead()
        with wire.sender() as sender:
            sender.send(frame(0))
        kept = []
        for batch in sniffer.batches():
            kept.append(batch)
            if batch.first_number == 1:
                _stall(sniffer, wire)
                sniffer.finish()
        given = [_number(packet.octets) for batch in kept for packet in batch]
        _check(sniffer.counts, given)
    assert sniffer.counts.dropped == 0
    assert sniffer.counts.missed > 0
    assert given[:1000] == list(range(1000))


def _stall_batches(sniffer: Sniffer, wire: Wire) -> None:
    with wire.sender() as sender:
        for number in range(1, SENT):
            sender.send(frame(number))
    _wait(lambda: sniffer.counts.received == SENT)


def test_a_handler_that_raises_ends_the_capture_with_its_own_traceback(wire: Wire) -> None:
    seen = []

    def handler(packet: object) -> None:
        seen.append(packet)
        if len(seen) == 3:
            raise KeyError("mine")

    with Sniffer(wire.near, settings=_with(ROOM, wire)) as sniffer, wire.sender() as sender:
        for number in range(5):
            sender.send(frame(number))
        with pytest.raises(KeyError, match="mine") as caught:
            sniffer.run(handler)
        assert caught.traceback[-1].name == "handler"
        assert len(seen) == sniffer.counts.captured == 3
    assert sniffer.counts.unread == 2


def test_run_ends_as_a_loop_does(wire: Wire) -> None:
    seen: list[int] = []
    settings = _with(ROOM, wire)
    with Sniffer(wire.near, count=4, settings=settings) as sniffer, wire.sender() as sender:
        for number in range(9):
            sender.send(frame(number))
        sniffer.run(lambda packet: seen.append(_number(packet.octets)))
    assert seen == [0, 1, 2, 3]
