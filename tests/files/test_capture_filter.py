"""Capture filters select of a file what tcpdump selects."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from rawlab.batch import Batch, Interface, new_index
from rawlab.engine.records import LINKTYPE
from rawlab.files import open_capture
from rawlab.files.capture_filter import CaptureFilter

EXPRESSIONS = [
    "udp port 53", "tcp[tcpflags] & tcp-syn != 0", "icmp or icmp6", "vlan and ip", "ip6 proto 0",
    "len > 100", "ether broadcast", "not ip", "host 10.0.1.2 and not arp",
]  # fmt: skip
CAPTURES = ["dns", "tcp", "icmp", "icmpv6", "vlan", "gre", "arp"]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("name", CAPTURES)
def test_selects_what_tcpdump_selects(captures: Path, name: str, expression: str) -> None:
    program = shutil.which("tcpdump")
    if program is None:
        pytest.skip("tcpdump is missing")
    path = captures / f"{name}.pcap"
    done = subprocess.run(
        [program, "-n", "--nano", "-tt", "-r", str(path), *expression.split()],
        capture_output=True, check=True,
    )  # fmt: skip
    lines = [line for line in done.stdout.decode().splitlines() if line[:1].isdecimal()]
    want = [int(line.split()[0].replace(".", "")) for line in lines]
    wanted = CaptureFilter(expression)
    with open_capture(path) as capture:
        picked = [wanted.select(batch) for batch in capture.batches()]
    assert [time_ns for batch in picked for time_ns in batch.time_ns] == want
    assert [packet.number for batch in picked for packet in batch] == list(
        range(1, len(want) + 1)
    )


def test_a_wrong_expression() -> None:
    with pytest.raises(ValueError, match=r"'udp prot 53': .*syntax error"):
        CaptureFilter("udp prot 53")


def test_a_link_type_that_libpcap_does_not_know() -> None:
    index = new_index(1)
    index[LINKTYPE, 0] = 65000
    with pytest.raises(ValueError, match="link type 65000"):
        CaptureFilter("udp").select(Batch(b"", index, 1, (Interface(),)))
