"""Where cases are delivered: datagrams, connections, frames, and the input of a command."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
from typing import Protocol

from rawlab.campaign.targets import Target

CONNECT_S = 2.0
ANSWER_S = 0.05
"""How long an answer over TCP is waited for, so that the receiver reads what was sent."""
MOST_DATAGRAM = 65507


class Failed(Exception):
    """The receiver failed over a case: how."""


class Endpoint(Protocol):
    """Takes cases."""

    alone: bool
    """Each case has a receiver of its own, so that a failure tells which case it was."""

    def deliver(self, octets: bytes) -> None:
        """Deliver one case. Raises Failed where that shows that the receiver is not alive."""
        ...

    def close(self) -> None: ...


def open_endpoint(target: Target, timeout_s: float = 5.0) -> Endpoint:
    """What takes cases for a target. Raises OSError where it cannot be opened."""
    if target.kind == "udp":
        return Datagrams(target)
    if target.kind == "tcp":
        return Connections(target)
    if target.kind == "interface":
        return Frames(target)
    return Command(target, timeout_s)


class Datagrams:
    """Each case is a datagram. Nobody at the port, once somebody was there, is a failure."""

    alone = False

    def __init__(self, target: Target) -> None:
        family, kind, number, _, address = socket.getaddrinfo(
            target.host, target.port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, kind, number)
        self._socket.connect(address)
        self._socket.setblocking(False)

    def deliver(self, octets: bytes) -> None:
        try:
            self._drain()
            self._socket.send(octets[:MOST_DATAGRAM])
        except ConnectionRefusedError:
            raise Failed("nobody listens at the port any more") from None
        except BlockingIOError:
            pass

    def _drain(self) -> None:
        """Read answers away; an error that the kernel has noted is raised here."""
        while True:
            try:
                self._socket.recv(65536)
            except BlockingIOError:
                return

    def close(self) -> None:
        self._socket.close()


class Connections:
    """Each case is all that is said on a connection of its own."""

    alone = False

    def __init__(self, target: Target) -> None:
        self._address = (target.host, target.port)

    def deliver(self, octets: bytes) -> None:
        try:
            with socket.create_connection(self._address, CONNECT_S) as connection:
                self._say(connection, octets)
        except ConnectionRefusedError:
            raise Failed("it refuses connections") from None
        except TimeoutError:
            raise Failed(f"it accepts no connection within {CONNECT_S:g} s") from None

    @staticmethod
    def _say(connection: socket.socket, octets: bytes) -> None:
        try:
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(ANSWER_S)
            while connection.recv(65536):
                pass
        except (TimeoutError, ConnectionError):
            pass  # it may answer nothing, and hang up whenever it likes

    def close(self) -> None:
        pass


class Frames:
    """Each case is a frame on an interface."""

    alone = False

    def __init__(self, target: Target) -> None:
        from rawlab.inject import open_sender

        self._sender = open_sender(target.words, level="link")
        self.refused = 0

    def deliver(self, octets: bytes) -> None:
        self.refused += not self._sender.send_one(octets)  # too long or too short for it

    def close(self) -> None:
        self._sender.close()


class Command:
    """Each case is the whole standard input of a command that is started for it."""

    alone = True

    def __init__(self, target: Target, timeout_s: float) -> None:
        self._words = shlex.split(target.words)
        self._timeout_s = timeout_s
        if not self._words:
            raise OSError("exec: there is no command")

    def deliver(self, octets: bytes) -> None:
        with subprocess.Popen(
            self._words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        ) as process:
            try:
                process.communicate(octets, timeout=self._timeout_s)
            except subprocess.TimeoutExpired:
                raise Failed(f"it does not end within {self._timeout_s:g} s") from None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        _check(process.returncode)

    def close(self) -> None:
        pass


def _check(status: int) -> None:
    """Failed for a process that a signal ended, also one that a shell reports (128 and more)."""
    number = -status if status < 0 else status - 128
    if status < 0 or 128 < status < 128 + signal.NSIG:
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        raise Failed(f"it was ended by {name}")
