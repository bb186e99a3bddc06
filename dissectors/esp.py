"""IP Encapsulating Security Payload: the part that is sent in the clear."""

from __future__ import annotations

from rawlab.schema import U32, Header, on


class ESP(Header, name="esp", follows=on("ip.proto", 50), summary="spi {spi} sequence {sequence}"):
    """IP Encapsulating Security Payload (RFC 4303 section 2); what follows is encrypted."""

    spi: U32 = U32(base=16, label="Security Parameters Index")
    sequence: U32 = U32(aliases=("seq",))
