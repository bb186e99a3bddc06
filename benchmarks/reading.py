"""How fast lines are printed: `rawlab read -n` against tcpdump's and tshark's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.captures import Capture
from benchmarks.report import judged, table

PACKETS = 2_000_000
MIXES = {"mixed": "mean 600 octets", "small": "60 to 90 octets"}
FEW = 100
"""Packets of the capture that only starting is measured on."""
AHEAD = 1.0


@dataclass(frozen=True)
class Reader:
    """A command that prints a line for each packet of a capture."""

    title: str
    words: tuple[str, ...]
    share: float = 1.0
    """The share of the packets that it reads: slow ones get fewer."""

    def command(self, capture: Capture) -> list[str]:
        """The command line."""
        return [*self.words, str(capture.path)]

    def capture(self, mix: str, divisor: int) -> Capture:
        """What it reads, when all is made `divisor` times smaller."""
        return Capture(mix, int(PACKETS * self.share) // divisor)


READERS = (
    Reader("tcpdump -nn -S -r", ("tcpdump", "-nn", "-S", "-r")),
    Reader("rawlab read -n", (str(Path(sys.executable).with_name("rawlab")), "read", "-n", "-r")),
    Reader("tshark -n -r", ("tshark", "-n", "-r"), share=0.05),
)


@dataclass
class Times:
    """What a reader took, in seconds, a value a round; starting is taken off."""

    reader: Reader
    packets: int
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Lines a second."""
        return self.packets / median(self.wall_s)

    @property
    def cpu_per_million_s(self) -> float:
        """Seconds of processors for a million lines, user and system together."""
        return median(self.cpu_s) / self.packets * 1_000_000


def show(console: Console, rounds: int, divisor: int) -> None:
    """Measure, and print a table for each mix of packets."""
    for mix, sizes in MIXES.items():
        readers = [reader for reader in READERS if shutil.which(reader.words[0])]
        times = measure(readers, mix, rounds, divisor)
        made = table(
            f"Lines printed, {sizes}, to /dev/null",
            "packets", "start ms", "seconds", "lines/s", "CPU s/million", "x rawlab", "aim",
        )  # fmt: skip
        ours = next(t for t in times if t.reader is READERS[1])
        for t in times:
            ahead = ours.rate / t.rate
            made.add_row(
                t.reader.title, f"{t.packets:,}", f"{1000 * median(t.start_s):.0f}",
                f"{median(t.wall_s):.3f}", f"{t.rate:,.0f}", f"{t.cpu_per_million_s:.2f}",
                f"{1 / ahead:.2f}",
                "" if t is ours else judged(f"rawlab ahead {ahead:.1f} times", ahead > AHEAD),
            )  # fmt: skip
        console.print(made)
        for reader in set(READERS) - set(readers):
            console.print(f"{reader.words[0]} is not installed")


def measure(readers: list[Reader], mix: str, rounds: int, divisor: int) -> list[Times]:
    """Run each reader once to warm up, then `rounds` times in turns."""
    few = Capture(mix, FEW)
    few.prepare()
    found = []
    for reader in readers:
        capture = reader.capture(mix, divisor)
        capture.prepare()
        capture.warm()
        run(reader.command(capture))
        found.append(Times(reader, capture.packets))
    for _ in range(rounds):
        for times in found:
            capture = times.reader.capture(mix, divisor)
            start_s, start_cpu_s = run(times.reader.command(few))
            wall_s, cpu_s = run(times.reader.command(capture))
            times.start_s.append(start_s)
            times.wall_s.append(wall_s - start_s)
            times.cpu_s.append(cpu_s - start_cpu_s)
    return found


def run(command: list[str]) -> tuple[float, float]:
    """Seconds that a command took, and those of processors, with its output thrown away."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return took, used.ru_utime + used.ru_stime
