"""`rawlab sniff` on the loopback interface, as a process."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.running import PROGRAM, TIMEOUT_S


@pytest.fixture
def port() -> Iterator[int]:
    """A UDP port of this host that nobody else uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(autouse=True)
def _may_capture() -> None:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        pytest.skip("a packet socket cannot be opened: CAP_NET_RAW is missing")


@contextmanager
def sniffing(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A sniffer on lo that listens already; it is gone afterwards."""
    process = subprocess.Popen(
        [*PROGRAM, "sniff", "-i", "lo", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        assert "listening on lo" in process.stderr.readline()
        yield process
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def say(port: int, *messages: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
        for message in messages:
            speaker.sendto(message, ("127.0.0.1", port))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_prints_at_once_and_stops_with_the_counts(port: int, number: signal.Signals) -> None:
    with sniffing(f"udp port {port}") as process:
        say(port, b"one", b"two")
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        assert all(f"> 127.0.0.1:{port} UDP" in line for line in lines)
        process.send_signal(number)
        rest, errors = process.communicate(timeout=TIMEOUT_S)
        assert rest == ""
        assert errors.splitlines() == [
            "2 packets captured",
            "2 packets received by filter",
            "0 packets dropped by kernel",
        ]
        assert process.returncode == 0


def test_count_ends_it(port: int) -> None:
    with sniffing("-c", "1", "-T", "fields", "-e", "udp.dstport", f"udp port {port}") as process:
        say(port, b"one", b"two", b"three")
        printed, errors = process.communicate(timeout=TIMEOUT_S)
        assert printed == f"{port}\n"
        assert errors.startswith("1 packet captured\n")
        assert process.returncode == 0


def test_snapshot_length(port: int) -> None:
    with sniffing("-c", "1", "-s", "60", f"udp port {port}") as process:
        say(port, bytes(200))
        printed, _ = process.communicate(timeout=TIMEOUT_S)
        assert "60 of 242 octets" in printed


def test_counts_on_request(port: int) -> None:
    with sniffing(f"udp port {port}") as process:
        say(port, b"one")
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGUSR1)
        assert process.stderr.readline() == "1 packet captured\n"
        assert process.poll() is None


def test_a_reader_that_goes_away_ends_it(port: int) -> None:
    with sniffing(f"udp port {port}") as process:
        assert process.stdout is not None
        process.stdout.close()
        say(port, b"one")
        assert process.wait(TIMEOUT_S) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
