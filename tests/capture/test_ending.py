"""How a capture ends: by count, by time, by a call, or since the interface has gone."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from capture.frames import arrived, contents, frame
from capture.namespaces import Wire, both_backends
from rawlab.capture import InterfaceRemoved, Sniffer


@both_backends
def test_count(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near, count=7) as sniffer, wire.sender() as sender:
        for number in range(20):
            sender.send(frame(number))
        seen = [packet for batch in sniffer.batches() for packet in contents(batch)]
        assert [packet.octets for packet in seen] == [frame(number) for number in range(7)]
        sniffer.close()
        counts = sniffer.counts
    assert (counts.captured, counts.received, counts.unread, counts.dropped) == (7, 20, 13, 0)


@both_backends
def test_time_out(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near, timeout_s=0.4) as sniffer, wire.sender() as sender:
        sender.send(frame(1))
        begun = time.monotonic()
        last = threading.Timer(0.2, sender.send, [frame(2)])
        last.start()
        seen = [packet.octets for batch in sniffer.batches() for packet in contents(batch)]
        took_s = time.monotonic() - begun
        last.join()
    assert seen == [frame(1), frame(2)]
    assert 0.4 <= took_s < 2


def _stopping(sniffer: Sniffer) -> list[float]:
    """The time of a stop from another thread, a moment from now."""
    at: list[float] = []

    def stop() -> None:
        at.append(time.monotonic())
        sniffer.stop()

    threading.Timer(0.1, stop).start()
    return at


@both_backends
def test_stop_from_another_thread(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer:
        at = _stopping(sniffer)
        assert list(sniffer.batches()) == []
        assert time.monotonic() - at[0] < 0.5


@both_backends
def test_stop_while_packets_flow(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        sender.send(frame(0))
        at = _stopping(sniffer)
        number = 0
        for _ in sniffer.batches():
            number += 1
            sender.send(frame(number))
        assert time.monotonic() - at[0] < 0.5
    assert number > 3


@both_backends
def test_stop_in_a_signal_handler(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer:
        before = signal.signal(signal.SIGUSR2, lambda *_: sniffer.stop())
        try:
            at = time.monotonic() + 0.1
            threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGUSR2]).start()
            assert list(sniffer.batches()) == []
        finally:
            signal.signal(signal.SIGUSR2, before)
        assert time.monotonic() - at < 0.5


@both_backends
def test_finish_gives_what_had_arrived_and_no_more(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near, latency_ms=50) as sniffer:
        with wire.sender() as sender:
            for number in range(500):
                sender.send(frame(number))
            sniffer.finish()
            sender.send(frame(9999))
        begun = time.monotonic()
        seen = arrived(sniffer)
        assert time.monotonic() - begun < 2
    assert [packet.octets for packet in seen] == [frame(number) for number in range(500)]


def test_finish_of_an_idle_capture_is_at_once(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near, latency_ms=2000) as sniffer:
        begun = time.monotonic()
        assert arrived(sniffer) == []
    assert time.monotonic() - begun < 1.5


@both_backends
def test_an_interface_that_comes_up_again_goes_on(wire: Wire) -> None:
    namespace = wire.namespace
    with (
        namespace.sniff(wire.near, timeout_s=30) as sniffer,
        wire.sender() as sender,
    ):
        batches = sniffer.batches()
        sender.send(frame(1))
        assert [packet.octets for packet in contents(next(batches))] == [frame(1)]
        with _flapping(wire):
            assert [packet.octets for packet in contents(next(batches))][0] == frame(2)


@contextmanager
def _flapping(wire: Wire) -> Iterator[None]:
    """Meanwhile the near end goes down and up again, and then the same frame is sent until the end.

    The kernel lets packets pass some time after it was told to bring an interface up.
    """
    over = threading.Event()

    def flap() -> None:
        over.wait(0.1)
        wire.namespace.ip(f"link set {wire.near} down")
        over.wait(0.1)
        wire.namespace.ip(f"link set {wire.near} up")
        with wire.sender() as sender:
            while not over.wait(0.02):
                sender.send(frame(2))

    flapper = threading.Thread(target=flap)
    flapper.start()
    try:
        yield
    finally:
        over.set()
        flapper.join()


def test_an_interface_that_is_down_is_waited_for(wire: Wire) -> None:
    wire.namespace.ip(f"link set {wire.near} down")
    with wire.namespace.sniff(wire.near, count=1, timeout_s=30) as sniffer:
        with _flapping(wire):
            (batch,) = sniffer.batches()
        assert len(batch) == 1


def test_an_interface_that_is_removed_ends_with_a_clear_line(wire: Wire) -> None:
    namespace = wire.namespace
    with namespace.sniff(wire.near, latency_ms=100) as sniffer:
        with wire.sender() as sender:
            sender.send(frame(1))
        namespace.ip(f"link del {wire.near}")
        batches = sniffer.batches()
        assert [packet.octets for packet in contents(next(batches))] == [frame(1)]
        begun = time.monotonic()
        with pytest.raises(InterfaceRemoved) as caught:
            next(batches)
        assert time.monotonic() - begun < 2
    assert str(caught.value) == (
        f"capture on {wire.near} ended: the interface was removed or moved to another namespace; "
        "what arrived before has been delivered"
    )


@both_backends
def test_the_other_interfaces_outlive_one_that_is_removed(two_wires: tuple[Wire, Wire]) -> None:
    first, second = two_wires
    names = [first.near, second.near]
    with first.namespace.sniff(names) as sniffer, second.sender() as sender:
        first.namespace.ip(f"link del {first.near}")
        with pytest.raises(InterfaceRemoved, match=first.near):
            next(sniffer.batches())
        sender.send(frame(5))
        assert [packet.octets for packet in arrived(sniffer)] == [frame(5)]


def test_nothing_is_given_after_close(wire: Wire) -> None:
    sniffer = wire.namespace.sniff(wire.near)
    with wire.sender() as sender:
        sender.send(frame(1))
    sniffer.close()
    sniffer.close()
    assert list(sniffer.batches()) == []
    sniffer.finish()
    sniffer.stop()
    assert sniffer.counts.unread == 1


@both_backends
def test_descriptors_are_closed(wire: Wire) -> None:
    def open_descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    gc.collect()  # what earlier tests left behind
    before = open_descriptors()
    for _ in range(3):
        wire.namespace.sniff([wire.near, wire.far]).close()
        wire.namespace.sniff(wire.near)  # dropped
    with pytest.raises(OSError):
        wire.namespace.sniff([wire.near, "nothere"])
    assert open_descriptors() == before
