"""Network namespaces with interfaces of their own, for the time of a test."""

from __future__ import annotations

import ctypes
import itertools
import os
import queue
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from rawlab.capture import Sniffer, sniff
from rawlab.capture.settings import Backend

CLONE_NEWNET = 0x40000000
T = TypeVar("T")
Task = tuple[Callable[[], Any], Future[Any]]
both_backends = pytest.mark.parametrize("backend", ["ring", "libpcap"])
"""For tests that hold for whatever captures."""
_numbers = itertools.count(1)


class Namespace:
    """A network namespace, held by a thread that has entered it and does what it is asked to.

    The kernel removes it, and the interfaces in it, when the thread has ended.
    """

    def __init__(self, backend: Backend = "ring") -> None:
        self._backend = backend
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while (asked := self._tasks.get()) is not None:
            task, result = asked
            try:
                result.set_result(task())
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                result.set_exception(error)
            del asked, task, result  # what they hold is not to live until the next task

    def run(self, task: Callable[[], T]) -> T:
        """Do `task` inside and give its result; what it raises is raised here."""
        result: Future[T] = Future()
        self._tasks.put((task, result))
        return result.result(timeout=10)

    def enter_new(self) -> None:
        """Make the namespace. Raises OSError."""

        def unshare() -> None:
            if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) < 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))

        self.run(unshare)
        self.run(_silence)
        self.ip("link set lo up")

    def open(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket of this namespace, for use anywhere."""
        return self.run(lambda: socket.socket(family, kind, protocol))

    def sniff(self, interface: str | list[str], **settings: Any) -> Sniffer:
        """A sniffer that captures inside, by the backend of the namespace."""
        if self._backend == "ring":
            return sniff(interface, opener=self.open, **settings)
        return self.run(lambda: sniff(interface, backend=self._backend, **settings))

    def ip(self, arguments: str) -> str:
        """Run iproute2's `ip` inside; what it prints."""
        command = ["ip", *arguments.split()]
        done = self.run(lambda: subprocess.run(command, capture_output=True, text=True))
        if done.returncode != 0:
            pytest.fail(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def sender(self, interface: str) -> socket.socket:
        """A packet socket that sends frames on an interface."""
        opened = self.open(socket.AF_PACKET, socket.SOCK_RAW, 0)
        opened.bind((interface, 0))
        return opened

    def close(self) -> None:
        """Leave the namespace."""
        self._tasks.put(None)
        self._thread.join(timeout=10)


@dataclass
class Wire:
    """Two ends of a virtual cable in one namespace."""

    namespace: Namespace
    near: str
    far: str

    def sender(self) -> socket.socket:
        """Sends on the far end; what it sends arrives at the near one."""
        return self.namespace.sender(self.far)


def add_wire(namespace: Namespace) -> Wire:
    """A new veth pair in the namespace, both ends up."""
    number = next(_numbers)
    made = Wire(namespace, f"near{number}", f"far{number}")
    namespace.ip(f"link add {made.near} type veth peer name {made.far}")
    namespace.ip(f"link set {made.near} up")
    namespace.ip(f"link set {made.far} up")
    return made


def _silence() -> None:
    """Switch IPv6 off, so that an interface that comes up sends nothing of its own."""
    for which in ("all", "default"):
        switch = Path(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6")
        if switch.exists():
            switch.write_text("1")
