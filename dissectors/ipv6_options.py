"""The options of the hop-by-hop and destination options headers (RFC 8200 section 4.2)."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U32,
    Flags,
    Group,
    IPv6Address,
    Octets,
    length_of,
    payload,
)


class IPv6Option(Group, name="ipv6.opt"):
    """Option (RFC 8200 section 4.2).

    `action` says what a node does that does not know it.
    """

    type: Flags = Flags("action:2", "change", "rest:5", bits=8, base=16)
    length: U8 = U8(when=type != 0, compute=length_of(payload), unit="octets")


class Pad1(IPv6Option, when=IPv6Option.type == 0):
    """One octet of padding."""


class PadN(IPv6Option, when=IPv6Option.type == 1):
    """Padding.

    Two octets or more.
    """

    padn: Octets = Octets(default=b"")


class TunnelLimit(IPv6Option, when=IPv6Option.type == 0x04):
    """Tunnel encapsulation limit (RFC 2473 section 4.1.1)."""

    tel: U8 = U8()


class RouterAlert(IPv6Option, when=IPv6Option.type == 0x05):
    """Router alert (RFC 2711)."""

    router_alert: U16 = U16(default=0, names={0: "MLD", 1: "RSVP", 2: "active networks"})


class PathMTU(IPv6Option, when=IPv6Option.type == 0x30, name="ipv6.opt.pmtu"):
    """Minimum path MTU (RFC 9268 section 5).

    The last bit of `rtn` asks for an answer.
    """

    min: U16 = U16(unit="octets")
    rtn: U16 = U16(default=0, unit="octets")


class PerformanceMetrics(IPv6Option, when=IPv6Option.type == 0x0F, name="ipv6.opt.pdm"):
    """Performance and diagnostic metrics (RFC 8250 section 3.2)."""

    scale_dtlr: U8 = U8()
    scale_dtls: U8 = U8()
    psn_this_pkt: U16 = U16()
    psn_last_recv: U16 = U16()
    delta_last_recv: U16 = U16()
    delta_last_sent: U16 = U16()


class RPLInformation(IPv6Option, when=IPv6Option.type.among(0x23, 0x63), name="ipv6.opt.rpl"):
    """RPL information (RFC 6553, RFC 9008)."""

    flag: Flags = Flags("o", "r", "f", "rsv:5", bits=8, default=0, base=16)
    instance_id: U8 = U8(base=16)
    sender_rank: U16 = U16(base=16)


class JumboPayload(IPv6Option, when=IPv6Option.type == 0xC2):
    """Jumbo payload (RFC 2675).

    The length of all that follows the IPv6 header.
    """

    jumbo: U32 = U32(minimum=65536, unit="octets")


class HomeAddress(IPv6Option, when=IPv6Option.type == 0xC9):
    """Home address (RFC 6275 section 6.3)."""

    mipv6__home_address: IPv6Address = IPv6Address()
