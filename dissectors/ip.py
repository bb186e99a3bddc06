"""Internet Protocol version 4."""

from __future__ import annotations

from rawlab.schema import (
    U1,
    U4,
    U8,
    U13,
    U16,
    Flags,
    Header,
    IPv4Address,
    Items,
    header,
    internet_checksum,
    length_of,
    looks_like,
    mirrored,
    number_of_next,
    on,
    payload,
    table,
    usually,
)

from .ip_options import IPv4Option
from .ip_protocols import IP_PROTOCOLS


class IPv4(
    Header,
    name="ip",
    follows=(
        on("ethertype", 0x0800),
        on("ip.proto", 4),
        on("linktype", 228),
        on("null.family", 2),
        on("nflog.family", 2),
        on("ppp.protocol", 0x0021),
        on("llc.dsap", 0x06),
        on("vxlan.next_proto", 1),
        on("icmp.type", 3, 4, 5, 11, 12),
        looks_like("ip.version", lambda h: h.version == 4),
        looks_like("linktype", lambda h: h.version == 4, 12, 14, 101),
    ),
    summary="{src} > {dst} proto {proto} ttl {ttl} len {len}",
    answers=lambda h: (mirrored(h.src, h.dst), usually(h.ttl, 64)),
):
    """Internet Protocol version 4 (RFC 791)."""

    version: U4 = U4(default=4, minimum=4, maximum=4, vital=True)
    hdr_len: U4 = U4(
        scale=4, compute=length_of(header), minimum=20, unit="octets", aliases=("ihl",)
    )
    dsfield: Flags = Flags("dscp:6", "ecn:2", bits=8, default=0, base=16, aliases=("tos",))
    len: U16 = U16(compute=length_of(header, payload, unless=0), unit="octets")
    id: U16 = U16(default=0, base=16, label="Identification")
    flags: Flags = Flags("rb", "df", "mf", bits=3, default=0, base=16)
    _more: U1 = U1(over=flags, bit=2)
    frag_offset: U13 = U13(default=0, label="Fragment Offset (of 8 octets)", aliases=("frag",))
    ttl: U8 = U8(default=64, label="Time to Live")
    proto: U8 = U8(
        opens=table("ip.proto", when=frag_offset == 0, partial=_more == 1),
        compute=number_of_next(),
        default=253,
        label="Protocol",
        names=IP_PROTOCOLS,
    )
    checksum: U16 = U16(
        seal=internet_checksum(part="header"), base=16, aliases=("chksum",)
    )
    src: IPv4Address = IPv4Address(default="0.0.0.0", pseudo=True, label="Source Address")
    dst: IPv4Address = IPv4Address(pseudo=True, label="Destination Address")
    options: Items[IPv4Option] = Items(IPv4Option, until=hdr_len)
