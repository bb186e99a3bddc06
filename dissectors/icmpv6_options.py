"""The options of neighbour discovery (RFC 4861 section 4.6)."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U32,
    Flags,
    Group,
    IPv6Address,
    Items,
    MACAddress,
    Octets,
    Unsigned,
    header,
    length_of,
)


class NDOption(Group, name="icmpv6.opt"):
    """Option (RFC 4861 section 4.6).

    `length` counts 8 octets each, its own first two among them.
    """

    type: U8 = U8()
    length: U8 = U8(compute=length_of(header) // 8)


class SourceLinkAddress(NDOption, when=(NDOption.type == 1) & (NDOption.length == 1)):
    """Source link-layer address (RFC 4861 section 4.6.1).

    Addresses of other than six octets are kept as data.
    """

    src_linkaddr: MACAddress = MACAddress()


class TargetLinkAddress(NDOption, when=(NDOption.type == 2) & (NDOption.length == 1)):
    """Target link-layer address (RFC 4861 section 4.6.1).

    Addresses of other than six octets are kept as data.
    """

    target_linkaddr: MACAddress = MACAddress()


class PrefixInformation(NDOption, when=NDOption.type == 3):
    """Prefix information (RFC 4861 section 4.6.2)."""

    prefix__length: U8 = U8(default=64, unit="bits")
    prefix__flag: Flags = Flags("l", "a", "r", "reserved:5", bits=8, default=0xC0, base=16)
    prefix__valid_lifetime: U32 = U32(default=2592000, unit="s")
    prefix__preferred_lifetime: U32 = U32(default=604800, unit="s")
    _reserved: U32 = U32(default=0)
    prefix: IPv6Address = IPv6Address()


class RedirectedHeader(NDOption, when=NDOption.type == 4):
    """Redirected header (RFC 4861 section 4.6.3).

    As much as fits of the packet that is redirected.
    """

    _reserved: Octets = Octets(length=6, default=b"\0" * 6)
    redirected_packet: Octets = Octets()


class MTU(NDOption, when=NDOption.type == 5):
    """MTU (RFC 4861 section 4.6.4)."""

    _reserved: U16 = U16(default=0)
    mtu: U32 = U32(unit="octets")


class AdvertisementInterval(NDOption, when=NDOption.type == 7):
    """Advertisement interval (RFC 6275 section 7.3)."""

    _reserved: U16 = U16(default=0)
    advertisement_interval: U32 = U32(unit="ms")


class HomeAgentInformation(NDOption, when=NDOption.type == 8):
    """Home agent information (RFC 6275 section 7.4)."""

    _reserved: U16 = U16(default=0)
    home_agent_preference: U16 = U16(default=0)
    home_agent_lifetime: U16 = U16(unit="s")


class Nonce(NDOption, when=NDOption.type == 14):
    """Nonce (RFC 3971 section 5.3.2).

    A number that an advertisement repeats from its solicitation.
    """

    nonce: Octets = Octets()


class RouteInformation(NDOption, when=NDOption.type == 24):
    """Route information (RFC 4191 section 2.3).

    The prefix is cut to the octets that it needs.
    """

    prefix__length: U8 = U8(unit="bits")
    route_info__flag: Flags = Flags("_:3", "route_preference:2", "_:3", bits=8, default=0, base=16)
    route_lifetime: U32 = U32(unit="s")
    route_prefix: Octets = Octets(default=b"")


class DNSServer(Group, name="icmpv6.opt"):
    """Server."""

    rdnss: IPv6Address = IPv6Address()


class RecursiveDNSServers(NDOption, when=NDOption.type == 25):
    """Recursive DNS servers (RFC 8106 section 5.1)."""

    _reserved: U16 = U16(default=0)
    rdnss__lifetime: U32 = U32(unit="s")
    servers: Items[DNSServer] = Items(DNSServer)


class DNSSearchList(NDOption, when=NDOption.type == 31):
    """DNS search list (RFC 8106 section 5.2).

    Names as in DNS, not compressed.
    """

    _reserved: U16 = U16(default=0)
    dnssl__lifetime: U32 = U32(unit="s")
    names: Octets = Octets()


class PREF64(NDOption, when=NDOption.type == 38, name="icmpv6.opt.pref64"):
    """Prefix of a NAT64 (RFC 8781 section 4)."""

    scaled_lifetime: Unsigned = Unsigned(bits=13, unit="8 s")
    plc: Unsigned = Unsigned(bits=3, base=16, label="Prefix Length Code")
    prefix: Octets = Octets(length=12)
