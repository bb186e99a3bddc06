"""The way to an address, as the kernel would take it: interface, source, next hop, its MAC."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import struct
import sys
from dataclasses import dataclass

from rawlab.capture.device import device_name, find_device, hardware_address
from rawlab.capture.settings import Opener
from rawlab.inject.errors import SendError
from rawlab.inject.netlink import RTM_GETNEIGH, RTM_GETROUTE, ask_kernel, attributes_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_PREFSRC = 1, 4, 5, 7
_NDA_DST, _NDA_LLADDR = 1, 2
_RTMSG = struct.Struct("=BBBBBBBBI")
_NDMSG = struct.Struct("=BxxxiHBB")
_KNOWN = 0x02 | 0x04 | 0x08 | 0x10 | 0x80
"""States of a neighbour whose MAC can be used: reachable, stale, delay, probe, permanent."""
_RTN_LOCAL = 2


class NoRoute(SendError):
    """The kernel knows no way to an address."""


@dataclass(frozen=True)
class Route:
    """The way to an address."""

    destination: Address
    interface: str
    index: int
    source: Address
    gateway: Address | None = None
    """The router to which packets go; None where the destination is on the link itself."""
    local: bool = False
    """The destination is an address of this very host."""

    @property
    def next_hop(self) -> Address:
        """Whose MAC a frame goes to."""
        return self.gateway or self.destination


def route_to(
    destination: str | Address, interface: str | None = None, *, opener: Opener = socket.socket
) -> Route:
    """The kernel's way to an address, over `interface` where one is named; raises NoRoute."""
    address = ipaddress.ip_address(destination)
    interface = interface or getattr(address, "scope_id", None)  # as in fe80::1%eth0
    family = _family(address)
    attributes = {_RTA_DST: address.packed}
    if interface is not None:
        with opener(socket.AF_INET, socket.SOCK_DGRAM, 0) as asked:
            attributes[_RTA_OIF] = struct.pack("=I", find_device(asked, interface).index)
    body = _RTMSG.pack(family, address.max_prefixlen, 0, 0, 0, 0, 0, 0, 0)
    where = f" on {interface}" if interface else ""
    try:
        message = ask_kernel(opener, RTM_GETROUTE, body, attributes)[0]
    except OSError as error:
        raise NoRoute(
            f"no route to {address}{where}: {os.strerror(error.errno or errno.ENETUNREACH)};"
            " ip route shows those that there are", error.errno or errno.ENETUNREACH,
        ) from None
    found = attributes_of(message, _RTMSG.size)
    index = int.from_bytes(found.get(_RTA_OIF, b""), sys.byteorder)
    with opener(socket.AF_INET, socket.SOCK_DGRAM, 0) as asked:
        name = device_name(asked, index)
    source = found.get(_RTA_PREFSRC)
    if name is None or source is None:
        raise NoRoute(f"no route to {address}{where}: no interface has an address that leads there",
                      errno.ENETUNREACH)
    gateway = found.get(_RTA_GATEWAY)
    return Route(address, name, index, _address(source), _address(gateway) if gateway else None,
                 message[7] == _RTN_LOCAL)


def neighbour(route: Route, *, opener: Opener = socket.socket) -> str | None:
    """The MAC of the next hop as the kernel's neighbour table has it; None where it has none."""
    body = _NDMSG.pack(_family(route.next_hop), 0, 0, 0, 0)
    for message in ask_kernel(opener, RTM_GETNEIGH, body, {}, dump=True):
        _, index, state, _, _ = _NDMSG.unpack_from(message)
        found = attributes_of(message, _NDMSG.size)
        if index == route.index and state & _KNOWN and _NDA_LLADDR in found:
            if found.get(_NDA_DST) == route.next_hop.packed:
                return found[_NDA_LLADDR].hex(":")
    return None


def own_mac(interface: str, *, opener: Opener = socket.socket) -> str:
    """The link-layer address of an interface; raises NoSuchInterface."""
    with opener(socket.AF_INET, socket.SOCK_DGRAM, 0) as asked:
        find_device(asked, interface)
        return hardware_address(asked, interface).hex(":")


def shared_mac(address: Address) -> str | None:
    """The MAC of a multicast or broadcast address (RFC 1112, RFC 2464); None for any other."""
    if not address.is_multicast:
        return "ff:ff:ff:ff:ff:ff" if str(address) == "255.255.255.255" else None
    if isinstance(address, ipaddress.IPv6Address):
        return (b"\x33\x33" + address.packed[-4:]).hex(":")
    low = int(address) & 0x7FFFFF
    return (b"\x01\x00\x5e" + low.to_bytes(3)).hex(":")


def _family(address: Address) -> int:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6


def _address(octets: bytes) -> Address:
    return ipaddress.ip_address(octets)
