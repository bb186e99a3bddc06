"""`rawlab sniff -w` as a process inside a namespace, and what it leaves."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import rawlab
from capture.namespaces import Namespace, Wire
from cli.running import PROGRAM, TIMEOUT_S

_TOLD = re.compile(r"^(\d+) packets? (captured|received by filter|dropped by kernel|not written)$")


@dataclass(frozen=True)
class Told:
    """The closing lines of a capture, and how it ended."""

    status: int
    captured: int
    received: int
    dropped: int
    not_written: int
    lines: tuple[str, ...]
    """All that it said on standard error after it began to listen."""


class Recording:
    """A command that captures in a namespace. It listens already."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        assert process.stderr is not None
        self.first = process.stderr.readline().decode()
        if "listening on" not in self.first:
            raise AssertionError(self.first + process.stderr.read().decode())

    def end(self, number: signal.Signals | None = signal.SIGINT) -> Told:
        """Send a signal, or none, and wait for the end."""
        if number is not None:
            self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=TIMEOUT_S)
        lines = tuple(errors.decode().splitlines())
        counts = {found[2]: int(found[1]) for line in lines if (found := _TOLD.match(line))}
        return Told(
            self.process.returncode,
            counts.get("captured", -1),
            counts.get("received by filter", -1),
            counts.get("dropped by kernel", -1),
            counts.get("not written", 0),
            lines,
        )

    def resident_kib(self) -> int:
        """Memory of its own that it has in use: without the ring, which is the kernel's."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"RssAnon:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1])


@contextmanager
def recording(
    wire: Wire, *words: str, prefix: Sequence[str] = (), stdout: int = subprocess.DEVNULL
) -> Iterator[Recording]:
    """`rawlab sniff` on the near end of a wire; it is gone afterwards."""
    process = in_namespace(
        wire.namespace, [*prefix, *PROGRAM, "sniff", "-i", wire.near, *words], stdout
    )
    try:
        yield Recording(process)
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def in_namespace(
    namespace: Namespace, command: Sequence[str], stdout: int
) -> subprocess.Popen[bytes]:
    """Start a command inside."""
    return namespace.run(
        lambda: subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE
        )
    )


def octets_of(*files: Path) -> list[bytes]:
    """The packets of capture files, one after the other."""
    return [packet.octets for file in files for packet in rawlab.read(file)]


def within(seconds: float, what: Callable[[], bool]) -> bool:
    """Whether it becomes true in this time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
