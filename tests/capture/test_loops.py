"""How a `for` and an `async for` end, with the thread behind them."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time

import pytest

from capture.frames import frame
from capture.namespaces import Wire
from rawlab.capture import InterfaceRemoved, Sniffer, sniff

THREAD = "rawlab capture"


def _threads() -> int:
    return sum(thread.name == THREAD for thread in threading.enumerate())


def test_an_interface_that_goes_away_ends_a_loop(wire: Wire) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer, wire.sender() as sender:
        sender.send(frame(1))
        packets = iter(sniffer)
        assert next(packets).octets == frame(1)
        wire.namespace.ip(f"link del {wire.near}")
        with pytest.raises(InterfaceRemoved, match=wire.near):
            next(packets)
    assert _threads() == 0


async def test_an_interface_that_goes_away_ends_an_async_loop(wire: Wire) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer:
        wire.namespace.ip(f"link del {wire.near}")
        with pytest.raises(InterfaceRemoved, match=wire.near):
            _ = [packet async for packet in sniffer]


def test_a_loop_over_the_others_goes_on(two_wires: tuple[Wire, Wire]) -> None:
    first, second = two_wires
    with (
        sniff([first.near, second.near], opener=first.namespace.open) as sniffer,
        second.sender() as sender,
    ):
        first.namespace.ip(f"link del {first.near}")
        with pytest.raises(InterfaceRemoved, match=first.near):
            next(iter(sniffer))
        sender.send(frame(5))
        sniffer.finish()
        assert [packet.octets for packet in sniffer] == [frame(5)]


def test_a_loop_outlives_an_interface_that_is_down_for_a_while(wire: Wire) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer:
        with wire.sender() as sender:
            sender.send(frame(1))
            assert next(iter(sniffer)).octets == frame(1)
        wire.namespace.ip(f"link set {wire.near} down")
        wire.namespace.ip(f"link set {wire.near} up")
        with wire.sender() as sender:
            for _ in range(500):  # the kernel lets packets pass some time after it was told to
                sender.send(frame(2))
                if sniffer.counts.received > 1:
                    break
                time.sleep(0.01)
        assert next(iter(sniffer)).octets == frame(2)


@pytest.mark.parametrize("how", ["stop", "close", "finish"])
def test_another_thread_ends_a_loop(wire: Wire, how: str) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer:
        at = time.monotonic() + 0.1
        timer = threading.Timer(0.1, getattr(sniffer, how))
        timer.start()
        assert list(sniffer) == []
        assert time.monotonic() - at < 0.5
        timer.join()
    assert _threads() == 0


def test_the_body_of_a_loop_may_close_it(wire: Wire) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer, wire.sender() as sender:
        sender.send(frame(1))
        sender.send(frame(2))
        for packet in sniffer:
            assert packet.octets == frame(1)
            sniffer.close()
    assert sniffer.counts.captured == 1


def test_the_thread_reads_no_more_than_was_asked_for(wire: Wire) -> None:
    with (
        sniff(wire.near, count=2, opener=wire.namespace.open) as sniffer,
        wire.sender() as sender,
    ):
        sender.send(frame(1))
        sender.send(frame(2))
        assert len(list(sniffer)) == 2
        for _ in range(200):
            if _threads() == 0:
                break
            time.sleep(0.01)
        assert _threads() == 0
        sender.send(frame(3))
        assert sniffer.counts.unread == 1


def test_a_sniffer_that_is_forgotten_leaves_nothing(wire: Wire) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    gc.collect()
    before = descriptors()

    def forget() -> None:
        sniffer = sniff(wire.near, opener=wire.namespace.open)
        with wire.sender() as sender:
            sender.send(frame(1))
        next(iter(sniffer))
        assert _threads() == 1

    for _ in range(3):
        forget()
    gc.collect()
    assert _threads() == 0
    assert descriptors() == before


def test_batches_after_a_loop_are_what_is_left(wire: Wire) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer, wire.sender() as sender:
        for number in range(20):
            sender.send(frame(number))
        first = next(iter(sniffer))
        sniffer.finish()
        rest = [packet for batch in sniffer.batches() for packet in batch]
    assert [first.octets, *(packet.octets for packet in rest)] == [frame(n) for n in range(20)]
    assert [packet.number for packet in rest] == list(range(2, 21))
    assert sniffer.counts.captured == 20


def test_a_loop_after_batches_goes_on(wire: Wire) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer, wire.sender() as sender:
        batches = sniffer.batches()
        sender.send(frame(1))
        assert [packet.octets for packet in next(batches)] == [frame(1)]
        sender.send(frame(2))
        assert next(iter(sniffer)).octets == frame(2)
        sender.send(frame(3))
        assert [packet.octets for packet in next(batches)] == [frame(3)]


async def test_a_wait_that_was_given_up_can_be_taken_up_again(wire: Wire) -> None:
    async def first(sniffer: Sniffer) -> bytes:
        async for packet in sniffer:
            return packet.octets
        return b""

    with sniff(wire.near, opener=wire.namespace.open) as sniffer, wire.sender() as sender:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await first(sniffer)
        sender.send(frame(1))
        assert await asyncio.wait_for(first(sniffer), 5) == frame(1)


async def test_two_sniffers_in_one_event_loop(two_wires: tuple[Wire, Wire]) -> None:
    async def count(wire: Wire) -> int:
        with sniff(wire.near, count=10, opener=wire.namespace.open) as sniffer:
            ready.append(wire)
            return len([packet async for packet in sniffer])

    ready: list[Wire] = []
    tasks = [asyncio.create_task(count(wire)) for wire in two_wires]
    while len(ready) < 2:
        await asyncio.sleep(0)
    with two_wires[0].sender() as one, two_wires[1].sender() as two:
        for number in range(10):
            one.send(frame(number))
            two.send(frame(number))
            await asyncio.sleep(0.001)
        assert await asyncio.gather(*tasks) == [10, 10]


@pytest.mark.parametrize("ending", ["", "sniffer.stop()", "raise SystemExit(0)"])
def test_a_program_ends_whatever_it_left_open(wire: Wire, ending: str) -> None:
    """Python's end does not wait for a thread that reads a quiet interface."""
    program = (
        "import socket, threading, rawlab\n"
        "sniffer = rawlab.sniff('lo', filter='udp port 9', timeout_s=None)\n"
        "packets = iter(sniffer)\n"
        "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:\n"
        "    sender.sendto(b'x', ('127.0.0.1', 9))\n"
        "next(packets)\n"
        f"assert any(t.name == {THREAD!r} for t in threading.enumerate())\n"
        f"{ending}\n"
    )
    ended = wire.namespace.run(
        lambda: subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=8, check=False
        )
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_sniffer_of_a_loop_that_raises_is_closed(wire: Wire) -> None:
    def work(sniffer: Sniffer) -> None:
        with sniffer:
            for packet in sniffer:
                raise KeyError(packet.number)

    sniffer = sniff(wire.near, opener=wire.namespace.open)
    with wire.sender() as sender:
        sender.send(frame(1))
    with pytest.raises(KeyError, match="1"):
        work(sniffer)
    assert _threads() == 0
