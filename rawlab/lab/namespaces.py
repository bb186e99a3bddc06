"""The system calls that make namespaces and tie a process's life to its parent's."""

from __future__ import annotations

import ctypes
import os
import signal

CLONE_NEWUTS = 0x0400_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

_PR_SET_PDEATHSIG = 1


def unshare(flags: int) -> None:
    """Moves this process, which must have one thread, into new namespaces (CLONE_NEW...).

    CLONE_NEWPID takes effect with the next child. Raises OSError: EPERM where it is forbidden,
    ENOSPC where the number of namespaces is used up.
    """
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")


def die_with_parent() -> None:
    """Asks the kernel to kill this process when the thread that forked it ends."""
    number = ctypes.c_ulong(signal.SIGKILL)
    _checked(_libc().prctl(ctypes.c_int(_PR_SET_PDEATHSIG), number), "prctl")


def become_root_of_user_namespace() -> None:
    """Enters new user and process namespaces, in which this user's number reads as 0 (root).

    Files are still those of the user: nothing outside is gained. Raises OSError.
    """
    user, group = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER | CLONE_NEWPID)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"0 {user} 1")
    _write("/proc/self/gid_map", f"0 {group} 1")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, call: str) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)
