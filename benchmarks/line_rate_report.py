"""The tables of `capture`."""

from __future__ import annotations

import os
import shutil

from rich.console import Console
from rich.table import Table

from benchmarks import line_rate
from benchmarks.cable import Cable
from benchmarks.limit import compiler_name
from benchmarks.line_rate import Run
from benchmarks.receivers import BUFFER_MIB, WRITERS
from benchmarks.report import judged, table

TCPDUMP = "tcpdump"
_WIDTH = 150
CPU_AIM = 0.5
"""Of what tcpdump spends."""


def missing() -> str:
    """What this machine lacks to measure, or nothing."""
    if os.geteuid() != 0:
        return "it makes network namespaces: run it as root"
    for program in ("ip", "taskset", compiler_name()):
        if shutil.which(program) is None:
            return f"no {program}"
    return ""


def show(console: Console, seconds: float) -> None:
    """Measure for so long at each rate, and print. Raises what the programs' failures raise."""
    console.width = max(console.width, _WIDTH)
    with Cable() as cable:
        _print_writers(console, list(line_rate.measure_writers(cable, seconds)))
        _print_live(console, list(line_rate.measure_live(cable, seconds)))
        delay_ms = line_rate.first_packet_ms(cable)
    aim = line_rate.FIRST_AIM_MS
    told = judged(f"< {aim} ms", delay_ms < aim)
    console.print(f"First packet on the screen, from its sending: median {delay_ms:.2f} ms  {told}")


def _print_writers(console: Console, runs: list[Run]) -> None:
    title = (
        f"Capture to a file in the page cache, {BUFFER_MIB} MiB of the kernel's memory for each;"
        " dropped: by the kernel"
    )
    made = _table(title, "x tcpdump")
    theirs: Run | None = None
    for run in sorted(runs, key=_place):
        if run.receiver is WRITERS[TCPDUMP]:
            theirs = run
        same = theirs is not None and (theirs.octets, theirs.rate) == (run.octets, run.rate)
        ratio = run.cpu_s_per_million / theirs.cpu_s_per_million if theirs and same else None
        ours = run.receiver is WRITERS["rawlab"]
        aims = ""
        if ours and theirs and same and ratio is not None:
            aims = judged(f"<= {CPU_AIM}", ratio <= CPU_AIM)
            if not theirs.lost:
                aims += " " + judged("no loss", not run.lost)
        made.add_row(*_cells(run), "" if ratio is None else f"{ratio:.2f}", aims)
    console.print(made)


def _place(run: Run) -> tuple[int, float, int]:
    """tcpdump before those that are measured against it."""
    order = [WRITERS[TCPDUMP], *WRITERS.values()]
    return run.octets, run.rate or float("inf"), order.index(run.receiver)


def _print_live(console: Console, runs: list[Run]) -> None:
    made = _table("Decoding as packets come", "")
    for run in runs:
        made.add_row(*_cells(run), "", judged("no loss", not run.lost))
    console.print(made)


def _table(title: str, ratio: str) -> Table:
    return table(
        title, "octets", "offered/s", "sent/s", "sent", "captured", "dropped", "CPU s/million",
        ratio, "aim",
    )  # fmt: skip


def _cells(run: Run) -> tuple[str, ...]:
    return (
        run.receiver.title,
        str(run.octets),
        f"{run.rate:,}" if run.rate else "all",
        f"{run.sent.packets / run.sent.seconds:,.0f}",
        f"{run.sent.packets:,}",
        f"{run.heard.captured:,}",
        f"{run.heard.dropped:,}",
        f"{run.cpu_s_per_million:.3f}",
    )
