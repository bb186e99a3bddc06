"""Internet Control Message Protocol."""

from __future__ import annotations

from rawlab.schema import (
    I32,
    U2,
    U3,
    U7,
    U8,
    U16,
    U32,
    Enum,
    Flag,
    Group,
    Header,
    IPv4Address,
    Items,
    Named,
    becomes,
    internet_checksum,
    on,
    quotes,
    same,
)


class ICMPType(Named):
    """Message types (IANA, ICMP Parameters)."""

    ECHO_REPLY = 0
    DESTINATION_UNREACHABLE = 3
    SOURCE_QUENCH = 4
    REDIRECT = 5
    ECHO = 8
    ROUTER_ADVERTISEMENT = 9
    ROUTER_SOLICITATION = 10
    TIME_EXCEEDED = 11
    PARAMETER_PROBLEM = 12
    TIMESTAMP = 13
    TIMESTAMP_REPLY = 14
    INFORMATION_REQUEST = 15
    INFORMATION_REPLY = 16
    ADDRESS_MASK_REQUEST = 17
    ADDRESS_MASK_REPLY = 18
    EXTENDED_ECHO = 42
    EXTENDED_ECHO_REPLY = 43


class RouterAddress(Group, name="icmp"):
    """Router address (RFC 1256 section 3).

    The highest preference level is used first.
    """

    router_address: IPv4Address = IPv4Address()
    pref_level: I32 = I32(default=0)


class ICMP(
    Header,
    name="icmp",
    follows=on("ip.proto", 1),
    summary="{type} code {code} id {ident} seq {seq} gateway {redir_gw} mtu {mtu}",
    answers=lambda h: (
        becomes(h.type, {8: 0, 10: 9, 13: 14, 15: 16, 17: 18, 42: 43}),
        same(h.ident, h.seq, h.ext__echo__seq),
        quotes(h.type.among(3, 4, 5, 11, 12)),
    ),
):
    """Internet Control Message Protocol (RFC 792; RFC 950, 1191, 1256, 4884, 8335).

    An error quotes the datagram that caused it: an IPv4 layer, cut short, inside this one.
    """

    type: Enum[ICMPType] = Enum(ICMPType, bits=8, opens="icmp.type", default=ICMPType.ECHO)
    code: U8 = U8(default=0)
    checksum: U16 = U16(seal=internet_checksum(), base=16, aliases=("chksum",))

    _has_ident = type.among(0, 8, 13, 14, 15, 16, 17, 18, 42, 43)
    ident: U16 = U16(default=0, when=_has_ident, label="Identifier")
    seq: U16 = U16(default=0, when=_has_ident & (type < 42), label="Sequence Number")

    redir_gw: IPv4Address = IPv4Address(when=type == 5, label="Gateway Address")

    pointer: U8 = U8(default=0, when=type == 12)
    _unused: U8 = U8(default=0, when=type.among(3, 4, 11))
    length: U8 = U8(  # of the quoted datagram, in words; 0: not told
        default=0, when=type.among(3, 4, 11, 12), label="Length of original datagram (words)"
    )
    _unused_too: U16 = U16(default=0, when=type.among(4, 11, 12) | ((type == 3) & (code != 4)))
    mtu: U16 = U16(default=0, when=(type == 3) & (code == 4), label="MTU of next hop")

    originate_timestamp: U32 = U32(default=0, unit="ms", when=type.among(13, 14))
    receive_timestamp: U32 = U32(default=0, unit="ms", when=type.among(13, 14))
    transmit_timestamp: U32 = U32(default=0, unit="ms", when=type.among(13, 14))

    address_mask: IPv4Address = IPv4Address(default="0.0.0.0", when=type.among(17, 18))

    num_addrs: U8 = U8(when=type == 9)
    addr_entry_size: U8 = U8(default=2, unit="words", when=type == 9)
    lifetime: U16 = U16(default=1800, unit="s", when=type == 9)
    routers: Items[RouterAddress] = Items(RouterAddress, count=num_addrs, when=type == 9)
    _reserved: U32 = U32(default=0, when=type == 10)

    ext__echo__seq: U8 = U8(default=0, when=type.among(42, 43), label="Sequence Number")
    ext__echo__req__res: U7 = U7(default=0, base=16, when=type == 42)
    ext__echo__req__local: Flag = Flag(default=True, when=type == 42)
    ext__echo__rsp__state: U3 = U3(default=0, when=type == 43)
    ext__echo__rsp__res: U2 = U2(default=0, base=16, when=type == 43)
    ext__echo__rsp__active: Flag = Flag(default=False, when=type == 43)
    ext__echo__rsp__ipv4: Flag = Flag(default=False, when=type == 43)
    ext__echo__rsp__ipv6: Flag = Flag(default=False, when=type == 43)
