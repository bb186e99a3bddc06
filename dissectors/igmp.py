"""Internet Group Management Protocol, versions 1 to 3."""

from __future__ import annotations

from rawlab.schema import (
    U3,
    U4,
    U8,
    U16,
    Enum,
    Flag,
    Group,
    Header,
    IPv4Address,
    Items,
    Named,
    Octets,
    One,
    internet_checksum,
    on,
    remaining,
)


class IGMPType(Named):
    """Message types (IANA, IGMP Type Numbers)."""

    QUERY = 0x11
    REPORT_V1 = 0x12
    DVMRP = 0x13
    PIM = 0x14
    REPORT_V2 = 0x16
    LEAVE = 0x17
    REPORT_V3 = 0x22


class Source(Group, name="igmp"):
    """Source address."""

    saddr: IPv4Address = IPv4Address(label="Source Address")


class QueryV3(Group, name="igmp"):
    """Query, version 3 (RFC 9776 section 4.1).

    What version 3 adds to a query of version 2.
    """

    _reserved: U4 = U4(default=0)
    s: Flag = Flag(default=False, label="Suppress router-side processing")
    qrv: U3 = U3(default=2, label="Querier's Robustness Variable")
    qqic: U8 = U8(default=125, label="Querier's Query Interval Code")
    num_src: U16 = U16()
    sources: Items[Source] = Items(Source, count=num_src)


class GroupRecord(Group, name="igmp"):
    """Group record (RFC 9776 section 4.2).

    What a host listens to in one group.
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
    num_src: U16 = U16()
    maddr: IPv4Address = IPv4Address(label="Multicast Address")
    sources: Items[Source] = Items(Source, count=num_src)
    aux_data: Octets = Octets(length=aux_data_len * 4, when=aux_data_len != 0)


class IGMP(Header, name="igmp", follows=on("ip.proto", 2), summary="{type} {maddr}"):
    """Internet Group Management Protocol (RFC 1112, RFC 2236, RFC 9776).

    A query of 8 octets is version 1 if `max_resp` is 0, else version 2; a longer one version 3.
    """

    type: Enum[IGMPType] = Enum(IGMPType, bits=8, base=16)
    max_resp: U8 = U8(default=0, unit="0.1 s", when=type.among(0x11, 0x16, 0x17))
    _reserved: U8 = U8(default=0, when=~type.among(0x11, 0x16, 0x17))
    checksum: U16 = U16(seal=internet_checksum(), base=16, aliases=("chksum",))
    maddr: IPv4Address = IPv4Address(
        default="0.0.0.0", when=type.among(0x11, 0x12, 0x16, 0x17), label="Multicast Address"
    )
    query: One[QueryV3] = One(QueryV3, when=(type == 0x11) & (remaining >= 4))

    _reserved_too: U16 = U16(default=0, when=type == 0x22)
    num_grp_recs: U16 = U16(when=type == 0x22)
    records: Items[GroupRecord] = Items(GroupRecord, count=num_grp_recs, when=type == 0x22)
