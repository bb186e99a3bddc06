"""An interface whose name steers a terminal, as the kernel permits: it is never printed raw."""

from __future__ import annotations

import fcntl
import signal
import socket
import struct
import subprocess

import pytest

from capture.namespaces import Namespace
from cli.running import PROGRAM, TIMEOUT_S
from cli.test_escapes import check_harmless

SIOCSIFNAME = 0x8923
NAME = "v\x1b[2J\x9b"
ESCAPED = rb"v\x1b[2J\x9b"


@pytest.fixture
def hostile(namespace: Namespace) -> Namespace:
    """A namespace with such an interface."""
    namespace.ip("link add plain0 type veth peer name plain1")

    def rename() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            request = struct.pack("16s16s", b"plain0", NAME.encode())
            fcntl.ioctl(asked, SIOCSIFNAME, request)

    namespace.run(rename)
    return namespace


@pytest.mark.parametrize(
    "words",
    [
        ("interfaces",),
        ("sniff", "-D"),
        ("sniff", "-L", "-i", NAME),
        ("sniff", "-i", "nosuch"),
        ("sniff", "-i", NAME, "udpp"),
        ("sniff", "--backend", "libpcap", "-i", NAME),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_it_is_listed_and_told_harmlessly(hostile: Namespace, words: tuple[str, ...]) -> None:
    done = hostile.run(
        lambda: subprocess.run(
            [*PROGRAM, *words], capture_output=True, timeout=TIMEOUT_S, check=False
        )
    )
    assert ESCAPED in done.stdout + done.stderr
    check_harmless(done.stdout + done.stderr)


def test_it_is_captured_on(hostile: Namespace) -> None:
    def sniffing() -> bytes:
        with subprocess.Popen(
            [*PROGRAM, "sniff", "-i", NAME], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdout is not None
            heading = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=TIMEOUT_S)
        return bytes(heading + rest)

    printed = hostile.run(sniffing)
    assert b"listening on " + ESCAPED in printed
    check_harmless(printed)
