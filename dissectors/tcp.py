"""Transmission Control Protocol."""

from __future__ import annotations

from rawlab.schema import (
    U4,
    U16,
    U32,
    Flags,
    Header,
    Items,
    becomes,
    carried,
    either,
    equals,
    header,
    internet_checksum,
    length_of,
    mirrored,
    on,
    table,
    usually,
)

from .tcp_options import TCPOption


class TCP(
    Header,
    name="tcp",
    follows=on("ip.proto", 6),
    summary="{srcport} > {dstport} [{flags}] seq {seq_raw} ack {ack_raw} win {window_size_value}",
    answers=lambda h: (
        mirrored(h.srcport, h.dstport),
        becomes(h.flags, {0: (0, 1)}, bits="reset"),  # nothing answers a reset
        usually(h.seq_raw, h.ack_raw),
        usually(h.options, ()),
        either(
            (  # the peer accepts a connection
                becomes(h.flags, {1: 1}, bits="syn"),
                becomes(h.flags, {0: 1}, bits="ack"),
                becomes(h.flags, {0: 0}, bits="reset"),
                equals(h.ack_raw, h.seq_raw + 1),
            ),
            (  # it acknowledges all that the segment takes up: octets, SYN and FIN
                becomes(h.flags, {0: 0, 1: 0}, bits="syn"),
                becomes(h.flags, {1: 1}, bits="ack"),
                becomes(h.flags, {0: 0}, bits="reset"),
                equals(h.ack_raw, h.seq_raw + carried + ((h.flags >> 1) & 1) + (h.flags & 1)),
            ),
            (  # it refuses (RFC 9293 section 3.10.7.1)
                becomes(h.flags, {0: 1}, bits="reset"),
                becomes(h.flags, {0: 1}, bits="ack"),
                equals(h.ack_raw, h.seq_raw + carried + ((h.flags >> 1) & 1) + (h.flags & 1)),
            ),
            (
                becomes(h.flags, {0: 1}, bits="reset"),
                becomes(h.flags, {1: (0, 1)}, bits="ack"),
                equals(h.seq_raw, h.ack_raw),
            ),
        ),
    ),
):
    """Transmission Control Protocol (RFC 9293 section 3.1)."""

    srcport: U16 = U16(
        default=0, opens=table("tcp.port", stream=True), aliases=("sport",), label="Source Port"
    )
    dstport: U16 = U16(
        opens=table("tcp.port", stream=True), aliases=("dport",), label="Destination Port"
    )
    seq_raw: U32 = U32(default=0, label="Sequence Number", keywords=("seq",))
    ack_raw: U32 = U32(default=0, label="Acknowledgment Number", keywords=("ack",))
    hdr_len: U4 = U4(
        scale=4, compute=length_of(header), minimum=20, unit="octets", aliases=("dataofs",)
    )
    flags: Flags = Flags(
        "res:3", "ae", "cwr", "ece", "urg", "ack", "push", "reset", "syn", "fin",
        bits=12, letters="CEUAPRSF", default=0, base=16,
    )  # fmt: skip
    window_size_value: U16 = U16(default=65535, label="Window", aliases=("window",))
    checksum: U16 = U16(seal=internet_checksum(pseudo_header=True), base=16, aliases=("chksum",))
    urgent_pointer: U16 = U16(default=0, aliases=("urgptr",))
    options: Items[TCPOption] = Items(TCPOption, until=hdr_len)
