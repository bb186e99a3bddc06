"""Domain Name System: messages over datagrams and streams."""

from __future__ import annotations

from rawlab.schema import (
    U16,
    Flag,
    Flags,
    Group,
    Header,
    Items,
    Unsigned,
    becomes,
    length_of,
    on,
    payload,
    repeated,
    same,
    stream,
)

from . import dns_secure as dns_secure  # declares more variants of ResourceRecord
from .dns_name import DomainName
from .dns_records import ResourceRecord
from .dns_types import DNS_TYPES


class Question(Group, name="dns.qry"):
    """Question (RFC 1035 section 4.1.2).

    `qu` asks for a unicast answer (RFC 6762 section 5.4).
    """

    name: DomainName = DomainName()
    type: U16 = U16(default=1, names=DNS_TYPES)
    qu: Flag = Flag(default=False)
    class_: Unsigned = Unsigned(bits=15, default=1, base=16)


class DNS(
    Header,
    name="dns",
    follows=(on("udp.port", 53, 5353, 5355), on("dns.length")),
    summary="{id} [{flags}] {queries}",
    answers=lambda h: (
        same(h.id),
        becomes(h.flags, {0: 1}, bits="response"),
        repeated(h.queries),
    ),
):
    """Domain Name System (RFC 1035 section 4.1; RFC 6762 over multicast)."""

    id: U16 = U16(default=0, base=16, label="Transaction ID")
    flags: Flags = Flags(
        "response", "opcode:4", "authoritative", "truncated", "recdesired",
        "recavail", "z", "authenticated", "checkdisable", "rcode:4",
        bits=16, default=0x0100, base=16,
    )  # fmt: skip
    count__queries: U16 = U16()
    count__answers: U16 = U16()
    count__auth_rr: U16 = U16()
    count__add_rr: U16 = U16()
    queries: Items[Question] = Items(Question, count=count__queries)
    answers: Items[ResourceRecord] = Items(ResourceRecord, count=count__answers)
    authorities: Items[ResourceRecord] = Items(ResourceRecord, count=count__auth_rr)
    additionals: Items[ResourceRecord] = Items(ResourceRecord, count=count__add_rr)


class DNSOverStream(
    Header, name="dns.stream", follows=stream("tcp.port", 53, 5353), summary="length {length}"
):
    """The length before each message on a stream (RFC 1035 section 4.2.2; RFC 7766)."""

    length: U16 = U16(
        compute=length_of(payload), opens="dns.length", unit="octets", aliases=("dns.length",)
    )
