"""Whether a receiver is alive: asked by a connection, an echo, its process, or a command."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from rawlab.campaign.targets import Target, read_target

KINDS = ("tcp", "udp", "pid", "ping", "command")
WAIT_S = 2.0
PROBE = b"rawlab"
TRIES = 3

Monitor = Callable[[], str | None]
"""What is wrong with the receiver; None while it is alive."""


def make_monitor(text: str) -> tuple[Target, Monitor]:
    """The monitor that `text` asks for, and whom it asks. ValueError for what is none."""
    target = read_target(text, KINDS)
    if target.kind == "tcp":
        return target, lambda: _accepts(target)
    if target.kind == "udp":
        return target, lambda: _echoes(target)
    if target.kind == "pid":
        if not target.words.isdecimal():
            raise ValueError(f"{text!r}: pid:NUMBER is wanted")
        return target, lambda: _lives(int(target.words))
    words = ["ping", "-c", "1", "-W", "2", target.host] if target.kind == "ping" else (
        shlex.split(target.words))
    return target, lambda: _succeeds(words)


def _accepts(target: Target) -> str | None:
    try:
        socket.create_connection((target.host, target.port), WAIT_S).close()
    except TimeoutError:
        return f"{target} accepts no connection within {WAIT_S:g} s"
    except OSError as error:
        return f"{target}: {error.strerror}"
    return None


def _echoes(target: Target) -> str | None:
    """Any answer will do; a datagram may get lost, so it is asked more than once."""
    family, kind, number, _, address = socket.getaddrinfo(
        target.host, target.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, number) as asked:
        asked.settimeout(WAIT_S / TRIES)
        for _ in range(TRIES):
            try:
                asked.connect(address)
                asked.send(PROBE)
                asked.recv(65536)
                return None
            except TimeoutError:
                continue
            except OSError as error:
                return f"{target}: {error.strerror}"
    return f"{target} answers nothing within {WAIT_S:g} s"


def _lives(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return f"process {pid} is gone"
    except OSError:
        return None  # another user's
    return f"process {pid} has ended" if state in "ZX" else None


def _succeeds(words: list[str]) -> str | None:
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return f"{shlex.join(words)} does not end within 10 s"
    return None if done.returncode == 0 else f"{shlex.join(words)}: exit status {done.returncode}"
