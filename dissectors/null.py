"""BSD loopback: an address family in the byte order of the machine that captured."""

from __future__ import annotations

from rawlab.schema import U16, U32, Header, anything, looks_like, on

from .ethertypes import ETHERTYPES

LARGEST = 0xFFFF
"""No family is larger; read in the wrong byte order, every family is."""


class LittleEndianLoopback(
    Header,
    name="null",
    follows=looks_like("linktype", lambda h: h._family <= LARGEST, 0),
    summary="family {family}{type}",
    answers=anything,
):
    """BSD loopback, captured by a little-endian machine (LINKTYPE_NULL of the tcpdump group)."""

    _family: U32 = U32(order="little")
    family: U32 = U32(over=_family, order="little", when=_family <= 1500, opens="null.family")
    type: U16 = U16(
        over=_family,
        bit=16,
        order="little",
        when=_family > 1500,
        opens="ethertype",
        base=16,
        names=ETHERTYPES,
    )


class Loopback(
    Header,
    name="null",
    follows=(
        on("linktype", 108),
        looks_like("linktype", lambda h: (h._family > 0) & (h._family <= LARGEST), 0),
    ),
    summary="family {family}{type}",
    answers=anything,
):
    """BSD loopback in network byte order (LINKTYPE_LOOP, or LINKTYPE_NULL of such a machine)."""

    _family: U32 = U32()
    family: U32 = U32(over=_family, when=_family <= 1500, opens="null.family")
    type: U16 = U16(
        over=_family, bit=16, when=_family > 1500, opens="ethertype", base=16, names=ETHERTYPES
    )
