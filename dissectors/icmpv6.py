"""Internet Control Message Protocol for IPv6: errors, echo, listeners, neighbours."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U24,
    U32,
    Enum,
    Flags,
    Group,
    Header,
    IPv6Address,
    Items,
    Named,
    Octets,
    One,
    becomes,
    equals,
    internet_checksum,
    on,
    quotes,
    remaining,
    same,
)

from .icmpv6_options import NDOption


class ICMPv6Type(Named):
    """Message types (IANA, ICMPv6 Parameters)."""

    DESTINATION_UNREACHABLE = 1
    PACKET_TOO_BIG = 2
    TIME_EXCEEDED = 3
    PARAMETER_PROBLEM = 4
    ECHO_REQUEST = 128
    ECHO_REPLY = 129
    LISTENER_QUERY = 130
    LISTENER_REPORT = 131
    LISTENER_DONE = 132
    ROUTER_SOLICITATION = 133
    ROUTER_ADVERTISEMENT = 134
    NEIGHBOR_SOLICITATION = 135
    NEIGHBOR_ADVERTISEMENT = 136
    REDIRECT = 137
    LISTENER_REPORT_V2 = 143


class ListenerSource(Group, name="icmpv6.mld"):
    """Source address."""

    source_address: IPv6Address = IPv6Address()


class QueryV2(Group, name="icmpv6.mld"):
    """Query, version 2 (RFC 9777 section 5.1).

    What version 2 adds to a query of version 1.
    """

    flag: Flags = Flags("reserved:4", "s", "qrv:3", bits=8, default=2, base=16)
    qqi: U8 = U8(default=125, label="Querier's Query Interval Code")
    nb_sources: U16 = U16()
    sources: Items[ListenerSource] = Items(ListenerSource, count=nb_sources)


class RecordSource(Group, name="icmpv6.mldr.mar"):
    """Source address."""

    source_address: IPv6Address = IPv6Address()


class AddressRecord(Group, name="icmpv6.mldr.mar"):
    """Multicast address record (RFC 9777 section 5.2).

    What a node listens to at one address.
    """

    record_type: U8 = U8(
        names={
            1: "mode is include",
            2: "mode is exclude",
            3: "change to include",
            4: "change to exclude",
            5: "allow new sources",
            6: "block old sources",
        }
    )
    aux_data_len: U8 = U8(default=0, unit="words")
    nb_sources: U16 = U16()
    multicast_address: IPv6Address = IPv6Address()
    sources: Items[RecordSource] = Items(RecordSource, count=nb_sources)
    auxiliary_data: Octets = Octets(length=aux_data_len * 4, when=aux_data_len != 0)


class ICMPv6(
    Header,
    name="icmpv6",
    follows=on("ip.proto", 58),
    summary="{type} code {code} id {echo__identifier} seq {echo__sequence_number} mtu {mtu}"
    " for {nd__ns__target_address}{nd__na__target_address}{nd__rd__target_address}",
    answers=lambda h: (
        becomes(h.type, {128: 129, 130: (131, 143), 133: 134, 135: 136}),
        same(h.echo__identifier, h.echo__sequence_number),
        equals(h.nd__na__target_address, h.nd__ns__target_address),
        quotes(h.type.among(1, 2, 3, 4)),
    ),
):
    """Internet Control Message Protocol for IPv6 (RFC 4443, 4861, 6275, 9777).

    An error quotes the packet that caused it: an IPv6 layer, cut short, inside this one.
    """

    type: Enum[ICMPv6Type] = Enum(
        ICMPv6Type,
        bits=8,
        opens="icmpv6.type",
        default=ICMPv6Type.ECHO_REQUEST,
    )
    code: U8 = U8(default=0)
    checksum: U16 = U16(seal=internet_checksum(pseudo_header=True), base=16, aliases=("chksum",))

    length: U8 = U8(default=0, when=type.among(1, 3), label="Length of original datagram")
    mtu: U32 = U32(when=type == 2, unit="octets")
    pointer: U32 = U32(when=type == 4)

    echo__identifier: U16 = U16(default=0, base=16, when=type.among(128, 129), aliases=("ident",))
    echo__sequence_number: U16 = U16(default=0, when=type.among(128, 129), aliases=("seq",))

    _is_listener = type.among(130, 131, 132)
    _is_query_v2 = (type == 130) & (remaining > 20)
    mld__maximum_response_code: U16 = U16(default=0, when=_is_query_v2)
    mld__maximum_response_delay: U16 = U16(default=0, unit="ms", when=_is_listener & ~_is_query_v2)

    nd__ra__cur_hop_limit: U8 = U8(default=64, when=type == 134)
    nd__ra__flag: Flags = Flags(
        "m", "o", "h", "prf:2", "p", "rsv:2", bits=8, default=0, base=16, when=type == 134
    )
    nd__ra__router_lifetime: U16 = U16(default=1800, unit="s", when=type == 134)
    nd__ra__reachable_time: U32 = U32(default=0, unit="ms", when=type == 134)
    nd__ra__retrans_timer: U32 = U32(default=0, unit="ms", when=type == 134)

    nd__na__flag: Flags = Flags(
        "r", "s", "o", "rsv:29", bits=32, default=0, base=16, when=type == 136
    )

    _unused: U24 = U24(default=0, when=type.among(1, 3))
    _reserved: U16 = U16(default=0, when=_is_listener | (type == 143))
    reserved: Octets = Octets(length=4, default=b"\0\0\0\0", when=type.among(133, 135, 137))
    mld__multicast_address: IPv6Address = IPv6Address(default="::", when=_is_listener)
    query: One[QueryV2] = One(QueryV2, when=(type == 130) & (remaining >= 4))

    mldr__nb_mcast_records: U16 = U16(when=type == 143)
    records: Items[AddressRecord] = Items(
        AddressRecord, count=mldr__nb_mcast_records, when=type == 143
    )

    nd__ns__target_address: IPv6Address = IPv6Address(when=type == 135)
    nd__na__target_address: IPv6Address = IPv6Address(when=type == 136)
    nd__rd__target_address: IPv6Address = IPv6Address(when=type == 137)
    rd__na__destination_address: IPv6Address = IPv6Address(when=type == 137)
    options: Items[NDOption] = Items(NDOption, when=(type >= 133) & (type <= 137))
