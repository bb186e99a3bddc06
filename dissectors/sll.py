"""Linux cooked capture: what the `any` device and devices without a link header give."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U32,
    U64,
    Header,
    IPv4Address,
    MACAddress,
    anything,
    number_of_next,
    on,
    table,
)

from .ethertypes import ETHERTYPES

PACKET_TYPES = {0: "to us", 1: "broadcast", 2: "multicast", 3: "to another host", 4: "from us"}
GRE_DEVICE = 778
NETLINK_DEVICE = 824
LLC_FRAME = 4


class LinuxCooked(
    Header,
    name="sll",
    follows=on("linktype", 113),
    summary="{pkttype} hatype {hatype} {src__eth}{src__ipv4}",
    answers=anything,
):
    """Linux cooked capture (LINKTYPE_LINUX_SLL of the tcpdump group)."""

    pkttype: U16 = U16(default=0, names=PACKET_TYPES, label="Packet Type")
    hatype: U16 = U16(default=1, label="Type of Device (ARPHRD_)")
    halen: U16 = U16(default=6, unit="octets", label="Length of Address")
    _address: U64 = U64(default=0)
    src__eth: MACAddress = MACAddress(over=_address, when=halen == 6, label="Source")
    src__ipv4: IPv4Address = IPv4Address(over=_address, when=halen == 4, label="Source")
    _protocol: U16 = U16()
    _special = hatype.among(GRE_DEVICE, NETLINK_DEVICE)
    etype: U16 = U16(
        over=_protocol,
        when=(_protocol > 1536) & ~_special,
        opens="ethertype",
        compute=number_of_next(),
        base=16,
        names=ETHERTYPES,
    )
    gretype: U16 = U16(
        over=_protocol, when=hatype == GRE_DEVICE, opens="ethertype", base=16, names=ETHERTYPES
    )
    ltype: U16 = U16(
        over=_protocol,
        when=(_protocol <= 1536) & ~_special,
        opens=("sll.ltype", table("llc", when=_protocol == LLC_FRAME)),
        base=16,
    )


class LinuxCooked2(
    Header,
    name="sll",
    follows=on("linktype", 276),
    summary="{pkttype} interface {ifindex} hatype {hatype} {src__eth}{src__ipv4}",
    answers=anything,
):
    """Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2 of the tcpdump group)."""

    _protocol: U16 = U16()
    _reserved: U16 = U16(default=0)
    ifindex: U32 = U32(label="Interface Index")
    hatype: U16 = U16(default=1, label="Type of Device (ARPHRD_)")
    pkttype: U8 = U8(default=0, names=PACKET_TYPES, label="Packet Type")
    halen: U8 = U8(default=6, unit="octets", label="Length of Address")
    _address: U64 = U64(default=0)
    src__eth: MACAddress = MACAddress(over=_address, when=halen == 6, label="Source")
    src__ipv4: IPv4Address = IPv4Address(over=_address, when=halen == 4, label="Source")
    _special = hatype.among(GRE_DEVICE, NETLINK_DEVICE)
    etype: U16 = U16(
        over=_protocol,
        when=(_protocol > 1536) & ~_special,
        opens="ethertype",
        compute=number_of_next(),
        base=16,
        names=ETHERTYPES,
    )
    gretype: U16 = U16(
        over=_protocol, when=hatype == GRE_DEVICE, opens="ethertype", base=16, names=ETHERTYPES
    )
    ltype: U16 = U16(
        over=_protocol,
        when=(_protocol <= 1536) & ~_special,
        opens=("sll.ltype", table("llc", when=_protocol == LLC_FRAME)),
        base=16,
    )
