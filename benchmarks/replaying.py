"""`replay`: how far off its recorded time each packet of a replay arrives."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.cable import SENDING, Cable
from benchmarks.wire import FILE, RECORD

PACKETS = 10_000
AIM_US = 5.0
_FRAME = bytes.fromhex("020000000001020000000002" + "88b5") + bytes(46)
_SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 35, 33
_START_S = 1_700_000_000

Times = NDArray[np.int64]


def every(gap_us: int) -> Callable[[int], Times]:
    """Packets at even gaps."""
    return lambda packets: np.arange(packets, dtype=np.int64) * gap_us


def bursts(packets: int) -> Times:
    """Bursts of 1 to 40 packets, 20 µs apart, between pauses of 0.2 to 4 ms."""
    random = np.random.default_rng(1)
    gaps = np.full(packets, 20, dtype=np.int64)
    first = np.cumsum(random.integers(1, 40, packets))
    first = first[first < packets]
    gaps[first] = random.integers(200, 4000, len(first))
    gaps[0] = 0
    return np.cumsum(gaps)


TRACES = {"1 ms": every(1000), "100 µs": every(100), "bursts": bursts}
SENDERS = {
    "rawlab": (sys.executable, "-m", "rawlab", "replay", "-q", "-i", SENDING),
    "rawlab --realtime": (
        sys.executable, "-m", "rawlab", "replay", "-q", "--realtime", "-i", SENDING),
    "tcpreplay": ("tcpreplay", "-q", "-i", SENDING),
    "tcpreplay --preload-pcap": ("tcpreplay", "-q", "--preload-pcap", "-i", SENDING),
}


@dataclass(frozen=True)
class Run:
    """Errors of one replay, in microseconds, as the receiver's kernel saw the packets."""

    sender: str
    trace: str
    arrived: int
    p50: float
    p99: float
    worst: float
    drift_ppm: float


def missing() -> str:
    """What this machine lacks to measure, or nothing."""
    if os.geteuid() != 0:
        return "it makes network namespaces: run it as root"
    programs = ("ip", "taskset", "tcpreplay")
    return next((f"no {program}" for program in programs if not shutil.which(program)), "")


def show(console: Console, divisor: int) -> None:
    """Measure and print."""
    with Cable() as cable, tempfile.TemporaryDirectory(prefix="rawlab-bench-") as folder:
        runs = [run(cable, Path(folder), sender, trace, PACKETS // divisor)
                for trace in TRACES for sender in SENDERS]
    table = Table(title=f"Replay of {PACKETS // divisor:,} packets: how far off their recorded"
                  " times they arrive (µs, by the receiving kernel's clock)")
    for name in ("gaps", "sender", "arrived", "p50", "p99", "worst", "drift ppm", ""):
        table.add_column(name, justify="left" if name in ("gaps", "sender", "") else "right")
    for one in runs:
        aim = ""
        if one.sender.startswith("rawlab"):
            aim = f"< {AIM_US:g} {'yes' if one.p50 < AIM_US else 'NO'}"
        table.add_row(one.trace, one.sender, f"{one.arrived:,}", f"{one.p50:.1f}",
                      f"{one.p99:,.1f}", f"{one.worst:,.0f}", f"{one.drift_ppm:+.2f}", aim)
    console.print(table)


def run(cable: Cable, folder: Path, sender: str, trace: str, packets: int) -> Run:
    """One replay."""
    times_us = TRACES[trace](packets)
    file = folder / "trace.pcap"
    write(file, times_us)
    with receiver(cable) as listening:
        words = [*cable.sending(*SENDERS[sender]), str(file)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        arrived = arrivals(listening)
    if len(arrived) != packets:
        return Run(sender, trace, len(arrived), *[float("nan")] * 4)
    errors = (arrived - arrived[0]) / 1000 - times_us
    tenth = packets // 10  # medians, so that a moment's delay is no drift
    drift = np.median(errors[-tenth:]) - np.median(errors[:tenth])
    drift *= 1e6 / (np.median(times_us[-tenth:]) - np.median(times_us[:tenth]))
    errors = np.abs(errors - np.median(errors))  # when the first one left is nobody's error
    p50, p99 = np.percentile(errors, (50, 99))
    return Run(sender, trace, packets, float(p50), float(p99), float(errors.max()),
               float(drift))


def write(file: Path, times_us: Times) -> None:
    """A pcap file of equal frames at these times."""
    records = np.zeros(len(times_us), np.dtype([("record", RECORD), ("frame", f"V{len(_FRAME)}")]))
    records["record"]["s"] = _START_S + times_us // 1_000_000
    records["record"]["us"] = times_us % 1_000_000
    records["record"]["caplen"] = records["record"]["len"] = len(_FRAME)
    records["frame"] = np.void(_FRAME)
    header = np.array([(0xA1B2C3D4, 2, 4, 0, 0, 1 << 16, 1)], FILE)
    file.write_bytes(header.tobytes() + records.tobytes())


def receiver(cable: Cable) -> socket.socket:
    """A packet socket at the receiving end that keeps all packets and their times."""
    opened = cable.listener()
    opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
    opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    opened.settimeout(0.3)
    return opened


def arrivals(listening: socket.socket) -> Times:
    """When each packet arrived."""
    found: list[int] = []
    try:
        while True:
            octets, told, _, _ = listening.recvmsg(len(_FRAME), 128)
            if octets == _FRAME:
                seconds, nanoseconds = struct.unpack("qq", told[0][2])
                found.append(seconds * 10**9 + nanoseconds)
    except TimeoutError:
        return np.array(found, dtype=np.int64)
