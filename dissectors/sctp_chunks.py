"""The chunks of an SCTP packet, and their parameters and error causes (RFC 9260 section 3)."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U32,
    Flag,
    Group,
    IPv4Address,
    IPv6Address,
    Items,
    Octets,
    Text,
    header,
    length_of,
)


class Parameter(Group, name="sctp"):
    """Parameter (RFC 9260 section 3.2.1).

    The first two bits of the type say what to do if it is unknown.
    """

    parameter_type: U16 = U16(base=16)
    parameter_length: U16 = U16(compute=length_of(header), minimum=4, unit="octets")


PARAMETER = Parameter.parameter_type


class HeartbeatInformation(Parameter, when=PARAMETER == 1):
    """Heartbeat information (RFC 9260 section 3.3.5).

    What the sender wants back.
    """

    parameter_heartbeat_information: Octets = Octets()


class IPv4Parameter(Parameter, when=PARAMETER == 5):
    """IPv4 address (RFC 9260 section 3.3.2.1.1)."""

    parameter_ipv4_address: IPv4Address = IPv4Address()


class IPv6Parameter(Parameter, when=PARAMETER == 6):
    """IPv6 address (RFC 9260 section 3.3.2.1.2)."""

    parameter_ipv6_address: IPv6Address = IPv6Address()


class StateCookie(Parameter, when=PARAMETER == 7):
    """State cookie (RFC 9260 section 3.3.3.1).

    What the peer is to send back in a COOKIE ECHO.
    """

    parameter_state_cookie: Octets = Octets()


class CookiePreservative(Parameter, when=PARAMETER == 9):
    """Cookie preservative (RFC 9260 section 3.3.2.1.3).

    How much longer the cookie is to live.
    """

    parameter_cookie_preservative_incr: U32 = U32(unit="ms")


class HostName(Parameter, when=PARAMETER == 11):
    """Host name (RFC 4960 section 3.3.2.1).

    RFC 9260 deprecates it.
    """

    parameter_hostname: Text = Text(until=b"\0")


class AddressType(Group, name="sctp"):
    """Address type.

    The number of that address's parameter.
    """

    parameter_supported_address_type: U16 = U16()


class SupportedAddressTypes(Parameter, when=PARAMETER == 12):
    """Supported address types (RFC 9260 section 3.3.2.1.5)."""

    address_types: Items[AddressType] = Items(AddressType)


class Cause(Group, name="sctp"):
    """Error cause (RFC 9260 section 3.3.10)."""

    cause_code: U16 = U16(base=16)
    cause_length: U16 = U16(compute=length_of(header), minimum=4, unit="octets")
    cause_information: Octets = Octets(default=b"")


class Chunk(Group, name="sctp"):
    """Chunk (RFC 9260 section 3.2).

    Its length leaves out the padding.
    """

    chunk_type: U8 = U8(aliases=("type",))
    chunk_flags: U8 = U8(default=0, base=16, aliases=("flags",))
    chunk_length: U16 = U16(compute=length_of(header), minimum=4, unit="octets")


TYPE = Chunk.chunk_type


class Data(Chunk, when=TYPE == 0):
    """Payload data (RFC 9260 section 3.3.1)."""

    data_i_bit: Flag = Flag(over=Chunk.chunk_flags, bit=4, label="Immediate")
    data_u_bit: Flag = Flag(over=Chunk.chunk_flags, bit=5, label="Unordered")
    data_b_bit: Flag = Flag(over=Chunk.chunk_flags, bit=6, label="Beginning")
    data_e_bit: Flag = Flag(over=Chunk.chunk_flags, bit=7, label="Ending")
    data_tsn_raw: U32 = U32(label="Transmission Sequence Number")
    data_sid: U16 = U16(default=0, base=16, label="Stream Identifier")
    data_ssn: U16 = U16(default=0, label="Stream Sequence Number")
    data_payload_proto_id: U32 = U32(default=0)
    data: Octets = Octets()


class Init(Chunk, when=TYPE == 1):
    """Initiation of an association (RFC 9260 section 3.3.2)."""

    init_initiate_tag: U32 = U32(base=16)
    init_credit: U32 = U32(default=65535, unit="octets")
    init_nr_out_streams: U16 = U16(default=1)
    init_nr_in_streams: U16 = U16(default=1)
    init_initial_tsn: U32 = U32(default=0)
    parameters: Items[Parameter] = Items(Parameter, align=4)


class InitAck(Chunk, when=TYPE == 2):
    """Acknowledgment of an initiation (RFC 9260 section 3.3.3)."""

    initack_initiate_tag: U32 = U32(base=16)
    initack_credit: U32 = U32(default=65535, unit="octets")
    initack_nr_out_streams: U16 = U16(default=1)
    initack_nr_in_streams: U16 = U16(default=1)
    initack_initial_tsn: U32 = U32(default=0)
    parameters: Items[Parameter] = Items(Parameter, align=4)


class GapBlock(Group, name="sctp"):
    """Gap block.

    A run of TSNs received, as distances from the cumulative one.
    """

    sack_gap_block_start: U16 = U16()
    sack_gap_block_end: U16 = U16()


class DuplicateTSN(Group, name="sctp"):
    """Duplicate TSN."""

    sack_duplicate_tsn: U32 = U32()


class SelectiveAck(Chunk, when=TYPE == 3):
    """Selective acknowledgment (RFC 9260 section 3.3.4)."""

    sack_cumulative_tsn_ack_raw: U32 = U32()
    sack_a_rwnd: U32 = U32(default=65535, unit="octets")
    sack_number_of_gap_blocks: U16 = U16()
    sack_number_of_duplicated_tsns: U16 = U16()
    gap_blocks: Items[GapBlock] = Items(GapBlock, count=sack_number_of_gap_blocks)
    duplicates: Items[DuplicateTSN] = Items(DuplicateTSN, count=sack_number_of_duplicated_tsns)


class Heartbeat(Chunk, when=TYPE.among(4, 5)):
    """Heartbeat and its acknowledgment (RFC 9260 sections 3.3.5 and 3.3.6)."""

    parameters: Items[Parameter] = Items(Parameter, align=4)


class AbortOrError(Chunk, when=TYPE.among(6, 9)):
    """Abort, or operation error (RFC 9260 sections 3.3.7 and 3.3.10)."""

    causes: Items[Cause] = Items(Cause, align=4)


class Shutdown(Chunk, when=TYPE == 7):
    """Shutdown (RFC 9260 section 3.3.8)."""

    shutdown_cumulative_tsn_ack: U32 = U32()


class CookieEcho(Chunk, when=TYPE == 10):
    """Cookie echo (RFC 9260 section 3.3.11)."""

    cookie: Octets = Octets()


class SkippedStream(Group, name="sctp"):
    """Skipped stream."""

    forward_tsn_sid: U16 = U16()
    forward_tsn_ssn: U16 = U16()


class ForwardTSN(Chunk, when=TYPE == 192):
    """Forward TSN (RFC 3758 section 3.2).

    The receiver is to go on as if it had received all up to that TSN.
    """

    forward_tsn_tsn: U32 = U32()
    streams: Items[SkippedStream] = Items(SkippedStream)
