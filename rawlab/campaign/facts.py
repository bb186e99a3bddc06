"""What the system tells of a target before anything is sent to it."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path

from rawlab.campaign.targets import Target
from rawlab.fuzz.guard import Address, Facts

IFF_LOOPBACK = 0x8
ROUTE4 = Path("/proc/net/route")
ROUTE6 = Path("/proc/net/ipv6_route")
NO_PREFIX = "0" * 8, "0" * 32


def facts_of(target: Target) -> Facts:
    """The facts by which a target is refused or not. Raises OSError for a name that has none."""
    own = own_namespace()
    outside = leads_outside()
    if target.kind in ("exec", "pid", "command"):
        return Facts(str(target), local=True, own_namespace=own, leads_outside=outside)
    if target.kind == "interface":
        flags = Path(f"/sys/class/net/{target.words}/flags")
        try:
            loopback = bool(int(flags.read_text(), 16) & IFF_LOOPBACK)
        except OSError:
            loopback = False
        return Facts(str(target), interface=target.words, interface_is_loopback=loopback,
                     own_namespace=own, leads_outside=outside)
    addresses = resolve(target.host, target.port)
    return Facts(str(target), addresses, tuple(map(source_for, addresses)),
                 own_namespace=own, leads_outside=outside)


def resolve(host: str, port: int) -> tuple[Address, ...]:
    """All addresses of a name."""
    try:
        found = socket.getaddrinfo(host, port or None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise OSError(f"{host}: {error.strerror}") from None
    return tuple(dict.fromkeys(
        ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def source_for(address: Address) -> Address | None:
    """The address that packets to `address` would leave from; None where no route leads there."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as asked:  # connecting it sends nothing
        try:
            asked.connect((str(address), 9))
        except OSError:
            return None
        return ipaddress.ip_address(asked.getsockname()[0].partition("%")[0])


def own_namespace() -> bool | None:
    """Whether the network namespace is another than that of the first process; None: unknown."""
    try:
        return os.readlink("/proc/self/ns/net") != os.readlink("/proc/1/ns/net")
    except OSError:
        return None


def leads_outside() -> bool:
    """Whether there is a default route, of IPv4 or IPv6; True where that cannot be read."""
    try:
        four = [line.split() for line in ROUTE4.read_text().splitlines()[1:]]
        six = [line.split() for line in ROUTE6.read_text().splitlines()] if ROUTE6.exists() else []
    except OSError:
        return True
    if any(words[1] == words[7] == NO_PREFIX[0] for words in four if len(words) > 7):
        return True
    return any(words[0] == NO_PREFIX[1] and words[1] == "00" and words[9] != "lo"
               for words in six if len(words) > 9)
