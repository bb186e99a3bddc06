"""How fast frames leave: rawlab beside tcpreplay, trafgen and scapy, over one cable."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.cable import SENDING, Cable
from benchmarks.report import judged, table
from dissectors import UDP, Ethernet, IPv4

FRAMES = 2_000_000
FRAME_OCTETS = 60
IN_FILE = 1000
"""Frames of the file that is sent over and over."""
STARTING = 1000
"""Frames of a run that only starting is measured on."""
RAWLAB = str(Path(sys.executable).with_name("rawlab"))
TCPREPLAY, TRAFGEN = "tcpreplay", "trafgen"
AIMS = {TCPREPLAY: 2.0, TRAFGEN: 1.0}
"""How many times faster rawlab is to be."""


@dataclass(frozen=True)
class Tool:
    """A command that sends so many frames."""

    title: str
    words: Callable[[Path, int], list[str]]
    share: float = 1.0
    """Of the frames; less for slow ones."""
    ours: bool = False


@dataclass
class Row:
    """What was measured of one tool, run by run."""

    tool: Tool
    missing: str = ""
    rates: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    """Of a million frames."""


def _injector(who: str) -> Callable[[Path, int], list[str]]:
    return lambda folder, count: [sys.executable, "-m", "benchmarks.injector", who, SENDING,
                                  str(folder / "frames.pcap"), str(count)]


def _send(*more: str) -> Callable[[Path, int], list[str]]:
    return lambda folder, count: [RAWLAB, "send", "-q", "-i", SENDING, "--count", str(count),
                                  "-r", str(folder / "frames.pcap"), *more]


TOOLS = (
    Tool("rawlab send --bypass", _send("--bypass"), ours=True),
    Tool("rawlab send", _send(), ours=True),
    Tool("rawlab, AF_XDP", _injector("xdp"), ours=True),
    Tool("rawlab, sendmmsg", _injector("sendmmsg"), ours=True),
    Tool(TRAFGEN, lambda folder, count: [
        "trafgen", "-i", str(folder / "frames.cfg"), "-o", SENDING, "-n", str(count),
        "-P", "1", "-q"]),
    Tool(TCPREPLAY, lambda folder, count: [
        "tcpreplay", "--preload-pcap", "--topspeed", "-q", "-i", SENDING,
        f"--loop={count // IN_FILE}", str(folder / "frames.pcap")]),
    Tool("scapy sendp", _injector("scapy"), 0.01),
)  # fmt: skip


def show(console: Console, rounds: int, divisor: int) -> None:
    """Measure in turns, and print."""
    rows = [Row(tool) for tool in TOOLS]
    with tempfile.TemporaryDirectory() as made, Cable() as cable:
        folder = Path(made)
        _write_frames(folder)
        for row in rows:
            program = row.tool.words(folder, 1)[0]
            row.missing = "" if shutil.which(program) else f"no {program}"
        for _ in range(rounds):
            for row in rows:
                if not row.missing:
                    _measure(cable, row, folder, int(FRAMES * row.tool.share) // divisor)
    _print(console, rows)


def _write_frames(folder: Path) -> None:
    """The same frames for all: a capture, and trafgen's configuration with one of them."""
    import rawlab

    frames = [
        bytes((Ethernet(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
               / IPv4(src="10.0.0.1", dst="10.0.0.2") / UDP(srcport=1024 + i, dstport=9) / b""
               ).padded(FRAME_OCTETS))
        for i in range(IN_FILE)
    ]  # fmt: skip
    rawlab.write(folder / "frames.pcap", map(rawlab.Packet, frames))
    octets = ", ".join(f"0x{octet:02x}" for octet in frames[0])
    (folder / "frames.cfg").write_text(f"{{ {octets} }}\n")


def _measure(cable: Cable, row: Row, folder: Path, frames: int) -> None:
    """One long run and one that only starts; the difference is what sending takes."""
    frames -= frames % IN_FILE
    few = min(STARTING, frames // 2)
    wall_s, cpu_s = (long - short for long, short in zip(
        _run(cable, row.tool.words(folder, frames), frames),
        _run(cable, row.tool.words(folder, few), few), strict=True))
    row.rates.append((frames - few) / max(wall_s, 1e-9))
    row.cpu_s.append(cpu_s * 1e6 / (frames - few))


def _run(cable: Cable, words: list[str], frames: int) -> tuple[float, float]:
    """Seconds and seconds of a processor; RuntimeError where not all frames left."""
    before, used = cable.arrived(), _cpu_s()
    began = time.perf_counter()
    subprocess.run(cable.sending(*words), check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    arrived = cable.arrived() - before
    if arrived != frames:
        raise RuntimeError(f"{words[0]}: {arrived} of {frames} frames arrived")
    return seconds, _cpu_s() - used


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _print(console: Console, rows: list[Row]) -> None:
    against = {row.tool.title: row for row in rows if row.tool.title in AIMS}
    made = table(f"Inject: frames of {FRAME_OCTETS} octets over a veth pair, from one processor",
                 "frames/s", "CPU s a million", *(f"x {name}" for name in against), "aims")
    for row in rows:
        if row.missing:
            made.add_row(row.tool.title, row.missing)
            continue
        ratios = {name: _ratio(row, other) for name, other in against.items() if other.rates}
        shown = [f"{ratios[name]:.2f}" if name in ratios else "" for name in against]
        aims = ", ".join(judged(f">= {AIMS[name]:.0f} {name}", ratio >= AIMS[name])
                         for name, ratio in ratios.items()) if row is rows[0] else ""
        made.add_row(row.tool.title, f"{median(row.rates):,.0f}", f"{median(row.cpu_s):.3f}",
                     *shown, aims)
    console.print(made)


def _ratio(row: Row, other: Row) -> float:
    return median(a / b for a, b in zip(row.rates, other.rates, strict=True))
