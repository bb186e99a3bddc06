"""Two network namespaces with a cable between them, and the program that sends through it."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from benchmarks.captures import DATA
from benchmarks.limit import compiler_name

SOURCE = Path(__file__).with_name("send.c")
SENDING, RECEIVING = "bench-tx", "bench-rx"
"""The interfaces at the two ends."""
_CLONE_NEWNET = 0x40000000
_ALL_KINDS = 3


def build_sender() -> Path:
    """Compile send.c, unless that was done before. Returns the program."""
    program = DATA / f"send-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:8]}"
    if not program.exists():
        DATA.mkdir(exist_ok=True)
        subprocess.run([compiler_name(), "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program


@dataclass(frozen=True)
class Sent:
    """What the sender did."""

    packets: int
    seconds: float


class Cable:
    """A veth pair between two namespaces of this process's own; both are gone at the end."""

    def __init__(self) -> None:
        self._program = build_sender()
        self._from, self._to = (f"rawlab-bench-{os.getpid()}-{end}" for end in ("tx", "rx"))
        cores = sorted(os.sched_getaffinity(0))
        self._sending_core, self._receiving_core = cores[0], cores[-1]

    def __enter__(self) -> Cable:
        for name in (self._from, self._to):
            _ip("netns", "add", name)
            # An interface that comes up would send packets of its own.
            _ip("netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        pair = ("link", "add", "name", SENDING, "type", "veth", "peer", "name", RECEIVING)
        _ip("-n", self._from, *pair, "netns", self._to)
        _ip("-n", self._from, "link", "set", "dev", SENDING, "up")
        _ip("-n", self._to, "link", "set", "dev", RECEIVING, "up")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        for name in (self._from, self._to):
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)

    def send(self, octets: int, rate: int, packets: int) -> Sent:
        """Send so many frames of a size, at a rate (0: as fast as can be)."""
        words = (str(self._program), SENDING, str(octets), str(rate), str(packets))
        done = subprocess.run(
            [*self._inside(self._from, self._sending_core), *words],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        sent, nanoseconds = done.stdout.split()
        return Sent(int(sent), int(nanoseconds) / 1e9)

    def socket(self) -> socket.socket:
        """A packet socket at the sending end, for frames one by one."""
        with ThreadPoolExecutor(1) as inside:  # a thread that moves there, and ends
            return inside.submit(_open_in, self._from, SENDING, 0).result()

    def listener(self) -> socket.socket:
        """A packet socket at the receiving end, for frames of all kinds."""
        with ThreadPoolExecutor(1) as inside:
            return inside.submit(_open_in, self._to, RECEIVING, _ALL_KINDS).result()

    def receiving(self, *words: str) -> list[str]:
        """The command that runs another at the receiving end, on a core of its own if there is."""
        return [*self._inside(self._to, self._receiving_core), *words]

    def sending(self, *words: str) -> list[str]:
        """The command that runs another at the sending end, on its core."""
        return [*self._inside(self._from, self._sending_core), *words]

    def arrived(self) -> int:
        """Frames that have arrived at the receiving end so far."""
        words = ["ip", "-n", self._to, "-j", "-s", "link", "show", RECEIVING]
        told = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        return int(told[0]["stats64"]["rx"]["packets"])

    @staticmethod
    def _inside(namespace: str, core: int) -> list[str]:
        return ["ip", "netns", "exec", namespace, "taskset", "-c", str(core)]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _open_in(namespace: str, interface: str, protocol: int) -> socket.socket:
    """A packet socket in a namespace, which the calling thread enters and never leaves."""
    with open(f"/run/netns/{namespace}") as held:
        if ctypes.CDLL(None, use_errno=True).setns(held.fileno(), _CLONE_NEWNET) < 0:
            raise OSError(ctypes.get_errno(), f"entering {namespace}")
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    opened.bind((interface, protocol))
    return opened
