"""How headers find each other: tables, looks, streams and decode-as."""

from __future__ import annotations

import pytest

from declared import USER0, dissect, faults_of
from rawlab.packet import Packet
from rawlab.schema import (
    U8,
    U16,
    Header,
    Octets,
    Registry,
    header_name,
    looks_like,
    on,
    stream,
    table,
)


class Link(Header, name="link", follows=on("linktype", USER0)):
    """A link: two tables, one of them only sometimes."""

    kind: U8 = U8(opens=("link.kind", table("link.rare", when=lambda h: h.flag == 1)))
    flag: U8 = U8()


class One(Header, name="one", follows=on("link.kind", 1, 2)):
    """After two values."""

    one: U8 = U8()


class Rare(Header, name="rare", follows=on("link.rare", 5)):
    """After a value in a table that is not always open."""

    rare: U8 = U8()


class Any(Header, name="any", follows=on("link.kind")):
    """After any other value."""

    any: U8 = U8()


class Magic(Header, name="magic", follows=looks_like("link.kind", lambda h: h.magic == 0xCA)):
    """By its looks, after a value that nobody claims."""

    magic: U8 = U8()
    more: U16 = U16()


class Four(Header, name="v4", follows=looks_like("link.kind", lambda h: h.version == 4, 7)):
    """By its looks, among those that claim 7."""

    version: U8 = U8()


class Six(Header, name="v6", follows=looks_like("link.kind", lambda h: h.version == 6, 7)):
    """The other one."""

    version: U8 = U8()


class Neither(Header, name="v", follows=on("link.kind", 7)):
    """What is left."""

    version: U8 = U8()


ALL = (Link, One, Rare, Any, Magic, Four, Six, Neither)


def names(packet: Packet) -> str:
    return " ".join(header_name(type(layer)) for layer in packet.layers)


@pytest.mark.parametrize(
    ("octets", "layers"),
    [
        ("01 00 aa", "link one"),
        ("02 00 aa", "link one"),
        ("05 01 aa", "link rare"),
        ("05 00 aa", "link any"),
        ("03 00 aa", "link any"),
        ("03 00 cabbbb", "link magic"),
        ("01 00 ca", "link one"),
        ("07 00 04", "link v4"),
        ("07 00 06", "link v6"),
        ("07 00 05", "link v"),
        ("01 00", "link one"),
        ("03 00", "link"),
    ],
)
def test_what_follows(octets: str, layers: str) -> None:
    packet = Packet(bytes.fromhex(octets), linktype=USER0, registry=Registry(ALL))
    assert names(packet) == layers


def test_without_who_takes_any_value_the_rest_is_payload() -> None:
    registry = Registry([Link, One, Magic])
    packet = Packet(bytes.fromhex("03 00 aabb"), linktype=USER0, registry=registry)
    assert (names(packet), packet.payload, packet.faults) == ("link", b"\xaa\xbb", ())
    packet = Packet(bytes.fromhex("03 00 ca"), linktype=USER0, registry=registry)
    assert (names(packet), faults_of(packet)) == (
        "link magic", [("TRUNCATED", "magic", "more", 2, 3, 1)]
    )  # fmt: skip


def test_an_unknown_link_type_has_no_layers() -> None:
    packet = Packet(b"\x01\x02", linktype=146, registry=Registry(ALL))
    assert (packet.layers, packet.payload, packet.faults) == ((), b"\x01\x02", ())
    assert packet.payload_offset == 0


def test_the_lowest_of_two_values_in_one_table_wins() -> None:
    class Ports(Header, name="ports", follows=on("linktype", USER0)):
        """Two values of one table."""

        source: U8 = U8(opens="port")
        target: U8 = U8(opens="port")

    class Low(Header, name="low", follows=on("port", 10)):
        """10."""

        x: U8 = U8()

    class High(Header, name="high", follows=on("port", 20)):
        """20."""

        x: U8 = U8()

    for octets in ("0a14aa", "140aaa"):
        assert names(dissect(octets, Ports, Low, High)) == "ports low"
    assert names(dissect("1e14aa", Ports, Low, High)) == "ports high"


def test_a_field_that_opens_a_table_may_stand_for_it() -> None:
    class ByField(Header, name="by.field", follows=on("link.kind", 9)):
        """`link.kind` is the table and the field; `named.field` only a field."""

        x: U8 = U8()

    class Opener(Header, name="named", follows=on("linktype", USER0)):
        """Opens a table of another name."""

        field: U8 = U8(opens="some.table")

    class After(Header, name="after", follows=on("named.field", 3)):
        """Names the field."""

        x: U8 = U8()

    assert names(dissect("03 07", Opener, After)) == "named after"


def test_what_is_added_later_wins() -> None:
    class Again(Header, name="again", follows=on("link.kind", 2)):
        """Claims what One claims."""

        x: U8 = U8()

    packet = Packet(b"\x02\x00\x01", linktype=USER0, registry=Registry([*ALL, Again]))
    assert names(packet) == "link again"
    registry = Registry([Link, One])
    assert names(Packet(b"\x02\x00\x01", linktype=USER0, registry=registry)) == "link one"
    more = registry.extended(Again)
    assert names(Packet(b"\x02\x00\x01", linktype=USER0, registry=more)) == "link again"
    assert names(Packet(b"\x02\x00\x01", linktype=USER0, registry=registry)) == "link one"


def test_tables_that_nobody_opens_are_told() -> None:
    class Lost(Header, name="lost", follows=on("link.kidn", 1)):
        """Misspelt."""

        x: U8 = U8()

    registry = Registry([Link, Lost])
    assert [(entry.table, cls) for entry, cls in registry.unopened()] == [("link.kidn", Lost)]
    assert Registry(ALL).unopened() == []


# Messages on a byte stream.


class Segment(Header, name="segment", follows=on("linktype", USER0)):
    """Carries a part of a stream."""

    port: U8 = U8(opens=table("segment.port", stream=True))


class Message(Header, name="message", follows=stream("segment.port", 80)):
    """A message with a length."""

    size: U16 = U16()
    body: Octets = Octets(length=size)


def test_messages_follow_one_another() -> None:
    packet = dissect("50 0001aa 0000 0002bbcc", Segment, Message)
    assert names(packet) == "segment message message message"
    assert [layer.body.hex() for layer in packet.layers[1:]] == ["aa", "", "bbcc"]
    assert packet.faults == ()


@pytest.mark.parametrize("left", range(1, 5))
def test_an_incomplete_message_is_no_fault(left: int) -> None:
    octets = bytes.fromhex("50 0001aa 0003bbcc")
    packet = dissect(octets[: 4 + left], Segment, Message)
    assert names(packet) == "segment message message"
    assert packet.faults == ()
    assert packet.layers[2].body is None


def test_no_octets_are_no_message() -> None:
    assert names(dissect("50", Segment, Message)) == "segment"
    assert names(dissect("51 0001aa", Segment, Message)) == "segment"


# Decode-as.


@pytest.mark.parametrize(
    "rule", ["link.kind==9,one", "link.kind == 0x9 , one", "link.kind==8-9,one"]
)
def test_decode_as(rule: str) -> None:
    registry = Registry([Link, One])
    registry.decode_as(rule)
    assert names(Packet(b"\x09\x00\x01", linktype=USER0, registry=registry)) == "link one"
    assert names(Packet(b"\x0a\x00\x01", linktype=USER0, registry=registry)) == "link"


def test_decode_as_wins_and_repeats_messages() -> None:
    registry = Registry([Segment, Message])
    registry.decode_as("segment.port==7,message")
    packet = Packet(bytes.fromhex("07 0001aa 0000"), linktype=USER0, registry=registry)
    assert names(packet) == "segment message message"
    registry = Registry(ALL)
    registry.decode_as("link.kind==1,any")
    assert names(Packet(b"\x01\x00\x01", linktype=USER0, registry=registry)) == "link any"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("link.kind", "not of the form"),
        ("link.kind==1", "not of the form"),
        ("link.kind,one", "not of the form"),
        ("link.kidn==1,one", "no table 'link.kidn'; near it: link.kind"),
        ("link.kind==1,oen", "no protocol 'oen'; near it: one"),
        ("link.kind==x,one", "'x' is not a number"),
        ("link.kind==0-70000,one", "more than 65536"),
    ],
)
def test_decode_as_that_makes_no_sense(rule: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Registry(ALL).decode_as(rule)
