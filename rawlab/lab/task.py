"""What runs in a virtual host, seen from the caller: a Python call or a program."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from rawlab.lab import messages
from rawlab.lab.serving import Failure

T = TypeVar("T")


class Process:
    """A process in a virtual host. It is killed at the latest when the lab is closed."""

    def __init__(self, descriptor: int, exit_status: Callable[[], int]) -> None:
        self._descriptor = descriptor
        self._ask_status = exit_status
        self._status: int | None = None

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def signal(self, number: int = signal.SIGTERM) -> None:
        """Sends a signal; nothing happens when the process has ended."""
        if self._status is None:
            try:
                signal.pidfd_send_signal(self._descriptor, number)
            except ProcessLookupError:
                pass

    def wait(self, timeout_s: float | None = None) -> int:
        """Waits for the end: the exit status, or the negative number of the signal that ended it.

        Raises TimeoutError; the process then goes on.
        """
        if self._status is None:
            waiting = select.poll()
            waiting.register(self._descriptor, select.POLLIN)
            if not waiting.poll(None if timeout_s is None else timeout_s * 1000):
                raise TimeoutError(f"the process did not end within {timeout_s} s")
            self._status = self._ask_status()
            os.close(self._descriptor)
        return self._status

    def close(self) -> None:
        """Kills the process if it still runs, and waits for its end."""
        self.signal(signal.SIGKILL)
        try:
            self.wait()
        except messages.Closed:
            pass  # the lab was closed before, and took the process with it


class Task(Generic[T]):
    """A Python call in a virtual host, made in a process of its own."""

    def __init__(self, process: Process, answer: socket.socket, name: str) -> None:
        self._process = process
        self._answer = answer
        self._name = name
        self._outcome: tuple[T] | None = None

    def result(self, timeout_s: float | None = None) -> T:
        """What the call returned; raises what it raised, with the place noted.

        Raises TimeoutError when it takes longer (it goes on then), ChildProcessError when its
        process ended without an answer.
        """
        if self._outcome is None:
            self._answer.settimeout(timeout_s)
            try:
                value, _ = messages.receive(self._answer)
            except messages.Closed:
                raise ChildProcessError(
                    f"{self._name} ended without a result, status {self._process.wait()}"
                ) from None
            except TimeoutError:
                raise TimeoutError(f"{self._name} took longer than {timeout_s} s") from None
            self._answer.close()
            self._process.wait()
            if isinstance(value, Failure):
                value.error.add_note(f"in a host of the lab:\n{value.place}")
                raise value.error
            self._outcome = (value,)
        return self._outcome[0]

    def stop(self) -> None:
        """Kills the call if it still runs."""
        self._process.close()
        self._answer.close()
