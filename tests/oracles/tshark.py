"""The same fields of a capture as tshark prints them and as rawlab does."""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

FIELDS = """frame.number frame.time_epoch frame.len frame.cap_len
eth.src eth.dst eth.type vlan.id
arp.opcode arp.src.proto_ipv4 arp.dst.proto_ipv4
ip.version ip.hdr_len ip.len ip.id ip.ttl ip.proto ip.frag_offset ip.checksum ip.src ip.dst
ipv6.plen ipv6.nxt ipv6.hlim ipv6.src ipv6.dst
icmp.type icmp.code icmpv6.type icmpv6.code
tcp.srcport tcp.dstport tcp.seq_raw tcp.ack_raw tcp.hdr_len tcp.flags tcp.window_size_value
tcp.checksum tcp.urgent_pointer
udp.srcport udp.dstport udp.length udp.checksum""".split()

TSHARK = (
    "tshark -n -o ip.defragment:FALSE -o ipv6.defragment:FALSE -o tcp.desegment_tcp_streams:FALSE"
).split()
RAWLAB = [sys.executable, "-m", "rawlab", "read"]
Rows = list[list[str]]

needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="needs tshark on the PATH")


class Cell(NamedTuple):
    """A cell that differs."""

    packet: int
    name: str
    tshark: str
    rawlab: str


def rows(command: list[str], file: Path, names: list[str]) -> tuple[int, Rows]:
    """The exit status of a command, and the cells that it prints of a file."""
    command = [*command, "-r", str(file), *"-T fields -E separator=/t -E occurrence=f".split()]
    for name in names:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    lines = done.stdout.decode("utf-8", "replace").split("\n")[:-1]
    return done.returncode, [line.split("\t") for line in lines]


def differing(file: Path, names: list[str] | None = None) -> tuple[int, list[Cell]]:
    """How many cells of a capture were compared, and those that differ.

    0 cells where tshark does not read the file cleanly.
    """
    names = names or FIELDS
    status, theirs = rows(TSHARK, file, names)
    if status or not theirs:
        return 0, []
    status, ours = rows(RAWLAB, file, names)
    assert (status, len(ours)) == (0, len(theirs)), file
    return sum(bool(cell) for row in theirs for cell in row), list(cells(names, theirs, ours))


def cells(names: list[str], theirs: Rows, ours: Rows) -> Iterator[Cell]:
    """The cells that differ."""
    for number, (a, b) in enumerate(zip(theirs, ours, strict=True), 1):
        for name, x, y in zip(names, a, b, strict=True):
            if not same(name, x, y):
                yield Cell(number, name, x, y)


def same(name: str, a: str, b: str) -> bool:
    """Whether two cells say the same, perhaps in another base or form."""
    if a == b or not a or not b:
        return a == b
    try:
        if name == "frame.time_epoch":
            return abs(float(a) - float(b)) < 1e-6
        if "src" in name or "dst" in name:
            return ipaddress.ip_address(a) == ipaddress.ip_address(b)
        return int(a, 0) == int(b, 0)
    except ValueError:
        return a.lower() == b.lower()
