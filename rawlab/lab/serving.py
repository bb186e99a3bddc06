"""A virtual host's own process: it lives in its network namespace and does what it is asked."""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
import traceback
from dataclasses import dataclass
from typing import Any, NoReturn

from rawlab.lab import messages, namespaces
from rawlab.lab.calls import Call, make_call

SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 1


@dataclass(frozen=True)
class OpenSocket:
    """Request: a socket of this namespace. Reply: its descriptor."""

    family: int
    kind: int
    protocol: int


@dataclass(frozen=True)
class OpenNamespace:
    """Request: a descriptor of this network namespace."""


@dataclass(frozen=True)
class StartCall:
    """Request: a Python call in a child. With it comes the socket for the result.

    Further descriptors that come along are the call's first argument, a tuple of numbers.
    Reply: the child's number, and a descriptor of the child.
    """

    call: Call


@dataclass(frozen=True)
class StartCommand:
    """Request: a program in a child. With it come the result socket, stdin, stdout, stderr.

    The result socket closes when the program has started, or carries the OSError.
    """

    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    directory: str


@dataclass(frozen=True)
class AwaitChild:
    """Request: the exit status of a child that has ended (negative: the signal that ended it)."""

    process: int


@dataclass(frozen=True)
class Failure:
    """Reply: what went wrong, and where, in the words of the traceback."""

    error: BaseException
    place: str


Request = OpenSocket | OpenNamespace | StartCall | StartCommand | AwaitChild


def serve_host(name: str, control: socket.socket) -> NoReturn:
    """Makes this process a host: a network namespace of its own, loopback up; then serves."""
    namespaces.die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        namespaces.unshare(namespaces.CLONE_NEWNET | namespaces.CLONE_NEWUTS)
        socket.sethostname(name)
        _bring_up_loopback()
    except OSError as error:
        messages.send(control, Failure(error, ""))
        os._exit(1)
    try:
        messages.send(control, None)
        while True:
            request, descriptors = messages.receive(control)
            _answer(control, request, descriptors)
    except messages.Closed:
        os._exit(0)


def _bring_up_loopback() -> None:
    import fcntl  # not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        request = fcntl.ioctl(asked, SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack_from("h", request, 16)[0]
        fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def _answer(control: socket.socket, request: Request, descriptors: list[int]) -> None:
    given: list[int] = []
    reply: object
    try:
        reply, given = _do(control, request, descriptors)
    except OSError as error:
        reply = Failure(error, "")
    messages.close_all(descriptors)
    messages.send(control, reply, given)
    messages.close_all(given)


def _do(
    control: socket.socket, request: Request, descriptors: list[int]
) -> tuple[object, list[int]]:
    """Does what is asked; gives the reply and the descriptors that go with it."""
    match request:
        case OpenSocket(family, kind, protocol):
            return None, [socket.socket(family, kind, protocol).detach()]
        case OpenNamespace():
            return None, [os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)]
        case AwaitChild(process):
            _, status = os.waitpid(process, 0)
            return os.waitstatus_to_exitcode(status), []
        case StartCall() | StartCommand():
            child = os.fork()
            if not child:
                control.close()
                _be_child(request, descriptors)
            return child, [os.pidfd_open(child)]


def _be_child(request: StartCall | StartCommand, descriptors: list[int]) -> NoReturn:
    """The child: makes the call or becomes the program. Never returns."""
    answer = socket.socket(fileno=descriptors[0])
    status = 1
    try:
        namespaces.die_with_parent()
        if isinstance(request, StartCommand):
            _become(request, descriptors[1:])
        value = make_call(request.call, tuple(descriptors[1:]))
        messages.send(answer, value)
        status = 0
    except BaseException as error:  # noqa: BLE001  whatever it was, the caller raises it
        _report(answer, error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _become(command: StartCommand, standard: list[int]) -> NoReturn:
    for target, descriptor in enumerate(standard):
        os.dup2(descriptor, target)  # the copies, unlike the originals, outlive exec
    for number in (signal.SIGPIPE, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.chdir(command.directory)
    program = command.arguments[0]
    try:
        os.execvpe(program, command.arguments, dict(command.environment))
    except OSError as error:
        raise OSError(error.errno, error.strerror, program) from None


def _report(answer: socket.socket, error: BaseException) -> None:
    place = "".join(traceback.format_exception(error))
    try:
        messages.send(answer, Failure(error, place))
    except messages.Closed:
        pass
    except Exception:  # noqa: BLE001  an exception that cannot be pickled goes as its words
        substitute: Any = RuntimeError(f"{type(error).__name__}: {error}")
        messages.send(answer, Failure(substitute, place))
