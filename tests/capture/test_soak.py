"""A long capture at the rate that a sender can reach: all is accounted for, memory stays flat.

RAWLAB_SOAK_S says for how many seconds, 4 unless set: before a release, 60.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rawlab
from capture.namespaces import Wire
from capture.recordings import in_namespace, recording
from cli.running import TIMEOUT_S

SOAK_S = float(os.environ.get("RAWLAB_SOAK_S", "4"))
GROWTH_KIB = 4096
"""Of memory, at most, from the first second on: buffers grow until they hold a full block."""

SENDER = """
import socket, sys, time
interface, seconds, size = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
opened.bind((interface, 0))
send, frame, sent = opened.send, bytes(12) + b"\\x88\\xb5" + bytes(size - 14), 0
end = time.monotonic() + seconds
while time.monotonic() < end:
    for _ in range(1000):
        try:
            send(frame)
        except OSError:  # no buffer just then
            continue
        sent += 1
print(sent)
"""


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (("-w", "x.pcapng", "-C", "8"), 60),
        (("-w", "x-%s.pcap", "-G", "1", "-C", "20"), 1000),
        (("-w", "x.pcapng.gz", "-C", "10", "-B", "2048"), 200),
    ],
    ids=["by size", "by time and size", "compressed, a small buffer"],
)
def test_sent_is_captured_and_dropped(
    wire: Wire, tmp_path: Path, words: tuple[str, ...], size: int
) -> None:
    target = str(tmp_path / words[1])
    with recording(wire, "-w", target, *words[2:]) as running:
        command = [sys.executable, "-c", SENDER, wire.far, str(SOAK_S), str(size)]
        sending = in_namespace(wire.namespace, command, subprocess.PIPE)
        time.sleep(1)
        early_kib = running.resident_kib()
        sent = int(sending.communicate(timeout=SOAK_S + TIMEOUT_S)[0])
        late_kib = running.resident_kib()
        told = running.end()
    assert told.status == 0
    assert told.received == sent
    assert told.captured + told.dropped == sent
    assert told.not_written == 0
    files = list(tmp_path.iterdir())
    assert len(files) > 2
    assert sum(len(batch) for file in files for batch in rawlab.read(file).batches()) == (
        told.captured
    )
    assert late_kib - early_kib <= GROWTH_KIB, f"{sent} packets"
