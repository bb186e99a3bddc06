"""User Datagram Protocol."""

from __future__ import annotations

from rawlab.schema import U16, Header, header, internet_checksum, length_of, mirrored, on, payload


class UDP(
    Header,
    name="udp",
    follows=on("ip.proto", 17),
    summary="{srcport} > {dstport} length {length}",
    answers=lambda h: mirrored(h.srcport, h.dstport),
):
    """User Datagram Protocol (RFC 768).

    A length of 0 says nothing (RFC 2675), a checksum of 0 that none was computed.
    """

    srcport: U16 = U16(default=0, opens="udp.port", aliases=("sport",), label="Source Port")
    dstport: U16 = U16(opens="udp.port", aliases=("dport",), label="Destination Port")
    length: U16 = U16(compute=length_of(header, payload, unless=0), unit="octets", aliases=("len",))
    checksum: U16 = U16(
        seal=internet_checksum(pseudo_header=True, unset=0), base=16, aliases=("chksum",)
    )
