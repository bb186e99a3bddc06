"""Netfilter log: packets that a firewall rule sent to user space, with what it knew of them."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    Group,
    Header,
    Items,
    Octets,
    on,
)

PAYLOAD = 9


class NFLogItem(Group, name="nflog"):
    """A type, a length and a value, padded to 4 octets; length and type in the host's order.

    The last one says how long the packet is that follows.
    """

    tlv_length: U16 = U16(order="little", minimum=4, unit="octets")
    tlv_type: U16 = U16(order="little")
    tlv_value: Octets = Octets(length=tlv_length - 4, when=tlv_type != PAYLOAD)


class NFLog(Header, name="nflog", follows=on("linktype", 239), summary="family {family}"):
    """Netfilter log (LINKTYPE_NFLOG of the tcpdump group), captured by a little-endian machine."""

    family: U8 = U8(opens="nflog.family", names={2: "IPv4", 10: "IPv6"})
    version: U8 = U8(default=0)
    res_id: U16 = U16(default=0, label="Group")
    items: Items[NFLogItem] = Items(NFLogItem, last=NFLogItem.tlv_type == PAYLOAD, align=4)
