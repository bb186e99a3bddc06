"""Capture filters select of a file what tcpdump selects."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from rawlab.batch import Batch, Interface, new_index
from rawlab.engine.records import LINKTYPE
from rawlab.files import open_capture, read
from rawlab.files.capture_filter import CaptureFilter
from samples import corpus_files

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


CORPUS_EXPRESSIONS = ["ip and not tcp", "port 53 or 80", "ip6", "greater 100 and less 1000",
                      "vlan and ip", "ip[8] < 64"]  # fmt: skip


def test_the_corpus_agrees(tmp_path: Path) -> None:
    """The same packets as tcpdump writes, of every file that both can filter."""
    program = shutil.which("tcpdump")
    if program is None:
        pytest.skip("tcpdump is missing")
    compared = 0
    for path in corpus_files():
        for expression in CORPUS_EXPRESSIONS:
            out = tmp_path / "matching.pcap"
            done = subprocess.run([program, "-r", path, "-w", out, expression],
                                  capture_output=True, check=False)  # fmt: skip
            if done.returncode:
                continue  # a damaged file, or nothing that such a filter is for
            wanted = CaptureFilter(expression)
            with open_capture(path) as capture:
                found = [packet.octets for batch in capture.batches()
                         for packet in wanted.select(batch)]  # fmt: skip
            assert found == [packet.octets for packet in read(out)], (path, expression)
            compared += len(found)
    assert compared > 5000
