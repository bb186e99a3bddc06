"""VXLAN: Ethernet frames over UDP."""

from __future__ import annotations

from rawlab.schema import U1, U2, U8, U16, U24, Flag, Header, number_of_next, on


class VXLAN(Header, name="vxlan", follows=on("udp.port", 4789), summary="vni {vni}"):
    """Virtual eXtensible Local Area Network (RFC 7348 section 5) with its group policy."""

    flags: U16 = U16(default=0x0800, base=16)
    flag_g: Flag = Flag(over=flags, bit=0, label="Group Policy Present")
    flag_i: Flag = Flag(over=flags, bit=4, label="Network Identifier Valid")
    flag_d: Flag = Flag(over=flags, bit=9, label="Do Not Learn")
    flag_a: Flag = Flag(over=flags, bit=12, label="Policy Applied")
    gbp: U16 = U16(default=0, label="Group Policy ID")
    vni: U24 = U24(opens="vxlan.vni", label="Network Identifier")
    reserved8: U8 = U8(default=0, label="Reserved")


class GenericVXLAN(
    Header, name="vxlan", follows=on("udp.port", 4790), summary="vni {vni} next {next_proto}"
):
    """VXLAN with a protocol number, not only for Ethernet (draft-ietf-nvo3-vxlan-gpe)."""

    flags: U8 = U8(default=0x0C, base=16)
    ver: U2 = U2(over=flags, bit=2, label="Version")
    i_bit: U1 = U1(over=flags, bit=4, label="Network Identifier Valid")
    p_bit: U1 = U1(over=flags, bit=5, label="Next Protocol Valid")
    o_bit: U1 = U1(over=flags, bit=7, label="Operations and Maintenance")
    reserved_16: U16 = U16(default=0, label="Reserved")
    next_proto: U8 = U8(opens="vxlan.next_proto", compute=number_of_next())
    vni: U24 = U24(label="Network Identifier")
    reserved8: U8 = U8(default=0, label="Reserved")
