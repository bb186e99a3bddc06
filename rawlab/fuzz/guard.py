"""What may be fuzzed without being asked twice: loopback, and namespaces of one's own."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
OPTION = "--i-own-this-network"


class Facts(NamedTuple):
    """What is known of a target before anything is sent."""

    target: str
    """As it was named."""
    addresses: tuple[Address, ...] = ()
    """All that its name stands for."""
    sources: tuple[Address | None, ...] = ()
    """For each of these the address that packets would leave from; None where no route leads."""
    interface: str = ""
    """The interface that frames leave by; empty where packets find their way by route."""
    interface_is_loopback: bool = False
    local: bool = False
    """It is a process that is started here: nothing leaves by a network."""
    own_namespace: bool | None = None
    """The network namespace is not the system's first one; None where that cannot be told."""
    leads_outside: bool = True
    """There is a default route."""


def refusal(facts: Facts) -> str | None:
    """Why a target is refused, with the remedy; None where it may be fuzzed."""
    if facts.local or in_own_namespace(facts):
        return None
    if facts.interface:
        if facts.interface_is_loopback:
            return None
        return _told(facts, f"{facts.interface} is not the loopback interface")
    if not facts.addresses:
        return _told(facts, "it has no address")
    for address, source in zip(facts.addresses, facts.sources, strict=True):
        if not is_loopback(address):
            return _told(facts, f"{address} is not a loopback address")
        if source is None or not is_loopback(source):
            return _told(facts, f"{address} is not reached by the loopback interface")
    return None


def in_own_namespace(facts: Facts) -> bool:
    """Whether all happens in a network namespace of one's own.

    Where that cannot be told, a namespace without a route to outside is taken for one.
    """
    if facts.own_namespace is None:
        return not facts.leads_outside
    return facts.own_namespace


def is_loopback(address: Address) -> bool:
    """Whether an address is the machine itself, also an IPv4 address in the form of IPv6."""
    mapped = getattr(address, "ipv4_mapped", None)
    return bool(address.is_loopback or mapped is not None and mapped.is_loopback)


def _told(facts: Facts, reason: str) -> str:
    return (f"{facts.target}: {reason}, and this is no network namespace of its own; fuzz in a "
            f"namespace (ip netns, unshare -n), or say {OPTION} if the network is yours")
