"""The network interfaces as libpcap lists them, where the system has no netlink."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import TYPE_CHECKING

from rawlab.capture.errors import cannot_open
from rawlab.capture.interfaces import Address, InterfaceDetails

if TYPE_CHECKING:
    import cypcap

LOOPBACK, UP, RUNNING = 1, 2, 4
"""libpcap's PCAP_IF_ flags."""
_ETHERNET, _BSD_LOOPBACK = 1, 0


def pcap_interfaces() -> tuple[InterfaceDetails, ...]:
    """All interfaces, in libpcap's order: those first that are likely to be meant.

    What libpcap does not tell is missing: the MAC address, the MTU, and the link type, which is
    taken to be what such an interface has on BSD and macOS. Raises CaptureError without libpcap.
    """
    found = _listed()
    if sys.platform == "win32":  # whose names libpcap makes up
        return tuple(_details(number, one) for number, one in enumerate(found, 1))
    numbers = {name: index for index, name in socket.if_nameindex()}
    return tuple(_details(numbers[one.name], one) for one in found if one.name in numbers)


def first_interface() -> str:
    """The first that runs and is no loopback; else the first of all. Raises CaptureError."""
    found = pcap_interfaces()
    running = [one.name for one in found if one.running and one.addresses and not one.loopback]
    if not found:
        reason = OSError("libpcap lists none")
        raise cannot_open("any interface", "looking for interfaces", reason, "are you permitted?")
    return running[0] if running else found[0].name


def _listed() -> list[cypcap.PcapIf]:
    try:
        import cypcap
    except ImportError as error:
        remedy = "install Npcap" if sys.platform == "win32" else "pip install cypcap"
        raise cannot_open(
            "any interface", "loading libpcap", OSError(str(error)), remedy
        ) from None
    try:
        return list(cypcap.findalldevs())
    except cypcap.Error as error:
        reason = OSError(error.args[-1])
        remedy = "rawlab doctor says what is missing"
        raise cannot_open("any interface", "looking for interfaces", reason, remedy) from None


def _details(index: int, one: cypcap.PcapIf) -> InterfaceDetails:
    flags = int(one.flags)
    loopback = bool(flags & LOOPBACK)
    return InterfaceDetails(
        name=one.name,
        index=index,
        up=bool(flags & UP),
        running=bool(flags & RUNNING),
        loopback=loopback,
        mac=None,
        addresses=tuple(
            address for given in one.addresses if (address := _address(given)) is not None
        ),
        linktype=_BSD_LOOPBACK if loopback else _ETHERNET,
        mtu=0,
        kind=one.description or "",
    )


def _address(given: cypcap.PcapAddr) -> Address | None:
    """An IP address with its prefix; None for addresses of other kinds."""
    if given.addr is None or given.addr[0] not in (socket.AF_INET, socket.AF_INET6):
        return None
    address = ipaddress.ip_address(given.addr[1][0].partition("%")[0])
    bits: int = address.max_prefixlen
    if given.netmask is not None:
        mask = int(ipaddress.ip_address(given.netmask[1][0].partition("%")[0]))
        bits = mask.bit_count()
    return ipaddress.ip_interface(f"{address}/{bits}")
