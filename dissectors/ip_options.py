"""The options of an IPv4 header (RFC 791 section 3.1)."""

from __future__ import annotations

from rawlab.schema import (
    U4,
    U8,
    U16,
    U32,
    Flags,
    Group,
    IPv4Address,
    Items,
    Octets,
    Unsigned,
    header,
    length_of,
)


class IPv4Option(Group, name="ip.opt"):
    """Option (RFC 791 section 3.1).

    A type octet and, but for the first two types, a length and data.
    """

    type: Flags = Flags("copy", "class:2", "number:5", bits=8)
    len: U8 = U8(when=~type.among(0, 1), compute=length_of(header), minimum=2, unit="octets")


class EndOfOptions(IPv4Option, when=IPv4Option.type == 0):
    """End of options.

    What is left of the header is padding.
    """

    padding: Octets = Octets(default=b"")


class NoOperation(IPv4Option, when=IPv4Option.type == 1):
    """No operation.

    One octet, to align what follows.
    """


class Security(IPv4Option, when=IPv4Option.type == 130):
    """Basic security (RFC 1108 section 2)."""

    sec_cl: U8 = U8(base=16, label="Classification Level")


class RecordedAddress(Group, name="ip"):
    """Recorded address."""

    rec_rt: IPv4Address = IPv4Address(label="Recorded Route")


class RecordRoute(IPv4Option, when=IPv4Option.type == 7):
    """Record route (RFC 791 section 3.1).

    Each router writes its address at `ptr`, counted from 1.
    """

    ptr: U8 = U8(default=4, minimum=4)
    route: Items[RecordedAddress] = Items(RecordedAddress)


class SourceAddress(Group, name="ip"):
    """Source route address."""

    src_rt: IPv4Address = IPv4Address(label="Source Route")


class LooseSourceRoute(IPv4Option, when=IPv4Option.type == 131):
    """Loose source route (RFC 791 section 3.1).

    Other routers may lie between.
    """

    ptr: U8 = U8(default=4, minimum=4)
    route: Items[SourceAddress] = Items(SourceAddress)


class StrictSourceRoute(IPv4Option, when=IPv4Option.type == 137):
    """Strict source route (RFC 791 section 3.1).

    Just these routers.
    """

    ptr: U8 = U8(default=4, minimum=4)
    route: Items[SourceAddress] = Items(SourceAddress)


class RouterTime(Group, name="ip.opt"):
    """Time.

    Milliseconds since midnight UT, as the packet passed.
    """

    time_stamp: U32 = U32(unit="ms")


class RouterAddressAndTime(Group, name="ip.opt"):
    """Address and time.

    Which router the packet passed, and when.
    """

    time_stamp_addr: IPv4Address = IPv4Address()
    time_stamp: U32 = U32(unit="ms")


class InternetTimestamp(IPv4Option, when=IPv4Option.type == 68):
    """Internet timestamp (RFC 791 section 3.1).

    Flag 0: times only; 1: with addresses; 3: of the addresses that are given.
    """

    ptr: U8 = U8(default=5, minimum=5)
    overflow: U4 = U4(default=0)
    flag: U4 = U4(default=0, base=16)
    times: Items[RouterTime] = Items(RouterTime, when=flag == 0)
    stops: Items[RouterAddressAndTime] = Items(RouterAddressAndTime, when=flag.among(1, 3))


class StreamIdentifier(IPv4Option, when=IPv4Option.type == 136):
    """Stream identifier (RFC 791 section 3.1).

    Of SATNET; RFC 6814 made it obsolete.
    """

    sid: U16 = U16()


class RouterAlert(IPv4Option, when=IPv4Option.type == 148):
    """Router alert (RFC 2113).

    Routers examine the packet.
    """

    ra: U16 = U16(default=0)


class MTUProbe(IPv4Option, when=IPv4Option.type.among(11, 12)):
    """MTU probe or reply (RFC 1063)."""

    mtu: U16 = U16(unit="octets")


class Traceroute(IPv4Option, when=IPv4Option.type == 82):
    """Traceroute (RFC 1393)."""

    id_number: U16 = U16()
    ohc: U16 = U16(label="Outbound Hop Count")
    rhc: U16 = U16(label="Return Hop Count")
    originator: IPv4Address = IPv4Address()


class QuickStart(IPv4Option, when=IPv4Option.type == 25):
    """Quick-start (RFC 4782 section 3.1).

    A sending rate asked of the routers.
    """

    qs_func: U4 = U4()
    qs_rate: U4 = U4()
    qs_ttl: U8 = U8()
    qs_nonce: Unsigned = Unsigned(bits=30, base=16)
    qs_reserved: Unsigned = Unsigned(bits=2, default=0, base=16)


class CommercialSecurity(IPv4Option, when=IPv4Option.type == 134, name="ip.cipso"):
    """Commercial security (FIPS 188).

    A domain of interpretation and its tags.
    """

    doi: U32 = U32(label="Domain of Interpretation")
