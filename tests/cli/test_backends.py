"""`rawlab sniff --backend`: the same packets, link types and programs by either."""

from __future__ import annotations

import shutil
import socket
import subprocess

import pytest

from cli.running import rawlab
from cli.test_sniff import sniffing

BACKENDS = ("ring", "libpcap")


@pytest.fixture(autouse=True)
def _may_capture() -> None:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        pytest.skip("a packet socket cannot be opened: CAP_NET_RAW is missing")


@pytest.mark.parametrize("backend", BACKENDS)
def test_packets_and_counts(backend: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
        speaker.bind(("127.0.0.1", 0))
        port = speaker.getsockname()[1]
        fields = ("-T", "fields", "-e", "udp.length", "-e", "frame.number")
        words = ("--backend", backend, "-c", "3", *fields, f"udp port {port}")
        with sniffing(*words) as process:
            for size in (1, 20, 300):
                speaker.sendto(bytes(size), ("127.0.0.1", port))
            printed, told = process.communicate(timeout=20)
    assert printed == "9\t1\n28\t2\n308\t3\n"
    assert told.splitlines() == [
        "3 packets captured", "3 packets received by filter", "0 packets dropped by kernel"
    ]  # fmt: skip
    assert process.returncode == 0


@pytest.mark.parametrize("interface", ["lo", "any"])
def test_link_types_by_libpcap(interface: str) -> None:
    told = rawlab("sniff", "--backend", "libpcap", "-i", interface, "-L").stdout.decode()
    names = {line.split()[0] for line in told.splitlines()[1:]}
    assert names == ({"EN10MB"} if interface == "lo" else {"LINUX_SLL", "LINUX_SLL2"})


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="tcpdump is missing")
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("expression", ["udp port 53", "ip and not net 10", "tcp[13] & 2 != 0", ""])
def test_the_program_is_tcpdumps(backend: str, expression: str) -> None:
    ours = rawlab("sniff", "--backend", backend, "-i", "lo", "-ddd", *expression.split())
    theirs = subprocess.run(
        ["tcpdump", "-i", "lo", "-ddd", expression], capture_output=True, check=True
    )
    assert ours.returncode == 0, ours.stderr
    assert ours.stdout == theirs.stdout


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["-i", "lo", "udpp"], 2, "can't parse filter expression"),
        (["-i", "lo", "-y", "DOCSIS"], 2, "no link type is named"),
        (["-i", "nosuch0"], 1, "no interface is named 'nosuch0'"),
        (["-i", "no\x1b[2Jsuch"], 1, r"no interface is named 'no\x1b[2Jsuch'"),
        (["-i", "lo", "udp\x1b[2J"], 2, r"capture filter 'udp\x1b[2J'"),
    ],
)
def test_mistakes_are_told_in_a_line(
    backend: str, words: list[str], status: int, told: str
) -> None:
    done = rawlab("sniff", "--backend", backend, *words)
    complaint = done.stderr.decode()
    assert done.returncode == status
    assert told in complaint
    assert complaint.count("\n") == 1
    assert "\x1b" not in complaint


def test_workers_need_the_ring() -> None:
    done = rawlab("sniff", "--backend", "libpcap", "--workers", "2", "-i", "lo")
    assert done.returncode == 2
    assert b"not by libpcap" in done.stderr
