"""Multiprotocol Label Switching: one entry of the label stack."""

from __future__ import annotations

from rawlab.schema import U1, U3, U8, U20, Header, on, table


class MPLS(
    Header,
    name="mpls",
    follows=(
        on("ethertype", 0x8847, 0x8848),
        on("ppp.protocol", 0x0281, 0x0283),
        on("ip.proto", 137),
        on("udp.port", 6635),
        on("vxlan.next_proto", 5),
        on("mpls.bottom", 0),
    ),
    summary="label {label} exp {exp} ttl {ttl}",
):
    """Multiprotocol Label Switching (RFC 3032 section 2.1).

    A stack is one header for each label. No number says what lies below the bottom: its first
    half octet tells IPv4 from IPv6.
    """

    label: U20 = U20()
    exp: U3 = U3(default=0, label="Traffic Class")
    bottom: U1 = U1(
        opens=("mpls.bottom", table("ip.version", when=lambda h: h.bottom == 1)),
        default=1,
        label="Bottom of Stack",
    )
    ttl: U8 = U8(default=64)
