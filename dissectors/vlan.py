"""VLAN tags: IEEE 802.1Q customer tags, 802.1ad service tags, any number of them."""

from __future__ import annotations

from rawlab.schema import U3, U12, U16, Flag, Header, length_of, number_of_next, on, payload

from .ethertypes import ETHERTYPES


class VLAN(
    Header,
    name="vlan",
    follows=on("ethertype", 0x8100, 0x9100),
    summary="vlan {id} priority {priority}",
):
    """802.1Q customer VLAN tag (IEEE Std 802.1Q clause 9.6)."""

    priority: U3 = U3(default=0)
    dei: Flag = Flag(default=False, label="Drop Eligible")
    id: U12 = U12(aliases=("vlan",))
    _type_or_length: U16 = U16()
    etype: U16 = U16(
        over=_type_or_length,
        when=_type_or_length >= 1536,
        opens="ethertype",
        compute=number_of_next(),
        base=16,
        label="Type",
        names=ETHERTYPES,
    )
    len: U16 = U16(
        over=_type_or_length,
        when=_type_or_length <= 1500,
        opens="llc",
        compute=length_of(payload),
        unit="octets",
    )


class ServiceVLAN(
    Header,
    name="ieee8021ad",
    follows=on("ethertype", 0x88A8),
    summary="service vlan {id} priority {priority}",
):
    """802.1ad service VLAN tag (IEEE Std 802.1Q clause 9.6): the outer tag of a provider."""

    priority: U3 = U3(default=0)
    dei: Flag = Flag(default=False, label="Drop Eligible")
    id: U12 = U12(aliases=("vlan",))
    etype: U16 = U16(
        opens="ethertype", compute=number_of_next(), base=16, label="Type", names=ETHERTYPES
    )
