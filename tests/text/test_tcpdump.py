"""Dumps and times as tcpdump prints them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rawlab.files import open_capture
from rawlab.packet import Packet
from rawlab.text.dump import dump_lines
from rawlab.text.hexdump import DumpForm
from rawlab.text.times import Clock, TimeForm

CAPTURES = ["icmp", "tcp", "udp", "vlan", "ip-in-ip", "arp", "llc"]
FORMS = {
    "-x": DumpForm(),
    "-xx": DumpForm(link_header=True),
    "-X": DumpForm(characters=True),
    "-XX": DumpForm(characters=True, link_header=True),
}
TIMES = {form: f"-{'t' * form}" for form in TimeForm if form is not TimeForm.NONE}


def packets(path: Path) -> Iterator[Packet]:
    with open_capture(path) as capture:
        yield from capture


def tcpdump(path: Path, *words: str) -> list[str]:
    program = shutil.which("tcpdump")
    if program is None:
        pytest.skip("tcpdump is missing")
    done = subprocess.run(
        [program, "-n", "-r", str(path), *words], capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "replace").splitlines()


@pytest.mark.parametrize("letters", FORMS)
@pytest.mark.parametrize("name", CAPTURES)
def test_dumps(captures: Path, name: str, letters: str) -> None:
    path = captures / f"{name}.pcap"
    want = [line for line in tcpdump(path, letters) if line.startswith("\t0x")]
    got = [line for packet in packets(path) for line in dump_lines(packet, FORMS[letters])]
    assert got == want


@pytest.mark.parametrize("digits", [6, 9])
@pytest.mark.parametrize("form", TIMES, ids=lambda form: form.name)
def test_times(captures: Path, form: TimeForm, digits: int) -> None:
    path = captures / "dns.pcap"
    clock = Clock(form, digits)
    words = ["--nano"] if digits == 9 else []
    if TIMES[form] != "-":
        words.append(TIMES[form])
    lines = tcpdump(path, *words)
    stamps = [clock.stamp(packet.time_ns) for packet in packets(path)]
    assert len(stamps) == len(lines)
    for stamp, line in zip(stamps, lines, strict=True):
        assert line.startswith(f"{stamp} ")
