"""Links between virtual hosts: veth pairs, made from inside the hosts' namespaces."""

from __future__ import annotations

import ctypes
import socket
import struct
import time
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

IFA_F_NODAD = 0x02
SIOCETHTOOL = 0x8946
_OFFLOADS = (  # ETHTOOL_S... commands: what a network card would do for the kernel
    0x17,  # transmit checksums
    0x15,  # receive checksums
    0x1F,  # segmentation of TCP
    0x24,  # segmentation in general
    0x2C,  # reassembly of what is received
)
UP_TIMEOUT_S = 5.0

Address = IPv4Interface | IPv6Interface


@dataclass(frozen=True)
class Port:
    """A host's end of a link."""

    host: str
    interface: str
    mac: str
    addresses: tuple[Address, ...]
    """Each with the length of its network's prefix."""
    mtu: int = 1500
    offload: bool = False
    """Whether checksums and segmentation are left to a card, which here means: never done."""

    @property
    def ipv4(self) -> str:
        """The first IPv4 address. Raises LookupError when there is none."""
        return self._first(4)

    @property
    def ipv6(self) -> str:
        """The first IPv6 address. Raises LookupError when there is none."""
        return self._first(6)

    def _first(self, version: int) -> str:
        for address in self.addresses:
            if address.version == version:
                return str(address.ip)
        raise LookupError(f"{self.interface} of {self.host} has no IPv{version} address")


@dataclass(frozen=True)
class Link:
    """Two hosts' network cards, and the wire between them."""

    first: Port
    second: Port


def make_pair(descriptors: tuple[int, ...], near: Port, far: Port) -> None:
    """Inside the near host: makes both ends of a link, the far end in the other namespace.

    `descriptors` is the far host's network namespace. Raises OSError (EEXIST: a name is taken).
    """
    from pyroute2 import IPRoute

    (namespace,) = descriptors
    peer = {"ifname": far.interface, "address": far.mac, "mtu": far.mtu, "net_ns_fd": namespace}
    with IPRoute() as route, _kernel_errors():
        route.link("add", ifname=near.interface, kind="veth", address=near.mac, mtu=near.mtu,
                   peer=peer)


def set_up(port: Port) -> None:
    """Inside a host: gives its end of a link addresses, and brings it up."""
    from pyroute2 import IPRoute

    if not port.offload:
        _turn_offloads_off(port.interface)
    _keep_quiet(port.interface)
    with IPRoute() as route, _kernel_errors():
        index = socket.if_nametoindex(port.interface)
        for address in port.addresses:
            flags = {"flags": IFA_F_NODAD} if address.version == 6 else {}
            route.addr("add", index=index, address=str(address.ip),
                       prefixlen=address.network.prefixlen, **flags)
        route.link("set", index=index, state="up")


def wait_until_up(port: Port) -> None:
    """Inside a host: waits until packets pass. Raises TimeoutError."""
    from pyroute2 import IPRoute

    deadline = time.monotonic() + UP_TIMEOUT_S
    with IPRoute() as route:
        index = socket.if_nametoindex(port.interface)
        while route.link("get", index=index)[0].get("operstate") != "UP":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{port.interface} of {port.host} does not come up")
            time.sleep(0.002)


class _kernel_errors:
    """Turns the netlink library's errors into OSError, with the kernel's number and words."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 at: object) -> None:
        from pyroute2 import NetlinkError

        if isinstance(error, NetlinkError):
            raise OSError(error.code, str(error)) from None


def _turn_offloads_off(interface: str) -> None:
    """What such a link cannot do without stays as it is."""
    import fcntl  # not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for command in _OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            try:
                fcntl.ioctl(asked, SIOCETHTOOL, request)
            except OSError:
                pass


def _keep_quiet(interface: str) -> None:
    """No search for routers, no test of link-local addresses: ready at once, same every time.

    Where /proc is read-only, or IPv6 is missing, things stay as they are.
    """
    settings = Path("/proc/sys/net/ipv6/conf") / interface
    for name in ("accept_dad", "router_solicitations"):
        try:
            (settings / name).write_text("0")
        except OSError:
            pass
