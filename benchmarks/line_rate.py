"""`capture`: what is captured, lost and spent at which rate; and how soon a packet is on screen."""

from __future__ import annotations

import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.cable import RECEIVING, Cable, Sent
from benchmarks.receivers import LIVE, WRITERS, Heard, Receiver, Running

RATES = (100_000, 200_000, 300_000, 500_000, 0)
"""Packets a second that are offered; 0 is as many as can be sent."""
SIZES = (60, 1500)
LIVE_RATES = {"batches": 300_000, "loop": 150_000}
FIRST_PACKETS = 101
FIRST_AIM_MS = 2
_FRAME = bytes.fromhex("020000000001020000000002" + "88b5") + bytes(46)
_FASTEST = 1_500_000
"""About what can be sent, to choose a number of packets by."""
_MOST_OCTETS = 1 << 28
"""Of a file: it shall fit the page cache, so that no disk is measured."""
_SETTLE_S = 1.3
"""Longer than the second that libpcap may leave packets in the kernel."""


@dataclass(frozen=True)
class Run:
    """One receiver at one rate."""

    receiver: Receiver
    octets: int
    rate: int
    sent: Sent
    heard: Heard

    @property
    def lost(self) -> int:
        """Packets that were sent and not captured, whoever lost them."""
        return self.sent.packets - self.heard.captured

    @property
    def cpu_s_per_million(self) -> float:
        """What the receiver spent; the kernel's work of filling the ring is the sender's."""
        return self.heard.cpu_s * 1e6 / max(self.heard.captured, 1)


def measure_writers(cable: Cable, seconds: float) -> Iterator[Run]:
    """Each writer in turn at each size and rate, `seconds` long."""
    for octets in SIZES:
        for rate in RATES:
            packets = int(min((rate or _FASTEST) * seconds, _MOST_OCTETS / (octets + 40)))
            for receiver in WRITERS.values():
                if not receiver.missing:
                    yield _run(cable, receiver, octets, rate, packets)


def measure_live(cable: Cable, seconds: float) -> Iterator[Run]:
    """Decoding as packets come."""
    for kind, rate in LIVE_RATES.items():
        yield _run(cable, LIVE[kind], 60, rate, int(rate * seconds))


def _run(cable: Cable, receiver: Receiver, octets: int, rate: int, packets: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="rawlab-bench-") as folder:
        _warm(Path(folder, "warm"), packets * (octets + 40))
        running = Running(receiver, cable, Path(folder, "out"))
        try:
            sent = cable.send(octets, rate, packets)
        finally:
            heard = running.end(_SETTLE_S)
    return Run(receiver, octets, rate, sent, heard)


def _warm(file: Path, octets: int) -> None:
    """Use so much memory once: what a virtual machine has not used lately costs it much more."""
    piece = bytes(1 << 20)
    with file.open("wb", buffering=0) as opened:
        for _ in range(0, octets, len(piece)):
            opened.write(piece)
    file.unlink()


def first_packet_ms(cable: Cable) -> float:
    """The median time from sending a packet until its line can be read from a pipe."""
    words = (sys.executable, "-m", "rawlab", "sniff", "-i", RECEIVING, "-l", "-n")
    process = subprocess.Popen(
        cable.receiving(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    delays_ms = []
    try:
        process.stderr.readline()
        time.sleep(0.2)
        with cable.socket() as sender:
            for number in range(FIRST_PACKETS):
                time.sleep(0.02 + 0.0007 * (number % 11))
                began = time.perf_counter()
                sender.send(_FRAME)
                if not select.select([process.stdout], [], [], 5)[0]:
                    raise ChildProcessError("rawlab sniff printed no line within 5 s")
                delays_ms.append((time.perf_counter() - began) * 1000)
                process.stdout.readline()
    finally:
        process.terminate()
        process.wait()
    return median(delays_ms)
