"""Ethernet II and IEEE 802.3 frames."""

from __future__ import annotations

from rawlab.schema import U16, Header, MACAddress, length_of, mirrored, number_of_next, on, payload

from .ethertypes import ETHERTYPES


class Ethernet(
    Header,
    name="eth",
    follows=(on("linktype", 1), on("ethertype", 0x6558), on("vxlan.vni"), on("sll.ltype", 3)),
    summary="{src} > {dst}",
    answers=lambda h: mirrored(h.src, h.dst),
):
    """Ethernet (IEEE Std 802.3 clause 3): two addresses, then a type or a length."""

    dst: MACAddress = MACAddress(default="ff:ff:ff:ff:ff:ff", label="Destination")
    src: MACAddress = MACAddress(default="00:00:00:00:00:00", label="Source")
    _type_or_length: U16 = U16()
    type: U16 = U16(
        over=_type_or_length,
        when=_type_or_length >= 1536,
        opens="ethertype",
        compute=number_of_next(),
        base=16,
        names=ETHERTYPES,
    )
    len: U16 = U16(
        over=_type_or_length,
        when=_type_or_length <= 1500,
        opens="llc",
        compute=length_of(payload),
        unit="octets",
    )
    invalid_lentype: U16 = U16(
        over=_type_or_length,
        when=(_type_or_length > 1500) & (_type_or_length < 1536),
        base=16,
        label="Neither Type nor Length",
    )
