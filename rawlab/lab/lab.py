"""A lab: virtual hosts and the links between them, for as long as a `with` lasts."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_interface
from types import TracebackType

from rawlab.lab import messages
from rawlab.lab.host import Host
from rawlab.lab.links import Link, Port, make_pair, set_up, wait_until_up
from rawlab.lab.serving import Failure

CLOSE_TIMEOUT_S = 5.0
_START = (
    "import sys; sys.path[:] = sys.argv[4:]; from rawlab.lab.keeper import main;"
    "main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == 'user')"
)
_ADVICE = {
    errno.EPERM: "neither is this process root (CAP_SYS_ADMIN, CAP_NET_ADMIN), nor may users make"
    " namespaces here: run it as root, or allow them (sysctl"
    " kernel.apparmor_restrict_unprivileged_userns=0, kernel.unprivileged_userns_clone=1;"
    " in a container: --privileged)",
    errno.EACCES: "users may not make namespaces here: run it as root",
    errno.ENOSPC: "no more namespaces are allowed: raise sysctl user.max_user_namespaces",
    errno.EINVAL: "the kernel was built without the namespaces that virtual hosts are made of",
}


class LabUnavailable(OSError):
    """Virtual hosts cannot be made here; the text says why, and what to do."""

    def __init__(self, message: str, number: int | None = None) -> None:
        super().__init__(message)
        self.errno = number


@dataclass(frozen=True)
class LinkOptions:
    """How a link's two ends are set up."""

    mtu: int = 1500
    offload: bool = False
    """As on a real card: checksums and large segments are left to it, and captures show that."""


class Lab:
    """Virtual hosts that belong to this process, and end with it whatever happens.

        with Lab() as lab:
            a, b = lab.host("a"), lab.host("b")
            link = lab.link(a, b)
            server = b.socket(socket.AF_INET, socket.SOCK_STREAM)
            server.bind((link.second.ipv4, 8000))

    With `user_namespace` even root uses a namespace of users, as ordinary users have to.
    Raises LabUnavailable.
    """

    def __init__(self, *, user_namespace: bool = False) -> None:
        if sys.platform != "linux":
            raise LabUnavailable("no virtual hosts: they are made of namespaces, which Linux has")
        self.hosts: dict[str, Host] = {}
        self.links: list[Link] = []
        self._control, theirs = socket.socketpair()
        with theirs:
            self._watcher = _start_watcher(theirs.fileno(), user_namespace)
        try:
            problem, _ = messages.receive(self._control)
        except messages.Closed:
            problem = OSError(errno.ECHILD, "the lab's own process ended before it began")
        if problem is not None:
            self.close()
            raise _unavailable(problem)

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def host(self, name: str) -> Host:
        """A new host: a network of its own, with nothing but its loopback interface, up.

        Raises ValueError when the name is taken, LabUnavailable when it cannot be made.
        """
        if name in self.hosts:
            raise ValueError(f"the lab has a host {name!r}")
        ours, theirs = socket.socketpair()
        with theirs:
            messages.send(self._control, name, [theirs.fileno()])
        problem, _ = messages.receive(ours)
        if isinstance(problem, Failure):
            ours.close()
            raise _unavailable(problem.error)
        self.hosts[name] = Host(name, ours)
        return self.hosts[name]

    def link(
        self,
        first: Host,
        second: Host,
        addresses: tuple[Sequence[str], Sequence[str]] | None = None,
        options: LinkOptions | None = None,
    ) -> Link:
        """A link between two hosts, up, with an interface eth0, eth1 ... at each.

        `addresses` are those of the first and the second end, with prefix: (["10.0.0.1/24"],
        ["10.0.0.2/24"]). Without it link n of the lab has 10.0.n.1/24 and fd00:0:0:n::1/64 at the
        first end, ...2 at the second. Raises ValueError for a wrong address, OSError.
        """
        number = len(self.links) + 1
        given = addresses or _addresses(number)
        near, far = (
            Port(
                host=host.name,
                interface=f"eth{len(host.interfaces)}",
                mac=f"02:00:00:00:{number:02x}:{end:02x}",
                addresses=tuple(ip_interface(text) for text in given[end - 1]),
                mtu=(options or LinkOptions()).mtu,
                offload=(options or LinkOptions()).offload,
            )
            for end, host in ((1, first), (2, second))
        )
        _connect(first, second, near, far)
        self.links.append(Link(near, far))
        return self.links[-1]

    def close(self) -> None:
        """Ends all hosts and what runs in them; when it returns, they are gone."""
        for host in self.hosts.values():
            host.close()
        try:
            self._control.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the keeper has gone already, or `close` was called before
        self._control.close()
        try:
            self._watcher.wait(CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._watcher.kill()
            self._watcher.wait()


def available() -> str | None:
    """None when virtual hosts can be made here; else the reason why not, and what to do."""
    try:
        with Lab() as lab:
            lab.host("trial")
    except LabUnavailable as problem:
        return str(problem)
    return None


def _start_watcher(control: int, user_namespace: bool) -> subprocess.Popen[bytes]:
    users = "user" if user_namespace else "here"
    path = [entry or os.getcwd() for entry in sys.path]
    caller = os.pidfd_open(os.getpid())
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(control), str(caller), users, *path],
            pass_fds=[control, caller],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        os.close(caller)


def _unavailable(problem: BaseException) -> LabUnavailable:
    number = getattr(problem, "errno", None)
    if number in _ADVICE:
        return LabUnavailable(f"no virtual hosts: {_ADVICE[number]}", number)
    return LabUnavailable(f"no virtual hosts: {problem}", number)


def _addresses(number: int) -> tuple[Sequence[str], Sequence[str]]:
    first, second = (
        (f"10.0.{number}.{end}/24", f"fd00:0:0:{number:x}::{end}/64") for end in (1, 2)
    )
    return first, second


def _connect(first: Host, second: Host, near: Port, far: Port) -> None:
    namespace = second.namespace()
    try:
        first.start_with([namespace], make_pair, near, far).result()
    finally:
        os.close(namespace)
    first.interfaces.append(near.interface)
    second.interfaces.append(far.interface)
    ends = ((first, near), (second, far))
    for step in (set_up, wait_until_up):
        for task in [host.start(step, port) for host, port in ends]:
            task.result()
