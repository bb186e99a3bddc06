"""IP Authentication Header."""

from __future__ import annotations

from rawlab.schema import U8, U32, Header, Octets, header, length_of, number_of_next, on

from .ip_protocols import IP_PROTOCOLS


class AH(Header, name="ah", follows=on("ip.proto", 51), summary="spi {spi} sequence {sequence}"):
    """IP Authentication Header (RFC 4302 section 2); `length` counts 4 octets each, less 2."""

    next_header: U8 = U8(
        opens="ip.proto", compute=number_of_next(), default=59, names=IP_PROTOCOLS, aliases=("nh",)
    )
    length: U8 = U8(compute=length_of(header) // 4 - 2, label="Payload Length")
    reserved: Octets = Octets(length=2, default=b"\0\0")
    spi: U32 = U32(base=16, label="Security Parameters Index")
    sequence: U32 = U32(aliases=("seq",))
    icv: Octets = Octets(default=b"", label="Integrity Check Value")
