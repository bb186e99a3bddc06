"""The options of a TCP header (RFC 9293 section 3.2; IANA, TCP Option Kind Numbers)."""

from __future__ import annotations

from rawlab.schema import (
    U4,
    U8,
    U16,
    U32,
    Flag,
    Group,
    Items,
    Octets,
    Unsigned,
    header,
    length_of,
)


class TCPOption(Group, name="tcp"):
    """Option (RFC 9293 section 3.2).

    A kind octet and, but for the first two kinds, a length and data.
    """

    option_kind: U8 = U8(aliases=("kind",))
    option_len: U8 = U8(
        when=~option_kind.among(0, 1),
        compute=length_of(header),
        minimum=2,
        unit="octets",
        aliases=("len",),
    )


KIND = TCPOption.option_kind


class EndOfOptions(TCPOption, when=KIND == 0, name="tcp.options"):
    """End of options.

    What is left of the header is padding.
    """

    padding: Octets = Octets(default=b"")


class NoOperation(TCPOption, when=KIND == 1, name="tcp.options"):
    """No operation.

    One octet, to align what follows.
    """


class MaximumSegmentSize(TCPOption, when=KIND == 2, name="tcp.options"):
    """Maximum segment size (RFC 9293 section 3.7.1)."""

    mss_val: U16 = U16(unit="octets")


class WindowScale(TCPOption, when=KIND == 3, name="tcp.options"):
    """Window scale (RFC 7323 section 2.2)."""

    wscale__shift: U8 = U8(unit="bits")


class SACKPermitted(TCPOption, when=KIND == 4, name="tcp.options"):
    """Selective acknowledgment permitted (RFC 2018 section 2)."""


class SACKBlock(Group, name="tcp.options"):
    """Block.

    Its first sequence number, and the one after its last.
    """

    sack_le: U32 = U32()
    sack_re: U32 = U32()


class SACK(TCPOption, when=KIND == 5, name="tcp.options"):
    """Selective acknowledgment (RFC 2018 section 3)."""

    sack: Items[SACKBlock] = Items(SACKBlock)


class Timestamps(TCPOption, when=KIND == 8, name="tcp.options.timestamp"):
    """Timestamps (RFC 7323 section 3.2)."""

    tsval: U32 = U32()
    tsecr: U32 = U32(default=0)


class MD5Signature(TCPOption, when=KIND == 19, name="tcp.options.md5"):
    """MD5 signature (RFC 2385)."""

    digest: Octets = Octets(length=16)


class UserTimeout(TCPOption, when=KIND == 28, name="tcp.options"):
    """User timeout (RFC 5482).

    In minutes if the granularity bit is set, else in seconds.
    """

    user_to_granularity: Flag = Flag(default=False)
    user_to_val: Unsigned = Unsigned(bits=15)


class Authentication(TCPOption, when=KIND == 29, name="tcp.options.ao"):
    """Authentication (RFC 5925 section 2.2)."""

    keyid: U8 = U8()
    rnextkeyid: U8 = U8()
    mac: Octets = Octets()


class MultipathTCP(TCPOption, when=KIND == 30, name="tcp.options.mptcp"):
    """Multipath TCP (RFC 8684 section 3).

    The subtype; what it says is kept as octets.
    """

    subtype: U4 = U4()
    subtype_low: U4 = U4(default=0, label="Low four bits (version or flags)")
    data: Octets = Octets(default=b"")


class FastOpen(TCPOption, when=KIND == 34, name="tcp.options.tfo"):
    """Fast open cookie (RFC 7413 section 4.1.1).

    An empty one asks for a cookie.
    """

    cookie: Octets = Octets(default=b"")


class Experimental(TCPOption, when=KIND.among(253, 254), name="tcp.options.experimental"):
    """Shared experimental option (RFC 6994)."""

    exid: U16 = U16(base=16)
    data: Octets = Octets(default=b"")
