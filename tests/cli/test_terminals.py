"""What is not for a terminal is not written to one."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

from cli.running import PROGRAM, TIMEOUT_S


@pytest.mark.parametrize(
    "words", [("sniff", "-i", "lo", "-w", "-"), ("convert", "captures/dns.pcap", "-")], ids=" ".join
)
def test_capture_files_are_not_written_to_a_terminal(words: tuple[str, ...]) -> None:
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=theirs, stderr=subprocess.PIPE, timeout=TIMEOUT_S
        )
        os.set_blocking(ours, False)
        with pytest.raises(BlockingIOError):
            os.read(ours, 1)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert b"standard output is a terminal" in done.stderr
    assert done.stderr.count(b"\n") == 1
