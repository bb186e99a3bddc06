"""Waiting for file descriptors, in a thread or in an event loop, and waking who waits."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Sequence

_LOOK_S = 0.005
READABLE = 1
"""The event of `Waiter.wait` that says: there is something to read (POLLIN)."""


class Wake:
    """Something to wait for that any thread or signal handler can set.

    An eventfd where the system has one, else a pair of sockets.
    """

    def __init__(self) -> None:
        self._number = -1
        self._far: socket.socket | None = None
        if hasattr(os, "eventfd"):
            self._number = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        else:
            self._near, self._far = socket.socketpair()
            self._near.setblocking(False)
            self._far.setblocking(False)

    def fileno(self) -> int:
        """Readable while it is set."""
        return self._number if self._far is None else self._near.fileno()

    def set(self) -> None:
        """Wakes who waits, now or the next time; nobody after `close`."""
        try:
            if self._far is None:
                if self._number >= 0:
                    os.eventfd_write(self._number, 1)
            elif self._far.fileno() >= 0:
                self._far.send(b"\0")
        except BlockingIOError:  # set often enough
            pass

    def clear(self) -> None:
        """Until it is set again nobody is woken."""
        try:
            if self._far is None:
                os.eventfd_read(self._number)
            else:
                self._near.recv(1 << 16)
        except BlockingIOError:  # it was not set
            pass

    def close(self) -> None:
        """Frees the descriptors. Otherwise it happens in the end."""
        if self._far is not None:
            self._near.close()
            self._far.close()
        elif self._number >= 0:
            os.close(self._number)
            self._number = -1

    def __del__(self) -> None:
        self.close()


class Waiter:
    """Waits until one of several descriptors is readable, or has an error."""

    def __init__(self) -> None:
        self._poll = select.poll() if hasattr(select, "poll") else None
        self._descriptors: set[int] = set()

    def add(self, descriptor: int) -> None:
        """Wait for this one too."""
        self._descriptors.add(descriptor)
        if self._poll is not None:
            self._poll.register(descriptor, select.POLLIN)

    def remove(self, descriptor: int) -> None:
        """Wait for this one no longer."""
        self._descriptors.remove(descriptor)
        if self._poll is not None:
            self._poll.unregister(descriptor)

    def wait(self, timeout_s: float | None) -> Sequence[tuple[int, int]]:
        """The descriptors with something to look at, and what; none when the time is over.

        None waits for as long as it takes.
        """
        if self._poll is not None:
            return self._poll.poll(None if timeout_s is None else timeout_s * 1000)
        readable, _, _ = select.select(self._descriptors, (), (), timeout_s)
        return [(descriptor, READABLE) for descriptor in readable]


async def readable(descriptor: int) -> None:
    """Returns when the descriptor can be read; the event loop runs meanwhile."""
    import asyncio

    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    try:
        loop.add_reader(descriptor, woken.set)
    except NotImplementedError:  # the loop that Windows has by default
        while not select.select([descriptor], [], [], 0)[0]:
            await asyncio.sleep(_LOOK_S)
        return
    try:
        await woken.wait()
    finally:
        loop.remove_reader(descriptor)
