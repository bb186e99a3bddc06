"""The same fields of a capture as tshark prints them and as rawlab does."""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from rawlab.files import read
from rawlab.plugins import default_registry
from rawlab.text.fields import FieldsPrinter
from rawlab.text.fields_form import FieldsForm

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
FORM = "-T fields -E separator=/t -E occurrence=f".split()
MOST = 400
"""Packets of each file at the most."""
Rows = list[list[str]]

needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="needs tshark on the PATH")


class Cell(NamedTuple):
    """A cell that differs."""

    packet: int
    name: str
    tshark: str
    rawlab: str


def theirs(file: Path, most: int) -> Rows:
    """The cells that tshark prints of a file; none where it does not read it cleanly."""
    command = [*TSHARK, "-r", str(file), "-c", str(most), *FORM]
    for name in FIELDS:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return [] if done.returncode else split(done.stdout.decode("utf-8", "replace"))


def ours(file: Path, most: int) -> Rows:
    """The cells that rawlab prints."""
    registry = default_registry()
    printer = FieldsPrinter(FIELDS, registry, FieldsForm(occurrence="f"))
    found: list[str] = []
    left = most
    with read(file, registry=registry) as packets:
        for batch in packets.batches():
            found += printer.texts(batch, min(left, len(batch)))
            left -= len(batch)
            if left <= 0:
                break
    return split("".join(found))


def split(text: str) -> Rows:
    return [line.split("\t") for line in text.split("\n")[:-1]]


def differing(file: Path, most: int = MOST) -> tuple[int, list[Cell]]:
    """How many cells of a capture were compared, and those that differ.

    0 cells where tshark does not read the file cleanly.
    """
    want = theirs(file, most)
    if not want:
        return 0, []
    compared = sum(bool(cell) for row in want for cell in row)
    return compared, list(cells(FIELDS, want, ours(file, most)))


def cells(names: list[str], want: Rows, got: Rows) -> Iterator[Cell]:
    """The cells that differ."""
    for number, (a, b) in enumerate(zip(want, got, strict=True), 1):
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
