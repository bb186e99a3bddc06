"""Lightweight User Datagram Protocol."""

from __future__ import annotations

from rawlab.schema import U16, Header, mirrored, on


class UDPLite(
    Header,
    name="udplite",
    follows=on("ip.proto", 136),
    summary="{srcport} > {dstport}",
    answers=lambda h: mirrored(h.srcport, h.dstport),
):
    """Lightweight User Datagram Protocol (RFC 3828).

    The checksum covers the first `checksum_coverage` octets only; 0 stands for all of them.
    """

    srcport: U16 = U16(
        default=0, opens="udp.port", aliases=("sport", "udp.srcport"), label="Source Port"
    )
    dstport: U16 = U16(opens="udp.port", aliases=("dport", "udp.dstport"), label="Destination Port")
    checksum_coverage: U16 = U16(default=0, unit="octets", aliases=("udp.checksum_coverage",))
    checksum: U16 = U16(default=0, base=16, aliases=("chksum", "udp.checksum"))
