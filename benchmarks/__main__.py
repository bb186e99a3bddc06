"""`python -m benchmarks [NAME ...]`: measure, and print tables."""

from __future__ import annotations

import argparse

from rich.console import Console

from benchmarks import (
    building,
    filtering,
    injecting,
    line_rate_report,
    reading,
    replaying,
    report,
    rounds,
    startup,
    writing,
)
from benchmarks.comparisons import COMPARISONS

START = "start"
CAPTURE = "capture"
READ = "read"
FILTER = "filter"
WRITE = "write"
BUILD = "build"
INJECT = "inject"
REPLAY = "replay"
ALL = (*COMPARISONS, READ, WRITE, FILTER, BUILD, START, CAPTURE, INJECT, REPLAY)
QUICK = 20
"""How many times fewer packets --quick takes: 100,000 in place of two million."""


def main() -> int:
    """Run what is named, or all. Returns 1 if subjects read different values, else 0."""
    arguments = _arguments()
    console = Console()
    console.width = max(console.width, report.WIDTH)
    console.print(
        "Medians of runs in turns, files in the page cache; ratios are of packets a second, pair by"
        " pair.\nPeak is of resident memory, in brackets what the packets added to it. Sums compare"
        " the values read.\n",
        highlight=False,
    )
    differ = False
    for name in arguments.names or ALL:
        if name == START:
            report.print_starts(console, startup.measure(arguments.rounds))
            continue
        if name == READ:
            reading.show(console, arguments.rounds, QUICK if arguments.quick else 1)
            continue
        if name == WRITE:
            writing.show(console, arguments.rounds, QUICK if arguments.quick else 1)
            continue
        if name == FILTER:
            divisor = QUICK if arguments.quick else 1
            differ |= filtering.show(console, arguments.rounds, divisor)
            continue
        if name == BUILD:
            differ |= building.show(console, arguments.rounds, QUICK if arguments.quick else 1)
            continue
        if name == INJECT and not line_rate_report.missing():
            injecting.show(console, arguments.rounds, QUICK if arguments.quick else 1)
            continue
        if name == REPLAY:
            lacking = replaying.missing()
            if lacking:
                console.print(f"replay: {lacking}")
            else:
                replaying.show(console, 10 if arguments.quick else 1)
            continue
        if name in (CAPTURE, INJECT):
            lacking = line_rate_report.missing()
            if lacking:
                console.print(f"{name}: {lacking}")
            else:
                line_rate_report.show(console, 1 if arguments.quick else 3)
            continue
        comparison = COMPARISONS[name]
        rows = rounds.measure(comparison, arguments.rounds, QUICK if arguments.quick else 1)
        report.print_rows(console, comparison, rows)
        differ |= any(row.differs for row in rows)
    return int(differ)


def _arguments() -> argparse.Namespace:
    names = ALL
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} times fewer packets")
    parser.add_argument("--rounds", type=int, default=7, help="runs of each (default: 7)")
    arguments = parser.parse_args()
    for name in set(arguments.names) - set(names):
        parser.error(f"no comparison {name!r}; there are {', '.join(names)}")
    return arguments


if __name__ == "__main__":
    raise SystemExit(main())
