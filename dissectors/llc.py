"""Logical Link Control and its extension to Ethernet types, SNAP."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U24,
    Expression,
    Header,
    looks_like,
    number_of_next,
)

from .ethertypes import ETHERTYPES

SNAP_POINT = 0xAA
UNNUMBERED = 3
NO_LLC = 0xFF
"""Where the access points would stand, an IPX packet that has no LLC header begins so."""


def is_snap(h: type[LLC]) -> Expression:
    return (h.dsap == SNAP_POINT) & (h.ssap & 0xFE == SNAP_POINT) & (h.control == UNNUMBERED)


class LLC(
    Header,
    name="llc",
    follows=looks_like(
        "llc", lambda h: (h.control & 3 == UNNUMBERED) & (h.dsap != NO_LLC) & ~is_snap(h)
    ),
    summary="{dsap} < {ssap} control {control}",
):
    """Logical Link Control, unnumbered (IEEE Std 802.2 clauses 3 and 5.2)."""

    dsap: U8 = U8(opens="llc.dsap", base=16, label="Destination Access Point")
    ssap: U8 = U8(base=16, label="Source Access Point")
    control: U8 = U8(default=UNNUMBERED, base=16, digits=4)


class NumberedLLC(
    Header,
    name="llc",
    follows=looks_like("llc", lambda h: (h.control & 3 != UNNUMBERED) & (h.dsap != NO_LLC)),
    summary="{dsap} < {ssap} control {control}",
):
    """Logical Link Control, information or supervisory (IEEE Std 802.2 clause 5.2)."""

    dsap: U8 = U8(opens="llc.dsap", base=16, label="Destination Access Point")
    ssap: U8 = U8(base=16, label="Source Access Point")
    control: U16 = U16(order="little", base=16)


class SNAP(
    Header,
    name="llc",
    follows=looks_like("llc", is_snap),
    summary="{oui} type {type}{cisco_pid}{pid}",
):
    """Subnetwork Access Protocol (IEEE Std 802 clause 9), and the LLC header that announces it."""

    dsap: U8 = U8(default=SNAP_POINT, base=16, label="Destination Access Point")
    ssap: U8 = U8(default=SNAP_POINT, base=16, label="Source Access Point")
    control: U8 = U8(default=UNNUMBERED, base=16, digits=4)
    oui: U24 = U24(default=0, label="Organization Code")
    _protocol: U16 = U16()
    type: U16 = U16(
        over=_protocol,
        when=oui.among(0x000000, 0x0000F8),
        opens="ethertype",
        compute=number_of_next(),
        base=16,
        names=ETHERTYPES,
    )
    cisco_pid: U16 = U16(over=_protocol, when=oui == 0x00000C, base=16)
    pid: U16 = U16(over=_protocol, when=~oui.among(0x000000, 0x0000F8, 0x00000C), base=16)
