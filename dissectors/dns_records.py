"""Resource records of the Domain Name System, and the data of each type."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    U32,
    Flag,
    Flags,
    Group,
    IPv4Address,
    IPv6Address,
    Items,
    Octets,
    Text,
    Unsigned,
    length_of,
    payload,
)

from .dns_name import DomainName
from .dns_types import DNS_TYPES

OPT = 41


class ResourceRecord(Group, name="dns"):
    """Resource record (RFC 1035 section 4.1.3).

    In OPT records, the places of class and TTL mean other things.
    """

    resp__name: DomainName = DomainName(aliases=("name",))
    resp__type: U16 = U16(default=1, names=DNS_TYPES, aliases=("type",))
    _class: U16 = U16(default=1)
    resp__cache_flush: Flag = Flag(over=_class, when=resp__type != OPT)
    resp__class_: Unsigned = Unsigned(bits=15, base=16, over=_class, bit=1, when=resp__type != OPT)
    rr__udp_payload_size: Unsigned = Unsigned(
        bits=15, unit="octets", over=_class, bit=1, when=resp__type == OPT
    )
    _ttl: U32 = U32(default=0)
    resp__ttl: U32 = U32(unit="s", over=_ttl, when=resp__type != OPT, aliases=("ttl",))
    resp__ext_rcode: U8 = U8(base=16, over=_ttl, when=resp__type == OPT)
    resp__edns0_version: U8 = U8(over=_ttl, bit=8, when=resp__type == OPT)
    resp__z: Flags = Flags(
        "do", "reserved:15", bits=16, base=16, over=_ttl, bit=16, when=resp__type == OPT
    )
    resp__len: U16 = U16(compute=length_of(payload), unit="octets", aliases=("len",))


TYPE = ResourceRecord.resp__type


class A(ResourceRecord, when=TYPE == 1):
    """IPv4 address (RFC 1035 section 3.4.1)."""

    a: IPv4Address = IPv4Address()


class NS(ResourceRecord, when=TYPE == 2):
    """Name server (RFC 1035 section 3.3.11)."""

    ns: DomainName = DomainName()


class CNAME(ResourceRecord, when=TYPE == 5):
    """Canonical name (RFC 1035 section 3.3.1).

    The name that this one is an alias of.
    """

    cname: DomainName = DomainName()


class SOA(ResourceRecord, when=TYPE == 6, name="dns.soa"):
    """Start of a zone of authority (RFC 1035 section 3.3.13)."""

    mname: DomainName = DomainName()
    rname: DomainName = DomainName()
    serial_number: U32 = U32()
    refresh_interval: U32 = U32(unit="s")
    retry_interval: U32 = U32(unit="s")
    expire_limit: U32 = U32(unit="s")
    minimum_ttl: U32 = U32(unit="s")


class PTR(ResourceRecord, when=TYPE == 12, name="dns.ptr"):
    """Pointer (RFC 1035 section 3.3.12).

    Another name: in reverse zones, that of the address.
    """

    domain_name: DomainName = DomainName()


class HINFO(ResourceRecord, when=TYPE == 13, name="dns.hinfo"):
    """Host information (RFC 1035 section 3.3.2)."""

    cpu_length: U8 = U8()
    cpu: Text = Text(length=cpu_length)
    os_length: U8 = U8()
    os: Text = Text(length=os_length)


class MX(ResourceRecord, when=TYPE == 15, name="dns.mx"):
    """Mail exchange (RFC 1035 section 3.3.9).

    The lowest preference is tried first.
    """

    preference: U16 = U16(default=10)
    mail_exchange: DomainName = DomainName()


class CharacterString(Group, name="dns"):
    """Character string (RFC 1035 section 3.3)."""

    txt__length: U8 = U8()
    txt: Text = Text(length=txt__length)


class TXT(ResourceRecord, when=TYPE == 16):
    """Text (RFC 1035 section 3.3.14)."""

    strings: Items[CharacterString] = Items(CharacterString)


class AAAA(ResourceRecord, when=TYPE == 28):
    """IPv6 address (RFC 3596 section 2)."""

    aaaa: IPv6Address = IPv6Address()


class SRV(ResourceRecord, when=TYPE == 33, name="dns.srv"):
    """Service location (RFC 2782)."""

    priority: U16 = U16(default=0)
    weight: U16 = U16(default=0)
    port: U16 = U16()
    target: DomainName = DomainName()


class NAPTR(ResourceRecord, when=TYPE == 35, name="dns.naptr"):
    """Naming authority pointer (RFC 3403 section 4.1).

    A rule that rewrites names.
    """

    order: U16 = U16()
    preference: U16 = U16()
    flags_length: U8 = U8()
    flags: Text = Text(length=flags_length)
    service_length: U8 = U8()
    service: Text = Text(length=service_length)
    regex_length: U8 = U8()
    regex: Text = Text(length=regex_length)
    replacement: DomainName = DomainName()


class DNAME(ResourceRecord, when=TYPE == 39):
    """Delegation name (RFC 6672 section 2.1).

    All names below this one are found below that.
    """

    dname: DomainName = DomainName()


class EDNSOption(Group, name="dns.opt"):
    """EDNS option (RFC 6891 section 6.1.2)."""

    code: U16 = U16()
    len: U16 = U16(compute=length_of(payload), unit="octets")


class ClientSubnet(EDNSOption, when=EDNSOption.code == 8, name="dns.opt.client"):
    """Client subnet (RFC 7871 section 6).

    The network that the query came from.
    """

    family: U16 = U16(default=1)
    netmask: U8 = U8(unit="bits")
    scope: U8 = U8(default=0, unit="bits")
    addr: Octets = Octets(default=b"")


class Cookie(EDNSOption, when=EDNSOption.code == 10, name="dns.opt.cookie"):
    """Cookies (RFC 7873 section 4).

    The client's and, in answers, the server's.
    """

    client: Octets = Octets(length=8)
    server: Octets = Octets(default=b"")


class Padding(EDNSOption, when=EDNSOption.code == 12):
    """Padding (RFC 7830).

    Octets that hide the message's length.
    """

    padding: Octets = Octets(default=b"")


class ExtendedError(EDNSOption, when=EDNSOption.code == 15, name="dns.opt.ext_error"):
    """Extended error (RFC 8914 section 2)."""

    info_code: U16 = U16()
    extra_text: Text = Text(default="")


class UnknownOption(EDNSOption, when=~EDNSOption.code.among(8, 10, 12, 15)):
    """Option of any other code."""

    data: Octets = Octets(default=b"")


class EDNS(ResourceRecord, when=TYPE == OPT):
    """Extension mechanisms for DNS, version 0 (RFC 6891 section 6.1)."""

    options: Items[EDNSOption] = Items(EDNSOption)
