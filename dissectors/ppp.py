"""Point-to-Point Protocol, with or without the octets that may be left out."""

from __future__ import annotations

from rawlab.schema import U8, U16, Expression, Header, looks_like, number_of_next

ALL_STATIONS = 0xFF
CISCO = (0x0F, 0x8F)
"""First octets of Cisco HDLC, which shares link types with PPP."""

PROTOCOLS = {
    0x0021: "IPv4",
    0x002D: "compressed TCP/IP",
    0x002F: "uncompressed TCP/IP",
    0x003D: "multilink",
    0x0053: "encryption",
    0x0057: "IPv6",
    0x00FD: "compressed datagram",
    0x0281: "MPLS",
    0x0283: "MPLS multicast",
    0x8021: "IPv4 control",
    0x8053: "encryption control",
    0x8057: "IPv6 control",
    0x80FD: "compression control",
    0xC021: "link control",
    0xC023: "password authentication",
    0xC025: "link quality report",
    0xC223: "challenge handshake authentication",
}
"""Number to name, of the common ones (IANA, PPP DLL Protocol Numbers)."""


def is_plain(h: type[PPP]) -> Expression:
    return h.protocol & 0x0100 == 0


def is_short(h: type[CompressedPPP]) -> Expression:
    return (h.protocol & 1) & ~h.protocol.among(ALL_STATIONS, *CISCO)


def is_framed(h: type[FramedPPP]) -> Expression:
    return (h.address == ALL_STATIONS) & (h.protocol & 0x0100 == 0)


def is_framed_short(h: type[FramedCompressedPPP]) -> Expression:
    return (h.address == ALL_STATIONS) & (h.protocol & 1)


class PPP(
    Header,
    name="ppp",
    follows=(looks_like("ppp", is_plain), looks_like("linktype", is_plain, 9, 50)),
    summary="protocol {protocol}",
):
    """Point-to-Point Protocol (RFC 1661 section 2)."""

    protocol: U16 = U16(opens="ppp.protocol", compute=number_of_next(), base=16, names=PROTOCOLS)


class CompressedPPP(
    Header,
    name="ppp",
    follows=(looks_like("ppp", is_short), looks_like("linktype", is_short, 9, 50)),
    summary="protocol {protocol}",
):
    """Point-to-Point Protocol, its protocol in one octet (RFC 1661 section 6.5)."""

    protocol: U8 = U8(
        opens="ppp.protocol", compute=number_of_next(), base=16, names=PROTOCOLS, digits=4
    )


class FramedPPP(
    Header,
    name="ppp",
    follows=(looks_like("ppp", is_framed), looks_like("linktype", is_framed, 9, 50)),
    summary="protocol {protocol}",
):
    """Point-to-Point Protocol in HDLC-like framing (RFC 1662 section 3.1)."""

    address: U8 = U8(default=ALL_STATIONS, base=16)
    control: U8 = U8(default=3, base=16)
    protocol: U16 = U16(opens="ppp.protocol", compute=number_of_next(), base=16, names=PROTOCOLS)


class FramedCompressedPPP(
    Header,
    name="ppp",
    follows=(looks_like("ppp", is_framed_short), looks_like("linktype", is_framed_short, 9, 50)),
    summary="protocol {protocol}",
):
    """Point-to-Point Protocol in HDLC-like framing, its protocol in one octet."""

    address: U8 = U8(default=ALL_STATIONS, base=16)
    control: U8 = U8(default=3, base=16)
    protocol: U8 = U8(
        opens="ppp.protocol", compute=number_of_next(), base=16, names=PROTOCOLS, digits=4
    )
