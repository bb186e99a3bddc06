"""Internet Protocol version 6."""

from __future__ import annotations

from rawlab.schema import (
    U4,
    U8,
    U16,
    U20,
    Flags,
    Header,
    IPv6Address,
    length_of,
    looks_like,
    mirrored,
    number_of_next,
    on,
    payload,
    usually,
)

from .ip_protocols import IP_PROTOCOLS


class IPv6(
    Header,
    name="ipv6",
    follows=(
        on("ethertype", 0x86DD),
        on("ip.proto", 41),
        on("linktype", 229),
        on("null.family", 10, 24, 28, 30),
        on("nflog.family", 10),
        on("ppp.protocol", 0x0057),
        on("vxlan.next_proto", 2),
        on("icmpv6.type", 1, 2, 3, 4),
        looks_like("ip.version", lambda h: h.version == 6),
        looks_like("linktype", lambda h: h.version == 6, 12, 14, 101),
    ),
    summary="{src} > {dst} next {nxt} hops {hlim} len {plen}",
    answers=lambda h: (mirrored(h.src, h.dst), usually(h.hlim, 64)),
):
    """Internet Protocol version 6 (RFC 8200)."""

    version: U4 = U4(default=6, minimum=6, maximum=6, vital=True, aliases=("ip.version",))
    tclass: Flags = Flags("dscp:6", "ecn:2", bits=8, default=0, base=16, digits=8, aliases=("tc",))
    flow: U20 = U20(default=0, base=16, label="Flow Label", aliases=("fl",))
    plen: U16 = U16(compute=length_of(payload, unless=0), unit="octets", label="Payload Length")
    nxt: U8 = U8(
        opens="ip.proto",
        compute=number_of_next(),
        default=59,
        label="Next Header",
        names=IP_PROTOCOLS,
        aliases=("nh",),
    )
    hlim: U8 = U8(default=64, label="Hop Limit")
    src: IPv6Address = IPv6Address(default="::", pseudo=True, label="Source Address")
    dst: IPv6Address = IPv6Address(pseudo=True, label="Destination Address")
