"""What can be measured: a name, how it runs over a capture, and the sums that prove its work."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import limit, ours, peers
from benchmarks.captures import Capture

Sums = dict[str, int]


@dataclass(frozen=True)
class Subject:
    """One contender. `run` is timed, `sums` of what it returns is not."""

    title: str
    run: Callable[[Capture], Any]
    sums: Callable[[Any], Sums]
    module: str = ""
    """A Python module that it needs."""
    program: str = ""
    """A program that it needs."""

    def missing(self) -> str:
        """What it needs and this machine lacks, or nothing."""
        if self.module and importlib.util.find_spec(self.module) is None:
            return f"no module {self.module}"
        if self.program and shutil.which(self.program) is None:
            return f"no {self.program}"
        return ""


def _same(sums: Sums) -> Sums:
    return sums


def _limit(capture: Capture) -> limit.Arrays:
    return limit.columns(capture.path, capture.packets)


def _rawlab(title: str, run: Callable[[Capture], Any], sums: Callable[[Any], Sums]) -> Subject:
    return Subject(title, run, sums, module="rawlab.columns")


SUBJECTS = {
    "limit": Subject("C loop (limit.c)", _limit, limit.sums, program=limit.compiler_name()),
    "columns": _rawlab("rawlab, one thread", ours.columns, ours.everyday_sums),
    "columns-all": _rawlab("rawlab, all cores", ours.columns_on_all_cores, ours.everyday_sums),
    "datagrams": _rawlab("rawlab, built-in IPv4/UDP", ours.datagrams, ours.datagram_sums),
    "twins": _rawlab("rawlab, the same declared by a user", ours.twins, ours.twin_sums),
    "telemetry": _rawlab("rawlab, a declared header over UDP", ours.telemetry, ours.telemetry_sums),
    "loop": _rawlab("rawlab", ours.loop, _same),
    "dpkt": Subject("dpkt", peers.dpkt_loop, _same, module="dpkt"),
    "scapy": Subject("scapy", peers.scapy_loop, _same, module="scapy"),
    "tshark": Subject("tshark -T fields", peers.tshark_loop, peers.tshark_totals, program="tshark"),
}
