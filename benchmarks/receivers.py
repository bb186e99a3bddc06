"""The programs that capture from the cable: how each is run, and what it says at its end."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cable import RECEIVING, Cable

BUFFER_MIB = 64
"""Of the kernel's memory that each gets: their own defaults differ, from 2 on."""
_START_S, _END_S = 20, 60


@dataclass(frozen=True)
class Receiver:
    """One contender. `words` is its command, given where to write; `ready` what it says first."""

    title: str
    program: str
    words: Callable[[Path], list[str]]
    ready: str
    captured: str
    """A pattern of its last words, with the number of packets captured."""
    dropped: str
    """The same of the packets that the kernel dropped."""

    @property
    def missing(self) -> str:
        """What this machine lacks, or nothing."""
        return "" if shutil.which(self.program) else f"no {self.program}"


def _rawlab(file: Path) -> list[str]:
    buffer = str(BUFFER_MIB * 1024)
    return [sys.executable, "-m", "rawlab", "sniff", "-i", RECEIVING, "-B", buffer, "-w", str(file)]


def _tcpdump(file: Path) -> list[str]:
    buffer = str(BUFFER_MIB * 1024)
    return ["tcpdump", "-Z", "root", "-i", RECEIVING, "-B", buffer, "-w", str(file)]


def _dumpcap(file: Path) -> list[str]:
    return ["dumpcap", "-q", "-i", RECEIVING, "-B", str(BUFFER_MIB), "-w", str(file)]


def _live(kind: str) -> Callable[[Path], list[str]]:
    return lambda _file: [sys.executable, "-m", "benchmarks.live", kind, RECEIVING]


_THREE_LINES = {
    "ready": "listening on",
    "captured": r"(\d+) packets? captured",
    "dropped": r"(\d+) packets? dropped by kernel",
}
WRITERS = {
    "rawlab": Receiver("rawlab sniff -w", sys.executable, _rawlab, **_THREE_LINES),
    "tcpdump": Receiver("tcpdump -w", "tcpdump", _tcpdump, **_THREE_LINES),
    "dumpcap": Receiver(
        "dumpcap -w", "dumpcap", _dumpcap, ready="File: ",
        captured=r"Packets captured: (\d+)", dropped=r"on interface '[^']+': \d+/(\d+)",
    ),
}  # fmt: skip
LIVE = {
    kind: Receiver(title, sys.executable, _live(kind), **_THREE_LINES)
    for kind, title in (
        ("batches", "rawlab .batches(), four columns"),
        ("loop", "rawlab for loop, four fields"),
    )
}


@dataclass(frozen=True)
class Heard:
    """What a receiver said at its end, and what it cost while packets came."""

    captured: int
    dropped: int
    cpu_s: float


class Running:
    """A receiver that listens; `end` stops it and gives what it heard."""

    def __init__(self, receiver: Receiver, cable: Cable, file: Path) -> None:
        self._receiver = receiver
        self._said: list[str] = []
        self._listens = threading.Event()
        self._process = subprocess.Popen(
            cable.receiving(*receiver.words(file)),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._listens.wait(_START_S) or self._process.poll() is not None:
            self._process.kill()
            raise ChildProcessError(f"{receiver.title}: {''.join(self._said)}")
        time.sleep(0.2)
        self._before_s = cpu_s(self._process.pid)

    def _read(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._said.append(line)
            if self._receiver.ready in line:
                self._listens.set()
        self._listens.set()

    def end(self, settle_s: float) -> Heard:
        """Let what is on its way arrive, and stop."""
        time.sleep(settle_s)
        spent_s = cpu_s(self._process.pid) - self._before_s
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_END_S)
        self._reader.join()
        said = "".join(self._said)
        return Heard(
            _number(self._receiver.captured, said), _number(self._receiver.dropped, said), spent_s
        )


def _number(pattern: str, said: str) -> int:
    found = re.search(pattern, said)
    if found is None:
        raise ChildProcessError(f"a receiver ended without its counts: {said}")
    return int(found[1])


def cpu_s(pid: int) -> float:
    """Seconds that a process, its threads and its children have run, user and system."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
        children = (task / "children").read_text().split()
        total += int(1e9 * sum(cpu_s(int(child)) for child in children))
    return total / 1e9
