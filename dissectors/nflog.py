"""Netfilter log: packets that a firewall rule sent to user space, with what it knew of them."""

from __future__ import annotations

from rawlab.schema import (
    I32,
    U8,
    U16,
    U32,
    Group,
    Header,
    Items,
    Octets,
    Text,
    on,
)

PAYLOAD = 9


class NFLogItem(Group, name="nflog"):
    """A type, a length and a value, padded to 4 octets; length and type in the host's order.

    The last one says how long the packet is that follows.
    """

    tlv_length: U16 = U16(order="little", minimum=4, unit="octets")
    tlv_type: U16 = U16(order="little")
    protocol: U16 = U16(when=tlv_type == 1, base=16)
    hook: U8 = U8(when=tlv_type == 1)
    _unused: Octets = Octets(length=tlv_length - 7, when=tlv_type == 1)
    ifindex_indev: U32 = U32(when=tlv_type == 4)
    ifindex_outdev: U32 = U32(when=tlv_type == 5)
    ifindex_physindev: U32 = U32(when=tlv_type == 6)
    ifindex_physoutdev: U32 = U32(when=tlv_type == 7)
    prefix: Text = Text(until=b"\0", when=tlv_type == 10)
    uid: I32 = I32(when=tlv_type == 11)
    gid: I32 = I32(when=tlv_type == 14)
    tlv_value: Octets = Octets(
        length=tlv_length - 4, when=~tlv_type.among(1, 4, 5, 6, 7, PAYLOAD, 10, 11, 14)
    )


class NFLog(Header, name="nflog", follows=on("linktype", 239), summary="family {family}"):
    """Netfilter log (LINKTYPE_NFLOG of the tcpdump group), captured by a little-endian machine."""

    family: U8 = U8(opens="nflog.family", names={2: "IPv4", 10: "IPv6"})
    version: U8 = U8(default=0)
    res_id: U16 = U16(default=0, label="Group")
    items: Items[NFLogItem] = Items(NFLogItem, last=NFLogItem.tlv_type == PAYLOAD, align=4)
