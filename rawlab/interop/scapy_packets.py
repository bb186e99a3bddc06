"""Packets to scapy and back."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, overload

from rawlab.interop.libraries import library
from rawlab.packet import Packet
from rawlab.schema.draft import Draft
from rawlab.schema.registry import Registry

NANOSECONDS = 10**9


@overload
def to_scapy(packet: Packet | Draft) -> Any: ...
@overload
def to_scapy(packet: Iterable[Packet | Draft]) -> list[Any]: ...
def to_scapy(packet: Any) -> Any:
    """The packet as scapy's, by its link type, or a list of them.

    `time` and `wirelen` are kept. Octets of a link type that scapy does not know become Raw.
    """
    if isinstance(packet, (Packet, Draft)):
        return _to_scapy(packet)
    return [_to_scapy(one) for one in packet]


def _to_scapy(packet: Packet | Draft) -> Any:
    if not isinstance(packet, (Packet, Draft)):
        raise TypeError(f"to_scapy() takes packets, not {type(packet).__name__}")
    library("scapy.layers.all")
    conf = library("scapy.config").conf
    raw = library("scapy.packet").Raw
    kind = conf.l2types.num2layer.get(packet.linktype, raw)
    made = kind(bytes(packet))
    if isinstance(packet, Packet):
        time = library("scapy.utils").EDecimal
        made.time = time(Decimal(packet.time_ns) / NANOSECONDS)
        made.wirelen = packet.length
    return made


@overload
def from_scapy(
    packet: Iterable[Any], *, linktype: int | None = None, registry: Registry | None = None
) -> Any: ...
@overload
def from_scapy(
    packet: Any, *, linktype: int | None = None, registry: Registry | None = None
) -> Any: ...
def from_scapy(
    packet: Any, *, linktype: int | None = None, registry: Registry | None = None
) -> Any:
    """A packet of scapy's as rawlab's, or a list of them.

    The link type is that of its outermost layer; `linktype` gives it where scapy knows none.
    ValueError where neither does.
    """
    base = library("scapy.packet").Packet
    if isinstance(packet, base):
        return _from_scapy(packet, linktype, registry)
    found = [*packet]
    for one in found:
        if not isinstance(one, base):
            raise TypeError(f"from_scapy() takes scapy's packets, not {type(one).__name__}")
    return [_from_scapy(one, linktype, registry) for one in found]


def _from_scapy(packet: Any, linktype: int | None, registry: Registry | None) -> Packet:
    octets = bytes(packet)
    if linktype is None:
        linktype = _linktype(type(packet))
    time_ns = int(Decimal(str(packet.time)) * NANOSECONDS)
    length = getattr(packet, "wirelen", None)
    return Packet(octets, time_ns=time_ns, linktype=linktype, registry=registry,
                  length=max(int(length), len(octets)) if length is not None else None)


def _linktype(kind: type[Any]) -> int:
    library("scapy.layers.all")
    known = library("scapy.config").conf.l2types.layer2num
    for layer in kind.__mro__:
        if layer in known:
            return int(known[layer])
    raise ValueError(f"scapy knows no link type of {kind.__name__}: give linktype=")
