"""What the settings of a capture do, on real interfaces in a namespace of the test."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from capture.frames import EXPERIMENTAL, FROM, arrived, contents, frame, tag
from capture.namespaces import Namespace, Wire
from rawlab.capture import RingSettings, Sniffer, Workers, sniff

LINUX_SLL, LINUX_SLL2 = 113, 276
TO_ANOTHER_HOST, ETHERNET = 3, 1


def _cooked(linktype: int, protocol: int, index: int) -> bytes:
    """The header of a frame that came from FROM on an interface."""
    address = FROM + bytes(2)
    if linktype == LINUX_SLL:
        return struct.pack(">HHH", TO_ANOTHER_HOST, ETHERNET, 6) + address + struct.pack(
            ">H", protocol
        )
    head = struct.pack(">HHIHBB", protocol, 0, index, ETHERNET, TO_ANOTHER_HOST, 6)
    return head + address


@pytest.mark.parametrize("everywhere", [False, True], ids=["one interface", "any"])
@pytest.mark.parametrize("linktype", [LINUX_SLL, LINUX_SLL2])
def test_link_type(wire: Wire, linktype: int, everywhere: bool) -> None:
    payload = frame(1)[14:]
    with (
        sniff(
            "any" if everywhere else wire.near,
            direction="in", linktype=linktype, opener=wire.namespace.open,
        ) as sniffer,
        wire.sender() as sender,
    ):  # fmt: skip
        sender.send(frame(1))
        sender.send(frame(1, tags=tag(5, 3)))
        seen = arrived(sniffer)
        index = {name: n for n, name in wire.namespace.run(socket.if_nameindex)}[wire.near]
    assert [packet.octets for packet in seen] == [
        _cooked(linktype, EXPERIMENTAL, index) + payload,
        _cooked(linktype, 0x8100, index)
        + tag(5, 3)[2:] + struct.pack(">H", EXPERIMENTAL) + payload,
    ]  # fmt: skip
    assert {packet.linktype for packet in seen} == {linktype}
    assert {packet.interface for packet in seen} == {wire.near}
    assert all(packet.length == len(packet.octets) for packet in seen)


@pytest.mark.parametrize("linktype", [LINUX_SLL, LINUX_SLL2])
def test_filter_for_a_chosen_link_type(namespace: Namespace, linktype: int) -> None:
    with (
        sniff(
            "lo", filter="udp dst port 7353", linktype=linktype, opener=namespace.open
        ) as sniffer,
        namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        for port in (7352, 7353, 7354):
            sender.sendto(b"to %d" % port, ("127.0.0.1", port))
        sniffer.finish()
        assert [packet.payload for packet in sniffer] == [b"to 7353"]


def test_a_link_type_that_is_not_offered(namespace: Namespace) -> None:
    with pytest.raises(ValueError, match="link types of lo: EN10MB, LINUX_SLL2, LINUX_SLL"):
        sniff("lo", linktype=101, opener=namespace.open)


@contextmanager
def _flood(wire: Wire) -> Iterator[None]:
    """Frames without end, every other one with the number 7."""
    over = threading.Event()

    def send() -> None:
        with wire.sender() as sender:
            for octets in itertools.cycle([frame(7), frame(8)]):
                if over.is_set():
                    return
                sender.send(octets)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("workers", [1, 3])
def test_nothing_slips_in_before_the_filter(wire: Wire, workers: int) -> None:
    settings = RingSettings(
        filter="ether[14:4] = 7", buffer_octets=1 << 20, opener=wire.namespace.open
    )
    seen: list[bytes] = []
    with _flood(wire):
        for _ in range(20):
            with Workers(wire.near, workers, settings=settings) as group:
                time.sleep(0.003)
                group.finish()
                for sniffer in group:
                    seen += [p.octets for batch in sniffer.batches() for p in contents(batch)]
    assert len(seen) > 100
    assert set(seen) == {frame(7)}


def test_a_larger_ring_holds_more(wire: Wire) -> None:
    sent = 10_000
    dropped = {}
    for octets in (1 << 19, 1 << 23):
        with (
            sniff(wire.near, buffer_octets=octets, opener=wire.namespace.open) as sniffer,
            wire.sender() as sender,
        ):
            for number in range(sent):
                sender.send(frame(number))
            dropped[octets] = sniffer.counts.dropped
            frozen = sniffer.counts.frozen
            assert (frozen > 0) == (dropped[octets] > 0)
    assert dropped[1 << 19] > 0
    assert dropped[1 << 23] == 0


@pytest.mark.parametrize(("latency_ms", "least_s", "most_s"), [(1, 0, 0.4), (800, 0.4, 5)])
def test_a_block_ends_after_the_time_that_was_set(
    wire: Wire, latency_ms: int, least_s: float, most_s: float
) -> None:
    opener = wire.namespace.open
    with (
        sniff(wire.near, latency_ms=latency_ms, opener=opener) as sniffer,
        wire.sender() as sender,
    ):
        begun = time.monotonic()
        sender.send(frame(1))
        next(sniffer.batches())
        took_s = time.monotonic() - begun
    assert least_s <= took_s < most_s


def test_promiscuity_ends_with_the_process_however_it_ends(wire: Wire) -> None:
    def promiscuity() -> int:
        shown = wire.namespace.ip(f"-d link show {wire.near}")
        return int(shown.split("promiscuity ")[1].split()[0])

    process = wire.namespace.run(lambda: _start_command(wire.near))
    try:
        assert process.stderr is not None
        assert b"listening" in process.stderr.readline()
        assert promiscuity() == 1
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
    assert promiscuity() == 0


def _start_command(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "rawlab", "sniff", "-i", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_an_empty_batch_tells_of_an_idle_wire(wire: Wire) -> None:
    with sniff(wire.near, opener=wire.namespace.open) as sniffer, wire.sender() as sender:
        batches = sniffer.batches(idle_s=0.02)
        assert len(next(batches)) == 0
        assert len(next(batches)) == 0
        sender.send(frame(1))
        while not len(batch := next(batches)):
            pass
        assert [packet.octets for packet in contents(batch)] == [frame(1)]


def test_captures_in_another_namespace(wire: Wire) -> None:
    """The interface of a namespace that this process is not in; this one has none of the name."""
    assert wire.near not in [name for _, name in socket.if_nameindex()]
    settings = RingSettings(opener=wire.namespace.open, promiscuous=True)
    with Sniffer(wire.near, settings=settings) as sniffer, wire.sender() as sender:
        sender.send(frame(1))
        assert [packet.octets for packet in arrived(sniffer)] == [frame(1)]
