"""Stream Control Transmission Protocol."""

from __future__ import annotations

from rawlab.schema import U16, U32, Header, Items, crc32c, mirrored, on

from .sctp_chunks import Chunk


class SCTP(
    Header,
    name="sctp",
    follows=(on("ip.proto", 132), on("udp.port", 9899)),
    summary="{srcport} > {dstport}",
    answers=lambda h: mirrored(h.srcport, h.dstport),
):
    """Stream Control Transmission Protocol (RFC 9260 section 3)."""

    srcport: U16 = U16(default=0, opens="sctp.port", aliases=("sport",), label="Source Port")
    dstport: U16 = U16(opens="sctp.port", aliases=("dport",), label="Destination Port")
    verification_tag: U32 = U32(default=0, base=16, aliases=("tag",))
    checksum: U32 = U32(seal=crc32c(), base=16, label="CRC32c", aliases=("chksum",))
    chunks: Items[Chunk] = Items(Chunk, align=4)
