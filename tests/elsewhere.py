"""Runs rawlab as if on macOS or Windows, as far as a Linux can be made to look so; a script.

Arguments: the system (darwin, win32), and then either "import", or a command line of rawlab. What
Python has on Linux alone is taken away first: modules, functions and constants.
"""

from __future__ import annotations

import importlib
import pkgutil
import socket
import sys
from importlib.abc import MetaPathFinder
from typing import Any

MODULES = {
    "darwin": ["pyroute2", "spwd"],
    "win32": "pyroute2 fcntl grp pty pwd resource syslog termios tty".split(),
}
"""Modules that are not there."""

LINUX_ONLY = """
    os: EFD_CLOEXEC EFD_NONBLOCK O_PATH eventfd eventfd_read eventfd_write getresgid getresuid
        memfd_create pidfd_open pipe2 posix_fadvise posix_fallocate sched_getaffinity
        sched_setaffinity setns setresgid setresuid splice unshare
    select: epoll
    signal: pidfd_send_signal sigtimedwait sigwaitinfo
    socket: AF_NETLINK AF_PACKET AF_VSOCK
    time: CLOCK_BOOTTIME
"""
UNIX_ONLY = """
    mmap: MAP_ANONYMOUS MAP_PRIVATE MAP_SHARED PROT_READ PROT_WRITE
    os: O_CLOEXEC O_NOFOLLOW O_NONBLOCK O_SYNC WNOHANG fchmod fchown fork geteuid getegid getgid
        getgrouplist getgroups getloadavg getuid initgroups killpg mkfifo pread preadv pwrite
        pwritev readv sendfile setgid setgroups setpgid setsid setuid statvfs sysconf uname
        waitid writev
    select: POLLERR POLLHUP POLLIN POLLNVAL POLLOUT poll
    signal: SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGUSR1 SIGUSR2 SIGWINCH alarm pthread_kill
        pthread_sigmask setitimer sigpending sigwait siginterrupt
    socket: AF_UNIX CMSG_LEN CMSG_SPACE SCM_RIGHTS recv_fds send_fds
    time: tzset
"""
MISSING = {"darwin": LINUX_ONLY, "win32": LINUX_ONLY + UNIX_ONLY}
"""Names that are not in a module."""

FOREIGN = (
    "asyncio click ctypes cypcap email gzip importlib.metadata importlib.resources inspect lark"
    " logging lzma multiprocessing numpy platform random rich.console rich.table secrets selectors"
    " shutil signal socket socketserver subprocess sysconfig tempfile zipfile zoneinfo"
).split()
"""What others wrote, and is to look at the true system while it is imported."""


class Absent(MetaPathFinder):
    """Finds none of the modules that are not there."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.split(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def pretend(system: str) -> None:
    """Make this process look like one of another system."""
    for name in FOREIGN:
        importlib.import_module(name)
    for loaded in list(sys.modules):
        if loaded.split(".")[0] in MODULES[system]:
            del sys.modules[loaded]
    sys.meta_path.insert(0, Absent(MODULES[system]))
    module = ""
    for word in MISSING[system].split():
        if word.endswith(":"):
            module = word.removesuffix(":")
        else:
            vars(importlib.import_module(module)).pop(word, None)
    if system == "win32":
        socket.socketpair = socket_pair  # type: ignore[assignment]
    sys.platform = system


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """What Python does where the system has no socketpair: two ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        return near, listener.accept()[0]


def import_all() -> None:
    """Imports every module of rawlab and of its dissectors; what fails is told."""
    import dissectors
    import rawlab

    for package in (rawlab, dissectors):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not found.name.endswith(".__main__"):
                importlib.import_module(found.name)
                print(found.name)


def main(system: str, words: list[str]) -> int:
    pretend(system)
    if words == ["import"]:
        import_all()
        return 0
    from rawlab.cli.main import main as rawlab

    return rawlab(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
