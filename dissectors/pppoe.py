"""PPP over Ethernet: discovery and session."""

from __future__ import annotations

from rawlab.schema import (
    U4,
    U8,
    U16,
    Enum,
    Group,
    Header,
    Items,
    Named,
    Octets,
    Text,
    length_of,
    looks_like,
    on,
    payload,
)


class DiscoveryCode(Named):
    """Which step of discovery (RFC 2516 section 5)."""

    OFFER = 0x07
    INITIATION = 0x09
    REQUEST = 0x19
    SESSION_CONFIRMATION = 0x65
    TERMINATION = 0xA7


class PPPoETag(Group, name="pppoed"):
    """A tag of discovery (RFC 2516 section 5 and appendix A)."""

    tag: U16 = U16(base=16)
    tag_length: U16 = U16(compute=length_of(payload), unit="octets")


class EndOfList(PPPoETag, when=PPPoETag.tag == 0x0000):
    """No further tags."""


class ServiceName(PPPoETag, when=PPPoETag.tag == 0x0101, name="pppoed.tags"):
    """The service that is asked for or offered; none means any."""

    service_name: Text = Text(default="")


class AccessConcentratorName(PPPoETag, when=PPPoETag.tag == 0x0102, name="pppoed.tags"):
    """Which access concentrator offers."""

    ac_name: Text = Text()


class HostUnique(PPPoETag, when=PPPoETag.tag == 0x0103, name="pppoed.tags"):
    """What the host uses to tell its requests apart."""

    host_uniq: Octets = Octets()


class Cookie(PPPoETag, when=PPPoETag.tag == 0x0104, name="pppoed.tags"):
    """What the access concentrator wants back, against floods."""

    ac_cookie: Octets = Octets()


class RelaySession(PPPoETag, when=PPPoETag.tag == 0x0110, name="pppoed.tags"):
    """Which session an agent relays."""

    relay_session_id: Octets = Octets()


class ServiceNameError(PPPoETag, when=PPPoETag.tag == 0x0201, name="pppoed.tags"):
    """The service cannot be had, for this reason."""

    service_name_error: Text = Text()


class ConcentratorError(PPPoETag, when=PPPoETag.tag == 0x0202, name="pppoed.tags"):
    """The access concentrator failed, for this reason."""

    ac_system_error: Text = Text()


class GenericError(PPPoETag, when=PPPoETag.tag == 0x0203, name="pppoed.tags"):
    """Something else failed."""

    generic_error: Text = Text()


class PPPoESession(
    Header,
    name="pppoe",
    follows=(on("ethertype", 0x8864), looks_like("linktype", lambda h: h.code == 0, 51)),
    summary="session {session_id}",
):
    """PPP over Ethernet, session (RFC 2516 sections 4 and 6)."""

    version: U4 = U4(default=1)
    type: U4 = U4(default=1)
    code: U8 = U8(default=0, opens="ppp", base=16)
    session_id: U16 = U16(base=16)
    payload_length: U16 = U16(compute=length_of(payload), unit="octets")


class PPPoEDiscovery(
    Header,
    name="pppoe",
    follows=(on("ethertype", 0x8863), looks_like("linktype", lambda h: h.code > 0, 51)),
    summary="discovery {code} session {session_id}",
):
    """PPP over Ethernet, discovery (RFC 2516 sections 4 and 5)."""

    version: U4 = U4(default=1)
    type: U4 = U4(default=1)
    code: Enum[DiscoveryCode] = Enum(DiscoveryCode, bits=8, base=16)
    session_id: U16 = U16(default=0, base=16)
    payload_length: U16 = U16(unit="octets")
    tags: Items[PPPoETag] = Items(PPPoETag, length=payload_length)
