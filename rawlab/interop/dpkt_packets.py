"""Packets to dpkt and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

from rawlab.interop.libraries import library
from rawlab.packet import Packet
from rawlab.schema.draft import Draft
from rawlab.schema.registry import Registry

LINKTYPES = {
    0: "loopback.Loopback", 1: "ethernet.Ethernet", 9: "ppp.PPP", 105: "ieee80211.IEEE80211",
    113: "sll.SLL", 127: "radiotap.Radiotap", 228: "ip.IP", 229: "ip6.IP6", 276: "sll2.SLL2",
}
"""dpkt's class of what a link type begins with."""
RAW_IP = frozenset((12, 14, 101))
"""Link types whose first four bits say which version of IP it is."""


@overload
def to_dpkt(packet: Packet | Draft) -> Any: ...
@overload
def to_dpkt(packet: Iterable[Packet | Draft]) -> list[Any]: ...
def to_dpkt(packet: Any) -> Any:
    """The packet as dpkt's, by its link type, or a list of them.

    dpkt's packets have no time: its seconds, as a float, are the attribute `ts`, and the exact
    nanoseconds `time_ns`. ValueError for what dpkt does not know or cannot read.
    """
    if isinstance(packet, (Packet, Draft)):
        return _to_dpkt(packet)
    return [_to_dpkt(one) for one in packet]


def _to_dpkt(packet: Packet | Draft) -> Any:
    if not isinstance(packet, (Packet, Draft)):
        raise TypeError(f"to_dpkt() takes packets, not {type(packet).__name__}")
    dpkt = library("dpkt")
    octets = bytes(packet)
    linktype = packet.linktype
    if linktype in RAW_IP:
        linktype = 229 if octets[:1] and octets[0] >> 4 == 6 else 228
    if linktype not in LINKTYPES:
        raise ValueError(f"dpkt knows no packets of link type {linktype}")
    module, _, name = LINKTYPES[linktype].partition(".")
    kind = getattr(library(f"dpkt.{module}"), name)
    try:
        made = kind(octets)
    except (dpkt.Error, ValueError, IndexError) as error:
        raise ValueError(f"dpkt cannot read the packet as {name}: {error!r}") from error
    if isinstance(packet, Packet):
        made.time_ns, made.ts = packet.time_ns, packet.time_ns / 10**9
    return made


@overload
def from_dpkt(
    packet: Iterable[Any], *, time_ns: int | None = None, linktype: int | None = None,
    registry: Registry | None = None,
) -> Any: ...
@overload
def from_dpkt(
    packet: Any, *, time_ns: int | None = None, linktype: int | None = None,
    registry: Registry | None = None,
) -> Any: ...
def from_dpkt(
    packet: Any, *, time_ns: int | None = None, linktype: int | None = None,
    registry: Registry | None = None,
) -> Any:
    """A packet of dpkt's as rawlab's, or a list of them.

    The time is `time_ns`, or the one that `to_dpkt` left. ValueError where the outermost class is
    of no link type and `linktype` gives none.
    """
    base = library("dpkt").Packet
    if isinstance(packet, base):
        return _from_dpkt(packet, time_ns, linktype, registry)
    found = [*packet]
    for one in found:
        if not isinstance(one, base):
            raise TypeError(f"from_dpkt() takes dpkt's packets, not {type(one).__name__}")
    return [_from_dpkt(one, time_ns, linktype, registry) for one in found]


def _from_dpkt(
    packet: Any, time_ns: int | None, linktype: int | None, registry: Registry | None
) -> Packet:
    if linktype is None:
        name = f"{type(packet).__module__.rpartition('.')[2]}.{type(packet).__name__}"
        numbers = {name: number for number, name in LINKTYPES.items()}
        if name not in numbers:
            raise ValueError(f"dpkt's {type(packet).__name__} is of no link type: give linktype=")
        linktype = numbers[name]
    if time_ns is None:
        time_ns = getattr(packet, "time_ns", 0)
    return Packet(bytes(packet), time_ns=time_ns, linktype=linktype, registry=registry)
