"""What can go wrong when sending: one line each, with what to do."""

from __future__ import annotations

import errno
import os
import sys

from rawlab.capture.device import LINKTYPE_NAMES, LINKTYPE_RAW


class SendError(OSError):
    """Packets cannot be sent; the message is one line that says what to do."""

    def __init__(self, message: str, number: int = errno.EIO) -> None:
        super().__init__(message)
        self.errno = number


class SendNotPermitted(SendError, PermissionError):
    """The process may not open a packet socket or a raw socket."""


class InterfaceDown(SendError):
    """The interface is switched off, or was removed, so that nothing can be sent on it."""


class WrongLinkType(SendError, ValueError):
    """The packets begin with another header than what is sent there begins with."""


def not_permitted(where: str, what: str) -> SendNotPermitted:
    """The error for a socket that the system does not permit; `what` is its kind."""
    program = os.path.realpath(sys.executable)
    return SendNotPermitted(
        f"cannot send {where}: opening a {what} needs the capability CAP_NET_RAW; "
        f"use sudo, or grant it once: sudo setcap cap_net_raw+ep {program}",
        errno.EPERM,
    )


def is_down(interface: str) -> InterfaceDown:
    """The error for an interface that is switched off."""
    return InterfaceDown(
        f"cannot send on {interface}: the interface is down; "
        f"switch it on: sudo ip link set {interface} up",
        errno.ENETDOWN,
    )


def is_gone(interface: str) -> InterfaceDown:
    """The error for an interface that was there when the sender was opened."""
    return InterfaceDown(
        f"cannot send on {interface}: the interface was removed or moved to another namespace",
        errno.ENODEV,
    )


def cannot_send(where: str, doing: str, error: OSError, remedy: str) -> SendError:
    """The error for a step that the kernel refused; `where` is "on eth0" or "by route"."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return SendError(f"cannot send {where}: {doing}: {reason}; {remedy}", error.errno or errno.EIO)


def wrong_linktype(linktype: int, wanted: int, interface: str | None) -> WrongLinkType:
    """The error for packets of `linktype` where `wanted` is sent: on an interface, or by route."""
    given = _described(linktype)
    if interface is None:
        return WrongLinkType(
            f"cannot send by route: the packets are {given}, and by route the kernel takes IPv4 "
            "and IPv6 packets; name the interface that the frames leave by",
            errno.EINVAL,
        )
    remedy = f"send {_described(wanted)}"
    if linktype == LINKTYPE_RAW:
        remedy = "let the kernel write the frame (level ip), or put an Ethernet header in front"
    return WrongLinkType(
        f"cannot send on {interface}: the packets are {given}, the interface takes "
        f"{_described(wanted)}; {remedy}",
        errno.EINVAL,
    )


def _described(linktype: int) -> str:
    return LINKTYPE_NAMES[linktype][1] if linktype in LINKTYPE_NAMES else f"link type {linktype}"
