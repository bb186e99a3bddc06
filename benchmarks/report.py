"""The tables that are printed."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.comparisons import Comparison
from benchmarks.rounds import Row
from benchmarks.startup import Start
from benchmarks.subjects import SUBJECTS

MIB = 1 << 20
WIDTH = 130
"""Characters that the widest table takes; narrower, its figures would be cut."""


def print_rows(console: Console, comparison: Comparison, rows: list[Row]) -> None:
    """One comparison."""
    made = table(
        comparison.title, "packets", "seconds", "packets/s", "MB/s", "x first", "aim",
        "peak MiB", "sums",
    )  # fmt: skip
    for row in rows:
        made.add_row(SUBJECTS[row.entry.subject].title, *_cells(row))
    console.print(made)


def table(title: str, *headings: str) -> Table:
    """A table without rows: a column of names, and others of figures."""
    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    made.add_column("", no_wrap=True)
    for heading in headings:
        made.add_column(heading, justify="right", no_wrap=True)
    return made


def _cells(row: Row) -> tuple[str, ...]:
    if row.missing:
        return ("", "", "", "", "", "", row.missing)
    packets = row.capture.packets
    return (
        f"{packets:,}",
        f"{packets / row.rate:.3f}",
        f"{row.rate:,.0f}",
        f"{row.capture.octets / packets * row.rate / 1e6:,.0f}",
        f"{row.ratio:.2f}" if row.ratios else "",
        judged(f">= {row.entry.aim:.2f}", row.ratio >= row.entry.aim)
        if row.entry.aim is not None and row.ratios
        else "",
        f"{row.peak / MIB:,.0f} (+{(row.peak - row.resident) / MIB:,.0f})",
        _agreement(row),
    )


def _agreement(row: Row) -> str:
    if not row.entry.same_values:
        return ""
    return f"[red]differ: {', '.join(row.differs)}[/]" if row.differs else "agree"


def print_starts(console: Console, starts: list[Start]) -> None:
    """The times of starting."""
    made = table("Start", "ms", "aim")
    for start in starts:
        aim = judged(f"< {start.aim_ms:.0f}", start.milliseconds < start.aim_ms)
        made.add_row(start.title, f"{start.milliseconds:.1f}", aim)
    console.print(made)


def judged(text: str, met: bool) -> str:
    """An aim, and whether it was met."""
    return f"[green]{text} met[/]" if met else f"[red]{text} missed[/]"
