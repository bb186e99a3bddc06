"""GPRS Tunnelling Protocol, user plane: IP packets between the nodes of a mobile network."""

from __future__ import annotations

from rawlab.schema import (
    U1,
    U3,
    U8,
    U16,
    U32,
    Flag,
    Group,
    Header,
    Items,
    Octets,
    header,
    length_of,
    on,
    payload,
    table,
)

USER_PACKET = 255
MESSAGES = {
    1: "echo request",
    2: "echo response",
    26: "error indication",
    31: "supported extension headers notification",
    253: "tunnel status",
    254: "end marker",
    USER_PACKET: "user packet",
}


class GTPExtension(Group, name="gtp.ext_hdr"):
    """Extension header (3GPP TS 29.281 section 5.2); its length counts words of 4 octets."""

    length: U8 = U8(default=1, minimum=1, unit="words")
    content: Octets = Octets(length=length * 4 - 2)
    next: U8 = U8(default=0, base=16, label="Type of the Next Extension Header")


class GTP(
    Header,
    name="gtp",
    follows=on("udp.port", 2152),
    summary="{message} teid {teid} length {length}",
):
    """GPRS Tunnelling Protocol, user plane (3GPP TS 29.281 section 5.1)."""

    flags: U8 = U8(default=0x30, base=16)
    flags__version: U3 = U3(over=flags, bit=0, minimum=1, maximum=1, vital=True)
    flags__payload: U1 = U1(over=flags, bit=3, label="Protocol Type")
    flags__reserved: U1 = U1(over=flags, bit=4)
    flags__e: Flag = Flag(over=flags, bit=5, label="Extension Header Present")
    flags__s: Flag = Flag(over=flags, bit=6, label="Sequence Number Present")
    flags__pn: Flag = Flag(over=flags, bit=7, label="N-PDU Number Present")
    message: U8 = U8(
        default=USER_PACKET,
        opens=table("ip.version", when=lambda h: h.message == USER_PACKET),
        base=16,
        names=MESSAGES,
    )
    length: U16 = U16(compute=length_of(header, payload) - 8, unit="octets")
    teid: U32 = U32(base=16, label="Tunnel Endpoint Identifier")

    _any = flags__e | flags__s | flags__pn  # of the three, all or none have a place
    seq_number: U16 = U16(when=flags__s, default=0, base=16)
    _no_seq_number: U16 = U16(when=_any & ~flags__s, default=0)
    npdu_number: U8 = U8(when=flags__pn, default=0, base=16)
    _no_npdu_number: U8 = U8(when=_any & ~flags__pn, default=0)
    ext_hdr__next: U8 = U8(when=flags__e, default=0, base=16, label="First Extension Header")
    _no_next: U8 = U8(when=_any & ~flags__e, default=0)
    extensions: Items[GTPExtension] = Items(
        GTPExtension, when=ext_hdr__next != 0, last=GTPExtension.next == 0, default=()
    )
