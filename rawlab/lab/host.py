"""A virtual host, seen from the caller."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from io import FileIO
from typing import Any, Concatenate, ParamSpec, TypeVar

from rawlab.lab import messages
from rawlab.lab.calls import Call, describe_call
from rawlab.lab.serving import (
    AwaitChild,
    Failure,
    OpenNamespace,
    OpenSocket,
    Request,
    StartCall,
    StartCommand,
)
from rawlab.lab.task import Process, Task

P = ParamSpec("P")
T = TypeVar("T")


class Host:
    """A machine of its own as far as networking goes: interfaces, addresses, routes, sockets.

    It shares files and users with the caller. All methods may be called from any thread.
    """

    def __init__(self, name: str, control: socket.socket) -> None:
        self.name = name
        self.interfaces: list[str] = []
        """Names of the host's ends of links, in the order of linking."""
        self._control = control
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return f"Host({self.name!r})"

    def socket(self, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM,
               protocol: int = 0) -> socket.socket:
        """A socket that was opened inside the host, for use right here.

        It stays in the host's namespace: bound, connected or set to an interface, it acts there.
        Raises OSError as `socket.socket` does.
        """
        _, (descriptor,) = self._ask(OpenSocket(family, kind, protocol))
        return socket.socket(fileno=descriptor)

    def namespace(self) -> int:
        """A new file descriptor of the host's network namespace, to be closed by the caller."""
        _, (descriptor,) = self._ask(OpenNamespace())
        return descriptor

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls a function inside the host and returns what it returns, or raises what it raises.

        The function stands at the top of a module; arguments and result go through pickle.
        """
        return self.start(function, *args, **kwargs).result()

    def start(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Task[T]:
        """Begins a call inside the host, in a process of its own."""
        return self._start_call((), describe_call(function, args, kwargs))

    def start_with(self, descriptors: Sequence[int],
                   function: Callable[Concatenate[tuple[int, ...], P], T],
                   *args: P.args, **kwargs: P.kwargs) -> Task[T]:
        """As `start`, with copies of file descriptors, at least one.

        The function's first argument is a tuple of the numbers that the copies have there.
        """
        return self._start_call(descriptors, describe_call(function, args, kwargs))

    def run(self, *arguments: str, stdin: bytes = b"", timeout_s: float | None = None,
            environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
        """Runs a program inside the host to its end; its output is in the result.

        Raises FileNotFoundError and the like when it cannot be started, and TimeoutError, after
        it was killed, when it takes too long. The exit status is the caller's to look at.
        """
        with _scratch(stdin) as given, _scratch() as out, _scratch() as err:
            process = self.start_program(
                *arguments, stdin=given.fileno(), stdout=out.fileno(), stderr=err.fileno(),
                environment=environment,
            )
            with process:
                status = process.wait(timeout_s)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, status, out.read(), err.read())

    def start_program(self, *arguments: str, stdin: int | None = None, stdout: int | None = None,
                      stderr: int | None = None,
                      environment: Mapping[str, str] | None = None) -> Process:
        """Starts a program inside the host, with descriptors of the caller as its standard ones.

        None: /dev/null. Returns when the program runs; raises OSError when it cannot be started.
        """
        given = tuple((os.environ if environment is None else environment).items())
        request = StartCommand(arguments, given, os.getcwd())
        here, there = socket.socketpair()
        null = os.open(os.devnull, os.O_RDWR)
        try:
            with there:
                standard = [null if one is None else one for one in (stdin, stdout, stderr)]
                process = self._start(request, [there.fileno(), *standard])
        finally:
            os.close(null)
        with here:
            _raise_failure_to_start(here, process)
        return process

    def close(self) -> None:
        """Ends the host, and with it all that runs in it."""
        self._control.close()

    def _start_call(self, descriptors: Sequence[int], call: Call) -> Task[Any]:
        here, there = socket.socketpair()
        with there:
            process = self._start(StartCall(call), [there.fileno(), *descriptors])
        return Task(process, here, call.name)

    def _start(self, request: Request, descriptors: Sequence[int]) -> Process:
        number, (descriptor,) = self._ask(request, descriptors)
        return Process(descriptor, lambda: int(self._ask(AwaitChild(number))[0]))

    def _ask(self, request: Request, descriptors: Sequence[int] = ()) -> tuple[Any, list[int]]:
        with self._turn:
            messages.send(self._control, request, descriptors)
            reply, given = messages.receive(self._control)
        if isinstance(reply, Failure):
            raise reply.error
        return reply, given


def _scratch(content: bytes = b"") -> FileIO:
    """A file in memory, to be read from its start."""
    file = FileIO(os.memfd_create("rawlab-lab"), "w+")
    file.write(content)
    file.seek(0)
    return file


def _raise_failure_to_start(answer: socket.socket, process: Process) -> None:
    try:
        failure, _ = messages.receive(answer)
    except messages.Closed:
        return  # closed by exec: the program runs
    process.wait()
    raise failure.error
