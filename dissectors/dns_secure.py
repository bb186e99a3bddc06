"""Resource records of DNS security, certificates and service bindings."""

from __future__ import annotations

from rawlab.schema import U8, U16, U32, Flags, Group, Items, Octets, Text, length_of, payload

from .dns_name import DomainName
from .dns_records import TYPE, ResourceRecord
from .dns_types import DNS_TYPES


class DS(ResourceRecord, when=TYPE == 43, name="dns.ds"):
    """Delegation signer (RFC 4034 section 5.1).

    The digest of a child zone's key.
    """

    key_id: U16 = U16(base=16)
    algorithm: U8 = U8()
    digest_type: U8 = U8()
    digest: Octets = Octets()


class SSHFP(ResourceRecord, when=TYPE == 44, name="dns.sshfp"):
    """Fingerprint of an SSH key (RFC 4255 section 3.1)."""

    algorithm: U8 = U8()
    fingerprint__type: U8 = U8()
    fingerprint: Octets = Octets()


class RRSIG(ResourceRecord, when=TYPE == 46, name="dns.rrsig"):
    """Signature of a set of records (RFC 4034 section 3.1).

    Times are in seconds since 1970.
    """

    type_covered: U16 = U16(names=DNS_TYPES)
    algorithm: U8 = U8()
    labels: U8 = U8()
    original_ttl: U32 = U32(unit="s")
    signature_expiration: U32 = U32(unit="s")
    signature_inception: U32 = U32(unit="s")
    key_tag: U16 = U16()
    signers_name: DomainName = DomainName()
    signature: Octets = Octets()


class NSEC(ResourceRecord, when=TYPE == 47, name="dns.nsec"):
    """Next secure name (RFC 4034 section 4.1).

    The next name of the zone, and which types this one has.
    """

    next_domain_name: DomainName = DomainName()
    types: Octets = Octets(label="Type bit maps")


class DNSKEY(ResourceRecord, when=TYPE == 48, name="dns.dnskey"):
    """Public key of the zone (RFC 4034 section 2.1)."""

    flags: Flags = Flags(
        "_:7", "zone_key", "key_revoked", "_:6", "secure_entry_point",
        bits=16, default=0x0100, base=16,
    )  # fmt: skip
    protocol: U8 = U8(default=3)
    algorithm: U8 = U8()
    public_key: Octets = Octets()


class NSEC3(ResourceRecord, when=TYPE == 50, name="dns.nsec3"):
    """Next hashed name (RFC 5155 section 3.2)."""

    algo: U8 = U8(default=1)
    flags: U8 = U8(default=0)
    iterations: U16 = U16(default=0)
    salt_length: U8 = U8()
    salt_value: Octets = Octets(length=salt_length)
    hash_length: U8 = U8()
    hash_value: Octets = Octets(length=hash_length)
    types: Octets = Octets(label="Type bit maps")


class TLSA(ResourceRecord, when=TYPE == 52, name="dns.tlsa"):
    """Certificate of a TLS server (RFC 6698 section 2.1)."""

    certificate_usage: U8 = U8()
    selector: U8 = U8()
    matching_type: U8 = U8()
    certificate_association_data: Octets = Octets()


class SvcParam(Group, name="dns.svcb.svcparam"):
    """Parameter of a service (RFC 9460 section 2.2)."""

    key: U16 = U16(
        names={0: "mandatory", 1: "alpn", 3: "port", 4: "ipv4hint", 5: "ech", 6: "ipv6hint"}
    )
    value__length: U16 = U16(compute=length_of(payload), unit="octets")


class PortParam(SvcParam, when=SvcParam.key == 3):
    """Port to use instead (RFC 9460 section 7.2)."""

    port: U16 = U16()


class OtherParam(SvcParam, when=SvcParam.key != 3):
    """Parameter of any other key."""

    value: Octets = Octets(default=b"")


class SVCB(ResourceRecord, when=TYPE.among(64, 65), name="dns.svcb"):
    """Service binding, general or of HTTPS (RFC 9460 section 2)."""

    svcpriority: U16 = U16(default=1)
    targetname: DomainName = DomainName()
    parameters: Items[SvcParam] = Items(SvcParam)


class CAA(ResourceRecord, when=TYPE == 257, name="dns.caa"):
    """Certification authority authorization (RFC 8659 section 4.1).

    Who may issue certificates.
    """

    flags: Flags = Flags("issuer_critical", "_:7", bits=8, default=0, base=16)
    tag_length: U8 = U8()
    tag: Text = Text(length=tag_length)
    value: Text = Text()
