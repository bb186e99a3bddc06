"""Cisco HDLC, and the protocol that keeps its lines alive, SLARP."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U32,
    Header,
    IPv4Address,
    looks_like,
    number_of_next,
    on,
)

from .ethertypes import ETHERTYPES


class CiscoHDLC(
    Header,
    name="chdlc",
    follows=(
        on("linktype", 104),
        looks_like("linktype", lambda h: h.address.among(0x0F, 0x8F) & (h.control == 0), 9, 50),
    ),
    summary="protocol {protocol}",
):
    """Cisco HDLC: an address, an octet of zero, an Ethernet type."""

    address: U8 = U8(default=0x0F, base=16, names={0x0F: "unicast", 0x8F: "multicast"})
    control: U8 = U8(default=0, base=16)
    protocol: U16 = U16(
        opens=("chdlc.protocol", "ethertype"), compute=number_of_next(), base=16, names=ETHERTYPES
    )


class SLARP(Header, name="slarp", follows=on("chdlc.protocol", 0x8035), summary="type {ptype}"):
    """Serial line address resolution: addresses on request, or a sign of life every 10 s."""

    ptype: U32 = U32(names={0: "request", 1: "reply", 2: "keepalive"}, label="Packet Type")
    _keepalive = ptype == 2
    address: IPv4Address = IPv4Address(when=~_keepalive)
    netmask: IPv4Address = IPv4Address(when=~_keepalive)
    mysequence: U32 = U32(when=_keepalive, label="Outgoing Sequence Number")
    yoursequence: U32 = U32(when=_keepalive, label="Returned Sequence Number")
    reliability: U16 = U16(when=_keepalive, default=0xFFFF, base=16)
