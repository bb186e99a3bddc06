"""What can go wrong when capturing: one line each, with what to do."""

from __future__ import annotations

import difflib
import errno
import os
import sys
from collections.abc import Sequence


class CaptureError(OSError):
    """A capture cannot start or go on; the message is one line that says what to do."""

    def __init__(self, message: str, number: int = errno.EIO) -> None:
        super().__init__(message)
        self.errno = number


class CaptureNotPermitted(CaptureError, PermissionError):
    """The process may not open a packet socket."""


class NoSuchInterface(CaptureError):
    """There is no interface of this name."""


class InterfaceRemoved(CaptureError):
    """The interface went away while packets were captured from it."""


def not_permitted(interface: str) -> CaptureNotPermitted:
    """The error for a capture that the system does not permit."""
    if sys.platform == "linux":
        program = os.path.realpath(sys.executable)
        needed = (
            "opening a packet socket needs the capability CAP_NET_RAW; "
            f"use sudo, or grant it once: sudo setcap cap_net_raw+ep {program}"
        )
    elif sys.platform == "win32":
        needed = "run it as administrator, or let Npcap's installer permit it to all users"
    else:
        needed = "opening /dev/bpf needs permission; use sudo, or see: ls -l /dev/bpf*"
    return CaptureNotPermitted(f"cannot capture on {interface}: {needed}", errno.EPERM)


def no_such_interface(interface: str, existing: Sequence[str]) -> NoSuchInterface:
    """The error for a name that no interface has; names those that exist, the nearest first."""
    near = difflib.get_close_matches(interface, [*existing, "any"], n=1)
    meant = f" did you mean {near[0]}?" if near else ""
    listed = ", ".join(existing) or "none"
    return NoSuchInterface(
        f"no interface is named {interface!r};{meant} interfaces here: {listed}", errno.ENODEV
    )


def interface_removed(interface: str) -> InterfaceRemoved:
    """The error for an interface that was removed, or moved to another namespace."""
    return InterfaceRemoved(
        f"capture on {interface} ended: the interface was removed or moved to another namespace; "
        "what arrived before has been delivered",
        errno.ENODEV,
    )


def cannot_open(interface: str, doing: str, error: OSError, remedy: str) -> CaptureError:
    """The error for a step of opening that the kernel refused."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return CaptureError(
        f"cannot capture on {interface}: {doing}: {reason}; {remedy}", error.errno or errno.EIO
    )
