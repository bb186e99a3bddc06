"""Runs the entries of a comparison in turns, each in its own process, and takes medians."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.captures import Capture
from benchmarks.comparisons import Comparison, Entry
from benchmarks.subjects import SUBJECTS, Sums
from benchmarks.worker import SAMPLE


@dataclass
class Row:
    """What was measured of one entry."""

    entry: Entry
    capture: Capture
    missing: str = ""
    rates: list[float] = field(default_factory=list)
    """Packets a second, a value a round."""
    ratios: list[float] = field(default_factory=list)
    """Of each round's rate to the first entry's of the same round."""
    resident: int = 0
    """Octets of memory before the packets, imports included."""
    peak: int = 0
    """Octets of memory at most."""
    differs: tuple[str, ...] = ()
    """The sums that are not those of the first entry."""

    @property
    def rate(self) -> float:
        """Packets a second."""
        return median(self.rates)

    @property
    def ratio(self) -> float:
        """How many times as fast as the first entry."""
        return median(self.ratios)


class Worker:
    """A subject's process, and what it measured so far."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.sums: list[Sums] = []
        words = (row.entry.subject, row.capture.mix, str(row.capture.packets))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Worker:
        answer = self._answer()
        self.sums.append(answer["sums"])
        self.row.resident = answer["resident"]
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def run(self) -> float:
        """One run over the capture. Returns packets a second."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.sums[1:] = [answer["sums"]]
        self.row.peak = max(self.row.peak, answer["resident"])
        return self.row.capture.packets / float(answer["seconds"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError(f"{self.row.entry.subject} ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def measure(comparison: Comparison, rounds: int, divisor: int) -> list[Row]:
    """Run each entry once to warm up, then `rounds` times in turns."""
    rows = [Row(entry, comparison.capture(entry, divisor)) for entry in comparison.entries]
    with ExitStack() as stack:
        workers = []
        for row in rows:
            row.missing = SUBJECTS[row.entry.subject].missing()
            if not row.missing:
                _prepare(row.capture)
                workers.append(stack.enter_context(Worker(row)))
        for worker in workers:
            worker.run()
        for _ in range(rounds):
            rates = [worker.run() for worker in workers]
            for worker, rate in zip(workers, rates, strict=True):
                worker.row.rates.append(rate)
                if not rows[0].missing:
                    worker.row.ratios.append(rate / rates[0])
        for worker in workers:
            worker.row.differs = _differences(workers[0], worker)
    return rows


def _prepare(capture: Capture) -> None:
    Capture(capture.mix, SAMPLE).prepare()
    capture.prepare()
    capture.warm()


def _differences(first: Worker, other: Worker) -> tuple[str, ...]:
    """The names of sums, over the sample or all packets, that two workers disagree about."""
    if not other.row.entry.same_values:
        return ()
    pairs = [(first.sums[0], other.sums[0])]
    if first.row.capture.packets == other.row.capture.packets:
        pairs.append((first.sums[1], other.sums[1]))
    names = {name for a, b in pairs for name in a.keys() & b.keys() if a[name] != b[name]}
    return tuple(sorted(names))
