"""The network interfaces of this network namespace. Needs no privileges."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rawlab.capture.device import Device, device_flags

IFF_UP, IFF_LOOPBACK, IFF_RUNNING = 0x1, 0x8, 0x40

ARPHRD_ETHER = 1

_ROUTES = Path("/proc/thread-self/net/route")
_ROUTES_IPV6 = Path("/proc/thread-self/net/ipv6_route")
_RTF_UP, _RTF_REJECT = 0x1, 0x200

Address = ipaddress.IPv4Interface | ipaddress.IPv6Interface


@dataclass(frozen=True)
class InterfaceDetails:
    """What the kernel says of a network interface."""

    name: str
    index: int
    up: bool
    """Switched on by the administrator."""
    running: bool
    """On, and with a carrier."""
    loopback: bool
    mac: str | None
    addresses: tuple[Address, ...]
    linktype: int
    """LINKTYPE_ value of what is captured from it."""
    mtu: int
    """In octets, without the link header; 0 where the system does not say."""
    kind: str = ""
    """The kernel's name of a virtual interface's driver: veth, vlan, bridge, tun; or ethernet."""


def interfaces() -> tuple[InterfaceDetails, ...]:
    """All interfaces, by index."""
    if sys.platform != "linux":
        from rawlab.capture.pcap_interfaces import pcap_interfaces

        return pcap_interfaces()
    from pyroute2 import IPRoute

    with IPRoute() as route:
        addresses: dict[int, list[Address]] = {}
        for message in route.get_addr():
            found = _address(message)
            if found is not None:
                addresses.setdefault(message["index"], []).append(found)
        links = [_details(link, addresses.get(link["index"], [])) for link in route.get_links()]
    return tuple(sorted(links, key=lambda link: link.index))


def default_interface() -> str:
    """The interface of the default route; else the first that is up and no loopback; else `lo`.

    On systems other than Linux the first that runs, in libpcap's order, which tells no routes.
    """
    if sys.platform != "linux":
        from rawlab.capture.pcap_interfaces import first_interface

        return first_interface()
    candidates = [*_default_routes(), *_default_routes_ipv6()]
    if candidates:
        return min(candidates)[1]
    names = [name for _, name in socket.if_nameindex()]
    for name in names:
        if _is_up(name) and name != "lo":
            return name
    return "lo"


def _default_routes() -> list[tuple[int, str]]:
    """IPv4 default routes: metric and interface."""
    found = []
    for line in _lines(_ROUTES)[1:]:
        name, destination, _, flags, _, _, metric, mask, *_ = line.split()
        if destination == mask == "00000000" and _usable(flags):
            found.append((int(metric), name))
    return found


def _default_routes_ipv6() -> list[tuple[int, str]]:
    """IPv6 default routes: metric and interface; behind those of IPv4."""
    found = []
    for line in _lines(_ROUTES_IPV6):
        destination, length, _, _, _, metric, _, _, flags, name = line.split()
        if int(destination, 16) == 0 and length == "00" and _usable(flags) and name != "lo":
            found.append((int(metric, 16) + (1 << 32), name))
    return found


def _usable(flags: str) -> bool:
    return int(flags, 16) & (_RTF_UP | _RTF_REJECT) == _RTF_UP


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:  # a kernel without this protocol
        return []


def _is_up(name: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        return bool(device_flags(asked, name) & IFF_UP)


def _address(message: Any) -> Address | None:
    attributes = dict(message["attrs"])
    text = attributes.get("IFA_LOCAL") or attributes.get("IFA_ADDRESS")
    return ipaddress.ip_interface(f"{text}/{message['prefixlen']}") if text else None


def _details(link: Any, addresses: list[Address]) -> InterfaceDetails:
    attributes: Mapping[str, Any] = dict(link["attrs"])
    name = str(attributes["IFLA_IFNAME"])
    flags = int(link["flags"])
    information = attributes.get("IFLA_LINKINFO")
    kind = dict(information["attrs"]).get("IFLA_INFO_KIND") if information else None
    return InterfaceDetails(
        name=name,
        index=int(link["index"]),
        up=bool(flags & IFF_UP),
        running=bool(flags & IFF_RUNNING),
        loopback=bool(flags & IFF_LOOPBACK),
        mac=attributes.get("IFLA_ADDRESS"),
        addresses=tuple(addresses),
        linktype=Device(name, int(link["index"]), int(link["ifi_type"])).linktype,
        mtu=int(attributes.get("IFLA_MTU", 0)),
        kind=str(kind or ("ethernet" if link["ifi_type"] == ARPHRD_ETHER else "")),
    )
