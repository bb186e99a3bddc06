"""Checksums as tshark verifies them, over the project's captures and the corpus."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import rawlab.files
from oracles.tshark import needs_tshark
from rawlab.checksums import Status, Verified
from samples import CORPUS, ROOT

NAMES = ("ip.checksum", "tcp.checksum", "udp.checksum", "icmp.checksum", "icmpv6.checksum",
         "sctp.checksum")
VERIFY = ("ip.check_checksum", "tcp.check_checksum", "udp.check_checksum")
UNKNOWN = {"", "2"}
"""What tshark prints where it does not verify."""


def by_tshark(path: Path) -> list[list[str]]:
    command = ["tshark", "-n", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
               "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "sctp.checksum:TRUE"]
    for preference in VERIFY:
        command += ["-o", f"{preference}:TRUE"]
    command += ["-r", str(path), "-T", "fields", "-E", "occurrence=f"]
    for name in NAMES:
        command += ["-e", f"{name}.status"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return [line.split("\t") for line in done.stdout.splitlines()]


def files() -> list[Path]:
    ours = sorted((ROOT / "captures").glob("*.pcap*"))
    return ours + sorted(path for path in CORPUS.rglob("*.*cap*") if path.is_file())


@needs_tshark
@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_statuses(path: Path) -> None:
    try:
        packets = list(rawlab.read(path))
    except rawlab.files.NotACapture:
        return  # tshark does not read it either
    for packet, row in zip(packets, by_tshark(path), strict=False):
        first: dict[str, Verified] = {}
        for found in packet.checksums:
            first.setdefault(found.name, found)
        for name, theirs in zip(NAMES, row, strict=True):
            ours = first.get(name)
            if ours is None or theirs in UNKNOWN or ours.status is Status.UNVERIFIED:
                continue
            assert str(int(ours.status)) == theirs, (packet.number, ours)
