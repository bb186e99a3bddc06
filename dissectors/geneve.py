"""Geneve: a tunnel over UDP with options of any length."""

from __future__ import annotations

from rawlab.schema import (
    U2,
    U3,
    U5,
    U6,
    U8,
    U16,
    U24,
    Flags,
    Group,
    Header,
    Items,
    length_of,
    number_of_next,
    on,
    payload,
)

from .ethertypes import ETHERTYPES


class GeneveOption(Group, name="geneve.option"):
    """Option (RFC 8926 section 3.5); its length counts the data alone."""

    class_: U16 = U16(base=16)
    type: U8 = U8(base=16)
    flags__reserved: U3 = U3(default=0)
    length: U5 = U5(scale=4, compute=length_of(payload), unit="octets")


class Geneve(
    Header,
    name="geneve",
    follows=on("udp.port", 6081),
    summary="vni {vni} proto {proto_type}",
):
    """Generic Network Virtualization Encapsulation (RFC 8926 section 3.4)."""

    version: U2 = U2(default=0)
    _options_length: U6 = U6(scale=4, unit="octets")
    flags: Flags = Flags("oam", "critical", "reserved:6", bits=8, default=0, base=16)
    proto_type: U16 = U16(opens="ethertype", compute=number_of_next(), base=16, names=ETHERTYPES)
    vni: U24 = U24(base=16, label="Virtual Network Identifier")
    reserved: U8 = U8(default=0, base=16)
    options: Items[GeneveOption] = Items(GeneveOption, length=_options_length)
