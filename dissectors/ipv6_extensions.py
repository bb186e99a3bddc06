"""The extension headers of IPv6: options, routing and fragment (RFC 8200 section 4)."""

from __future__ import annotations

from rawlab.schema import (
    U4,
    U8,
    U13,
    U16,
    U32,
    Flag,
    Group,
    Header,
    IPv6Address,
    Items,
    Octets,
    Unsigned,
    anything,
    header,
    length_of,
    number_of_next,
    on,
    remaining,
    table,
)

from .ip_protocols import IP_PROTOCOLS
from .ipv6_options import IPv6Option


class HopByHop(
    Header,
    name="ipv6.hopopts",
    follows=on("ip.proto", 0),
    summary="next {nxt}",
    answers=anything,
):
    """IPv6 hop-by-hop options (RFC 8200 section 4.3); `len` counts 8 octets each, less 1."""

    nxt: U8 = U8(
        opens="ip.proto",
        compute=number_of_next(),
        default=59,
        label="Next Header",
        names=IP_PROTOCOLS,
    )
    len: U8 = U8(compute=length_of(header) // 8 - 1)
    options: Items[IPv6Option] = Items(IPv6Option)


class DestinationOptions(
    Header,
    name="ipv6.dstopts",
    follows=on("ip.proto", 60),
    summary="next {nxt}",
    answers=anything,
):
    """IPv6 destination options (RFC 8200 section 4.6); `len` counts 8 octets each, less 1."""

    nxt: U8 = U8(
        opens="ip.proto",
        compute=number_of_next(),
        default=59,
        label="Next Header",
        names=IP_PROTOCOLS,
    )
    len: U8 = U8(compute=length_of(header) // 8 - 1)
    options: Items[IPv6Option] = Items(IPv6Option)


class Fragment(
    Header,
    name="ipv6.fraghdr",
    follows=on("ip.proto", 44),
    summary="offset {offset} more {more} id {ident}",
    answers=anything,
):
    """IPv6 fragment header (RFC 8200 section 4.5); only the first fragment is opened."""

    nxt: U8 = U8(
        opens=table("ip.proto", when=lambda h: h.offset == 0, partial=lambda h: h.more == 1),
        compute=number_of_next(),
        default=59,
        label="Next Header",
        names=IP_PROTOCOLS,
    )
    reserved_octet: U8 = U8(default=0, base=16)
    offset: U13 = U13(default=0, label="Offset (of 8 octets)")
    reserved_bits: Unsigned = Unsigned(bits=2, default=0)
    more: Flag = Flag(default=False, label="More Fragments")
    ident: U32 = U32(default=0, base=16, label="Identification")


class SourceRoute(Group, name="ipv6.routing.src"):
    """Address."""

    addr: IPv6Address = IPv6Address()


class Segment(Group, name="ipv6.routing.srh"):
    """Segment.

    The last segment of the path is the first of the list.
    """

    addr: IPv6Address = IPv6Address()


class Routing(
    Header,
    name="ipv6.routing",
    follows=on("ip.proto", 43),
    summary="type {type} segments left {segleft} next {nxt}",
    answers=anything,
):
    """IPv6 routing header (RFC 8200 section 4.4); `len` counts 8 octets each, less 1.

    Type 0: source route (RFC 5095 deprecates it); 2: mobility (RFC 6275 section 6.4);
    3: RPL source route (RFC 6554); 4: segment routing (RFC 8754 section 2).
    """

    nxt: U8 = U8(
        opens="ip.proto",
        compute=number_of_next(),
        default=59,
        label="Next Header",
        names=IP_PROTOCOLS,
    )
    len: U8 = U8(compute=length_of(header) // 8 - 1)
    type: U8 = U8(default=4)
    segleft: U8 = U8(pseudo=True, label="Segments Left")

    src__reserved: Octets = Octets(length=4, when=type == 0, default=b"\0\0\0\0")
    source_route: Items[SourceRoute] = Items(SourceRoute, when=type == 0)

    mipv6__reserved: Octets = Octets(length=4, when=type == 2, default=b"\0\0\0\0")
    mipv6__home_address: IPv6Address = IPv6Address(when=type == 2)

    rpl__cmprI: U4 = U4(when=type == 3)
    rpl__cmprE: U4 = U4(when=type == 3)
    rpl__pad: U4 = U4(when=type == 3)
    rpl__reserved: Unsigned = Unsigned(bits=20, default=0, when=type == 3)
    rpl__addresses: Octets = Octets(when=type == 3)

    srh__last_entry: U8 = U8(when=type == 4)
    srh__flags: U8 = U8(default=0, base=16, when=type == 4)
    srh__tag: Octets = Octets(length=2, default=b"\0\0", when=type == 4)
    segments: Items[Segment] = Items(Segment, count=srh__last_entry + 1, when=type == 4)
    srh__tlvs: Octets = Octets(default=b"", when=(type == 4) & (remaining > 0))

    unknown_data: Octets = Octets(when=~type.among(0, 2, 3, 4), label="Type-Specific Data")


class Mobility(Header, name="mip6", follows=on("ip.proto", 135), summary="type {mhtype}"):
    """IPv6 mobility header (RFC 6275 section 6.1); `hlen` counts 8 octets each, less 1."""

    proto: U8 = U8(
        opens="ip.proto",
        compute=number_of_next(),
        default=59,
        label="Payload Protocol",
        names=IP_PROTOCOLS,
    )
    hlen: U8 = U8(compute=length_of(header) // 8 - 1, label="Header Length")
    mhtype: U8 = U8(label="Mobility Header Type")
    reserved: U8 = U8(default=0, base=16)
    csum: U16 = U16(base=16, default=0, label="Checksum")
    data: Octets = Octets(default=b"\0\0")
