"""How fast packets are picked: `rawlab read -Y` against tcpdump's and tshark's own filters."""

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
SLOW_SHARE = 0.05
"""The share of the packets that tshark reads."""
RAWLAB = str(Path(sys.executable).with_name("rawlab"))
SHORTEST_S = 0.02
OVER_TCPDUMP, OVER_TSHARK = 1.0, 100.0
"""How many times faster rawlab is to be."""


@dataclass(frozen=True)
class Query:
    """The same question in Wireshark's language, and in libpcap's where it can say it."""

    what: str
    display: str
    capture: str | None


def in_vlans_too(text: str) -> str:
    """A capture filter that also looks behind a VLAN tag, as a display filter does."""
    return f"({text}) or (vlan and ({text}))"


QUERIES = (
    Query("few match", "udp.port == 53", in_vlans_too("udp port 53")),
    Query("many match", "tcp.port == 443", in_vlans_too("tcp port 443")),
    Query("a network", "ip.addr == 10.0.0.0/28", in_vlans_too("ip net 10.0.0.0/28")),
    Query("compound", "ip && tcp.flags.syn == 1 && tcp.dstport == 443 && !vlan",
          "tcp[tcpflags] & tcp-syn != 0 and tcp dst port 443"),
    Query("a length", "frame.len > 1000", "greater 1001"),
    Query("text", 'dns.qry.name contains "example"', None),
)  # fmt: skip


@dataclass(frozen=True)
class Tool:
    """A command that says which packets of a capture match."""

    name: str
    share: float = 1.0

    def command(self, query: Query, path: Path) -> list[str] | None:
        """The command line; None where the tool cannot say it."""
        if self.name == "tcpdump":
            words = ["tcpdump", "-n", "--count", "-r", str(path)]
            return None if query.capture is None else [*words, query.capture]
        if self.name == "tshark":
            return ["tshark", "-n", "-r", str(path), "-Y", query.display,
                    "-T", "fields", "-e", "frame.number"]  # fmt: skip
        return [RAWLAB, "read", "--count", "-r", str(path), "-Y", query.display]

    def capture(self, mix: str, divisor: int) -> Capture:
        """What it reads, when all is made `divisor` times smaller."""
        return Capture(mix, max(2_000, int(PACKETS * self.share) // divisor))


OURS, TCPDUMP, TSHARK = Tool("rawlab"), Tool("tcpdump"), Tool("tshark", SLOW_SHARE)


@dataclass
class Times:
    """What a tool took for a query, in seconds, a value a round; starting is taken off."""

    packets: int
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Packets a second."""
        return self.packets / max(median(self.wall_s), 1e-6)


def show(console: Console, rounds: int, divisor: int) -> bool:
    """Measure, and print a table for each filter; True where the matches differ."""
    tools = [OURS, *(tool for tool in (TCPDUMP, TSHARK) if shutil.which(tool.name))]
    differ = False
    for mix, sizes in MIXES.items():
        for query in QUERIES:
            same = agree(query, tools, mix, divisor)
            differ |= not same
            made = table(
                f"{query.display}  ({query.what}; {sizes}{'' if same else '; THE MATCHES DIFFER'})",
                "packets", "match", "start ms", "seconds", "CPU s", "packets/s", "rawlab ahead",
            )  # fmt: skip
            times = measure(query, tools, mix, rounds, divisor)
            for tool, taken in times.items():
                matches = matching(tool, query, tool.capture(mix, divisor).path)
                made.add_row(tool.name, *cells(tool, taken, matches, times[OURS]))
            console.print(made)
    for tool in {OURS, TCPDUMP, TSHARK} - set(tools):
        console.print(f"{tool.name} is not installed")
    return differ


def cells(tool: Tool, times: Times, matches: int, ours: Times) -> list[str]:
    """The figures of one tool for one query."""
    if min(median(times.wall_s), median(ours.wall_s)) < SHORTEST_S:
        return [f"{times.packets:,}", f"{matches:,}", f"{1000 * median(times.start_s):.0f}",
                "too short to tell"]  # fmt: skip
    ahead = ours.rate / times.rate
    aim = OVER_TCPDUMP if tool is TCPDUMP else OVER_TSHARK
    return [
        f"{times.packets:,}", f"{matches:,}", f"{1000 * median(times.start_s):.0f}",
        f"{median(times.wall_s):.3f}", f"{median(times.cpu_s):.3f}", f"{times.rate:,.0f}",
        "" if tool is OURS else judged(f"{ahead:.1f} times", ahead > aim),
    ]  # fmt: skip


def measure(
    query: Query, tools: list[Tool], mix: str, rounds: int, divisor: int
) -> dict[Tool, Times]:
    """Run each tool that can say it, `rounds` times in turns; the slow one once in all."""
    few = Capture(mix, FEW)
    few.prepare()
    found: dict[Tool, Times] = {}
    for number in range(rounds):
        for tool in tools:
            capture = tool.capture(mix, divisor)
            start, whole = tool.command(query, few.path), tool.command(query, capture.path)
            if start is None or whole is None or (tool is TSHARK and number):
                continue
            times = found.setdefault(tool, Times(capture.packets))
            start_s, start_cpu_s = run(start)
            wall_s, cpu_s = run(whole)
            times.start_s.append(start_s)
            times.wall_s.append(wall_s - start_s)
            times.cpu_s.append(cpu_s - start_cpu_s)
    return found


def agree(query: Query, tools: list[Tool], mix: str, divisor: int) -> bool:
    """Whether each tool finds as many packets as rawlab does in the capture that it reads.

    The captures are in the page cache after it.
    """
    same = True
    for tool in tools:
        capture = tool.capture(mix, divisor)
        capture.prepare()
        capture.warm()
        if tool.command(query, capture.path) is not None:
            ours = matching(OURS, query, capture.path)
            same &= matching(tool, query, capture.path) == ours
    return same


def matching(tool: Tool, query: Query, path: Path) -> int:
    """How many packets of a file a tool finds."""
    command = tool.command(query, path)
    assert command is not None
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return len(done.stdout.splitlines()) if tool is TSHARK else int(done.stdout.split()[0])


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
