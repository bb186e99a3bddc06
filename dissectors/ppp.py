"""Point-to-Point Protocol, with or without the octets that may be left out."""

from __future__ import annotations

from rawlab.schema import U8, U16, Expression, Header, looks_like, number_of_next

ALL_STATIONS = 0xFF
CISCO = (0x0F, 0x8F)


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

    protocol: U16 = U16(opens="ppp.protocol", compute=number_of_next(), base=16)


class CompressedPPP(
    Header,
    name="ppp",
    follows=(looks_like("ppp", is_short), looks_like("linktype", is_short, 9, 50)),
    summary="protocol {protocol}",
):
    """Point-to-Point Protocol, its protocol in one octet (RFC 1661 section 6.5)."""

    protocol: U8 = U8(opens="ppp.protocol", compute=number_of_next(), base=16, digits=4)


class FramedPPP(
    Header,
    name="ppp",
    follows=(looks_like("ppp", is_framed), looks_like("linktype", is_framed, 9, 50)),
    summary="protocol {protocol}",
):
    """Point-to-Point Protocol in HDLC-like framing (RFC 1662 section 3.1)."""

    address: U8 = U8(default=ALL_STATIONS, base=16)
    control: U8 = U8(default=3, base=16)
    protocol: U16 = U16(opens="ppp.protocol", compute=number_of_next(), base=16)


class FramedCompressedPPP(
    Header,
    name="ppp",
    follows=(looks_like("ppp", is_framed_short), looks_like("linktype", is_framed_short, 9, 50)),
    summary="protocol {protocol}",
):
    """Point-to-Point Protocol in HDLC-like framing, its protocol in one octet."""

    address: U8 = U8(default=ALL_STATIONS, base=16)
    control: U8 = U8(default=3, base=16)
    protocol: U8 = U8(opens="ppp.protocol", compute=number_of_next(), base=16, digits=4)
