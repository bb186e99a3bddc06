"""The capabilities of the calling thread, and how it loses them for good (Linux)."""

from __future__ import annotations

import ctypes
import errno
import os
import struct

_SET_DUMPABLE, _SET_KEEPCAPS, _SET_NO_NEW_PRIVS = 4, 8, 38
_BOUNDING_READ, _BOUNDING_DROP = 23, 24
_AMBIENT, _AMBIENT_CLEAR_ALL = 47, 4
_VERSION_3 = 0x20080522
_SETPCAP = 8


def effective_capabilities() -> int:
    """The bits of the capabilities in force."""
    header = ctypes.create_string_buffer(struct.pack("Ii", _VERSION_3, 0))
    data = ctypes.create_string_buffer(24)
    _check(_libc().capget(header, data), "capget")
    low, _, _, high, _, _ = struct.unpack("6I", data.raw)
    return int(low | high << 32)


def drop_bounding_set() -> None:
    """No program that is started later can have capabilities; needs CAP_SETPCAP to have an effect.

    Without it nothing is changed: `forbid_new_privileges` has the same meaning then.
    """
    if not effective_capabilities() >> _SETPCAP & 1:
        return
    number = 0
    while (has := _prctl(_BOUNDING_READ, number)) >= 0:
        if has:
            _check(_prctl(_BOUNDING_DROP, number), "dropping the bounding set")
        number += 1


def drop_capabilities() -> None:
    """Empties the effective, permitted, inheritable and ambient sets."""
    if _prctl(_AMBIENT, _AMBIENT_CLEAR_ALL) < 0 and ctypes.get_errno() != errno.EINVAL:
        _check(-1, "clearing the ambient set")  # kernels before 4.3 have none
    _check(_prctl(_SET_KEEPCAPS, 0), "PR_SET_KEEPCAPS")
    header = ctypes.create_string_buffer(struct.pack("Ii", _VERSION_3, 0))
    _check(_libc().capset(header, ctypes.create_string_buffer(24)), "capset")


def forbid_new_privileges() -> None:
    """From now on no program that is started gains privileges by its mode or file capabilities."""
    _check(_prctl(_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS")


def hide_memory() -> None:
    """Keeps the user's other processes from taking the sockets out of this one by ptrace."""
    _check(_prctl(_SET_DUMPABLE, 0), "PR_SET_DUMPABLE")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> int:
    zero = ctypes.c_ulong(0)
    return int(_libc().prctl(option, ctypes.c_ulong(value), zero, zero, zero))


def _check(answer: int, doing: str) -> None:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing}: {os.strerror(number)}")
