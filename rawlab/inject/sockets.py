"""The sockets that packets leave by: of the link layer, and raw ones of IPv4 and IPv6."""

from __future__ import annotations

import socket
import struct

from rawlab.capture.device import Device, device_flags, find_device
from rawlab.capture.interfaces import IFF_UP
from rawlab.capture.settings import Opener
from rawlab.inject.errors import cannot_send, is_down, not_permitted

SIOCGIFMTU = 0x8921
SOL_PACKET = 263
PACKET_QDISC_BYPASS = 20
IPPROTO_IPV6, IPV6_HDRINCL = 41, 36
BUFFER_OCTETS = 4 << 20
"""Asked for as the send buffer; the kernel gives no more than its own bound (wmem_max)."""


def open_link(interface: str, opener: Opener, bypass: bool) -> tuple[Device, socket.socket]:
    """A packet socket that sends whole frames on an interface and receives nothing.

    With `bypass` they go around the queueing discipline to the driver, which is faster; who
    captures on the same interface then does not see them leave.
    """
    opened = _open(opener, socket.AF_PACKET, 0, f"on {interface}", "packet socket")
    try:
        device = find_device(opened, interface)
        if device.every:
            raise ValueError('packets are sent on one interface: "any" is for capturing')
        if not device_flags(opened, interface) & IFF_UP:
            raise is_down(interface)
        opened.bind((interface, 0))
        if bypass:
            try:
                opened.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
            except OSError:  # a kernel without it (before 3.14): only slower
                pass
        _enlarge(opened)
    except BaseException:
        opened.close()
        raise
    return device, opened


def open_raw(version: int, interface: str | None, opener: Opener) -> socket.socket:
    """A socket for whole IPv4 or IPv6 packets (`version` 4 or 6), which the kernel routes.

    With an interface they leave by this one.
    """
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    where = f"on {interface}" if interface else "by route"
    opened = _open(opener, family, socket.IPPROTO_RAW, where, "raw socket")
    try:
        if version == 4:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        else:
            opened.setsockopt(IPPROTO_IPV6, IPV6_HDRINCL, 1)
        if interface:
            find_device(opened, interface)
            if not device_flags(opened, interface) & IFF_UP:
                raise is_down(interface)
            name = interface.encode() + b"\0"
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name)
        _enlarge(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def device_mtu(asked: socket.socket, name: str) -> int:
    """The MTU of an interface: octets that follow the link header."""
    import fcntl

    answer = fcntl.ioctl(asked, SIOCGIFMTU, struct.pack("16s24x", name.encode()))
    return int(struct.unpack_from("i", answer, 16)[0])


def _open(
    opener: Opener, family: int, protocol: int, where: str, what: str
) -> socket.socket:
    try:
        return opener(family, socket.SOCK_RAW, protocol)
    except PermissionError:
        raise not_permitted(where, what) from None
    except OSError as error:
        remedy = "does the kernel have this protocol?"
        raise cannot_send(where, f"opening a {what}", error, remedy) from None


def _enlarge(opened: socket.socket) -> None:
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_OCTETS)
