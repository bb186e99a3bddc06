"""IP Encapsulating Security Payload: the part that is sent in the clear."""

from __future__ import annotations

from rawlab.schema import U32, Header, looks_like, on


class ESP(
    Header,
    name="esp",
    follows=(on("ip.proto", 50), looks_like("udp.port", lambda h: h.spi != 0, 4500)),
    summary="spi {spi} sequence {sequence}",
):
    """IP Encapsulating Security Payload (RFC 4303 section 2); what follows is encrypted.

    Over UDP, four octets of 0 in place of an SPI announce IKE (RFC 3948 section 2.2).
    """

    spi: U32 = U32(base=16, label="Security Parameters Index")
    sequence: U32 = U32(aliases=("seq",))
