"""Generic Routing Encapsulation, and the enhanced form that PPTP uses."""

from __future__ import annotations

from rawlab.schema import (
    U3,
    U4,
    U5,
    U16,
    U32,
    Flag,
    Header,
    internet_checksum,
    length_of,
    looks_like,
    number_of_next,
    on,
    payload,
    table,
)

from .ethertypes import ETHERTYPES

PPP_PAYLOAD = 0x880B


class GRE(
    Header,
    name="gre",
    follows=(on("ip.proto", 47), on("udp.port", 4754)),
    summary="proto {proto} key {key} seq {sequence_number}",
):
    """Generic Routing Encapsulation (RFC 2784 section 2, RFC 2890 section 2).

    What a packet with source routes (RFC 1701) carries is not decoded.
    """

    flags_and_version: U16 = U16(default=0, base=16)
    flags__checksum: Flag = Flag(over=flags_and_version, bit=0)
    flags__routing: Flag = Flag(over=flags_and_version, bit=1)
    flags__key: Flag = Flag(over=flags_and_version, bit=2)
    flags__sequence_number: Flag = Flag(over=flags_and_version, bit=3)
    flags__strict_source_route: Flag = Flag(over=flags_and_version, bit=4)
    flags__recursion_control: U3 = U3(over=flags_and_version, bit=5)
    flags__reserved: U5 = U5(over=flags_and_version, bit=8)
    flags__version: U3 = U3(over=flags_and_version, bit=13)
    proto: U16 = U16(
        opens=(
            table("ethertype", when=~flags__routing),
            table("ppp", when=lambda h: (h.proto == PPP_PAYLOAD) & ~h.flags__routing),
        ),
        compute=number_of_next(),
        base=16,
        names=ETHERTYPES,
    )
    _sums = flags__checksum | flags__routing
    checksum: U16 = U16(when=_sums, seal=internet_checksum(), base=16)
    offset: U16 = U16(when=_sums, default=0)
    key: U32 = U32(when=flags__key, base=16)
    sequence_number: U32 = U32(when=flags__sequence_number)


class EnhancedGRE(
    Header,
    name="gre",
    follows=looks_like("ip.proto", lambda h: h.flags__version == 1, 47),
    summary="call {key__call_id} seq {sequence_number} ack {ack_number}",
):
    """Enhanced Generic Routing Encapsulation (RFC 2637 section 4.1), for PPTP."""

    flags_and_version: U16 = U16(default=0x2001, base=16)
    flags__checksum: Flag = Flag(over=flags_and_version, bit=0)
    flags__routing: Flag = Flag(over=flags_and_version, bit=1)
    flags__key: Flag = Flag(over=flags_and_version, bit=2)
    flags__sequence_number: Flag = Flag(over=flags_and_version, bit=3)
    flags__strict_source_route: Flag = Flag(over=flags_and_version, bit=4)
    flags__recursion_control: U3 = U3(over=flags_and_version, bit=5)
    flags__ack: Flag = Flag(over=flags_and_version, bit=8)
    flags__reserved: U4 = U4(over=flags_and_version, bit=9)
    flags__version: U3 = U3(over=flags_and_version, bit=13)
    proto: U16 = U16(default=PPP_PAYLOAD, opens="ppp", base=16, names=ETHERTYPES)
    key__payload_length: U16 = U16(compute=length_of(payload), unit="octets")
    key__call_id: U16 = U16()
    sequence_number: U32 = U32(when=flags__sequence_number)
    ack_number: U32 = U32(when=flags__ack)
