"""Every sample capture has its origin, and can be recorded again."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import rawlab
from rawlab.lab import available

LARGEST = 10_000


def octets_of(path: Path) -> list[bytes]:
    """The packets of one of these files."""
    data = path.read_bytes()
    found, at = [], 24
    while at < len(data):
        kept = struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at + 16 : at + 16 + kept])
        at += 16 + kept
    return found


def test_each_has_its_origin(captures: Path) -> None:
    told = set(re.findall(r"^\| `([\w-]+\.pcap)`", (captures / "README.md").read_text(), re.M))
    assert told == {path.name for path in captures.glob("*.pcap")}


def test_each_is_small_and_whole(captures: Path) -> None:
    for path in captures.glob("*.pcap"):
        assert path.stat().st_size < LARGEST, path.name
        assert len(octets_of(path)) >= 4, path.name


@pytest.mark.parametrize("name", ["vlan", "beacon", "vxlan"])
def test_recorded_again_the_same_is_said(name: str, captures: Path, tmp_path: Path) -> None:
    reason = available()
    if reason:
        pytest.skip(reason)
    start = f"import record, pathlib; record.record({name!r}, pathlib.Path({str(tmp_path)!r}))"
    path = f"{captures}:{Path(rawlab.__file__).parent.parent}"
    done = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, env={"PYTHONPATH": path},
        check=False,
    )
    assert not done.returncode, done.stderr
    kept, again = (octets_of(directory / f"{name}.pcap") for directory in (captures, tmp_path))
    if name == "vxlan":  # its addresses are the kernel's choice
        headers = {frame[42:50] for frame in again if frame[12:14] == b"\x08\0" and frame[23] == 17}
        assert headers == {b"\x08\0\0\0\0\0\x4d\0"}
    else:
        kinds = (b"\x81\0", b"\x88\xa8", b"\x88\xb5")
        injected = [frame for frame in kept if frame[12:14] in kinds]
        assert len(injected) >= 4
        assert [frame for frame in again if frame in injected] == injected
