"""Flags, enumerations, addresses, octets, text, padding and varints."""

from __future__ import annotations

import ipaddress
import pickle

import pytest

from declared import dissect, faults_of, places_of, read
from rawlab.schema import (
    U5,
    U8,
    U16,
    Enum,
    Flag,
    Flags,
    Header,
    IPv4Address,
    IPv6Address,
    MACAddress,
    Named,
    Octets,
    Pad,
    Text,
    Varint,
    fields_of,
)


class Color(Named):
    """Some colours."""

    RED = 1
    DARK_GREEN = 2


class Named8(Header, name="named"):
    """Numbers that have names."""

    color: Enum[Color] = Enum(Color, bits=8)
    flags: Flags = Flags("urgent", "_", "class:3", "ack", "syn", "fin")
    set: Flag = Flag()
    rest: U5 = U5()
    two: Flags = Flags("x", "y")


def test_an_enumeration_names_its_values() -> None:
    color = read("02 00 00", Named8)["color"]
    assert (color, str(color), color is Color.DARK_GREEN) == (2, "DARK_GREEN", True)
    field = fields_of(Named8)[0]
    assert (field.show(color), field.describe(color)) == ("2", "2 (dark green)")


def test_an_unknown_value_survives() -> None:
    color = read("c8 00 00", Named8)["color"]
    assert (type(color), color + 0, str(color), color.name) == (Color, 200, "200", "200")
    assert color == Color(200)
    again = pickle.loads(pickle.dumps(color))
    assert (type(again), again) == (Color, 200)
    assert fields_of(Named8)[0].describe(color) == "200"
    assert [int(member) for member in Color] == [1, 2]


def test_flags_are_an_integer_with_names() -> None:
    flags = read("01 95 01", Named8)["flags"]
    assert flags == 0x95
    assert (flags.urgent, flags.syn, flags.ack, flags.fin) == (True, False, True, True)
    assert getattr(flags, "class") == 0b010
    assert flags.set_names() == ["urgent", "ack", "fin"]
    again = pickle.loads(pickle.dumps(flags))
    assert (again, again.syn, again.fin) == (0x95, False, True)
    assert "urgent" in dir(flags)
    with pytest.raises(AttributeError, match=r"no flag 'psh'.*syn"):
        flags.psh  # noqa: B018


def test_flags_lie_where_their_bits_are() -> None:
    places = places_of(dissect("01 95 01", Named8).named)
    assert (places["named.flags"], places["named.set"], places["named.two"]) == (
        (8, 8), (16, 1), (22, 2)
    )  # fmt: skip
    assert read("01 95 81", Named8)["set"] is True
    assert read("01 95 02", Named8)["two"].x is True


class Addresses(Header, name="addresses"):
    """One of each kind."""

    mac: MACAddress = MACAddress()
    four: IPv4Address = IPv4Address()
    six: IPv6Address = IPv6Address()


def test_addresses() -> None:
    octets = "02005e10 00ff c0000201 20010db8 00000000 00000000 00000001"
    assert read(octets, Addresses) == {
        "mac": "02:00:5e:10:00:ff",
        "four": ipaddress.IPv4Address("192.0.2.1"),
        "six": ipaddress.IPv6Address("2001:db8::1"),
    }
    packet = dissect(bytes.fromhex(octets)[:-1], Addresses)
    assert packet.addresses.six is None
    assert faults_of(packet) == [("TRUNCATED", "addresses", "six", 0, 26, 25)]


class Extents(Header, name="extents"):
    """Every way to say how far octets go."""

    fixed: Octets = Octets(length=2)
    size: U8 = U8()
    sized: Octets = Octets(length=size * 2 - 1)
    line: Text = Text(until=b"\r\n")
    word: Text = Text(until=b"\0", encoding="ascii")
    rest: Octets = Octets()


def test_extents() -> None:
    octets = b"ab" + b"\x02" + b"xyz" + b"GET /\rx\r\n" + b"\0" + b"tail"
    assert read(octets, Extents) == {
        "fixed": b"ab", "size": 2, "sized": b"xyz", "line": "GET /\rx", "word": "", "rest": b"tail"
    }  # fmt: skip
    places = places_of(dissect(octets, Extents).extents)
    assert places["extents.line"] == (48, 72)  # with its delimiter
    assert places["extents.rest"] == (128, 32)


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        (b"a", ("TRUNCATED", "fixed", 0, 3, 1)),
        (b"ab\x00", ("LENGTH", "sized", 3, 0, -1)),
        (b"ab\x09xyz", ("TRUNCATED", "sized", 3, 17, 3)),
        (b"ab\x01xGET", ("TRUNCATED", "line", 4, 5, 3)),
        (b"ab\x01xGET\r\n", ("TRUNCATED", "word", 9, 1, 0)),
    ],
)
def test_extents_that_do_not_fit(octets: bytes, fault: tuple[object, ...]) -> None:
    packet = dissect(octets, Extents)
    kind, field, *numbers = fault
    assert faults_of(packet) == [(kind, "extents", field, *numbers)]
    assert packet.extents.rest is None


class Words(Header, name="words"):
    """Text in several encodings."""

    utf8: Text = Text(length=3)
    ascii: Text = Text(length=2, encoding="ascii")
    utf16: Text = Text(length=4, encoding="utf-16-le")


def test_text_keeps_what_its_encoding_cannot_read() -> None:
    assert read("e282ac 6162 61006200", Words) == {"utf8": "€", "ascii": "ab", "utf16": "ab"}
    got = read("c3287f ff41 00d84100", Words)
    assert (got["utf8"], got["ascii"]) == ("\\xc3(\x7f", "\\xffA")
    assert got["utf16"] == "\\x00\\xd8A"


def test_an_encoding_that_does_not_exist_fails_at_once() -> None:
    with pytest.raises(LookupError, match="klingon"):
        Text(encoding="klingon")


class Padded(Header, name="padded"):
    """Padding to a boundary."""

    size: U8 = U8()
    name: Octets = Octets(length=size)
    pad: Pad = Pad(align=4)
    after: U16 = U16()


@pytest.mark.parametrize(
    ("octets", "pad"),
    [("01 61 0000 0007", b"\0\0"), ("03 616263 0007", b""), ("00 000000 0007", b"\0" * 3)],
)
def test_padding(octets: str, pad: bytes) -> None:
    got = read(octets, Padded)
    assert (got["pad"], got["after"]) == (pad, 7)


class Varints(Header, name="varints"):
    """Both kinds."""

    quic: Varint = Varint(kind="quic")
    leb: Varint = Varint(kind="leb128")
    body: Octets = Octets(length=leb)


@pytest.mark.parametrize(
    ("octets", "quic", "leb"),
    [
        ("25 00", 37, 0),
        ("7bbd 01 61", 15293, 1),
        ("9d7f3e7d 8001" + "00" * 128, 494878333, 128),
        ("c2197c5eff14e88c 8100 61", 151288809941952652, 1),  # RFC 9000, A.1; a long form of 1
    ],
)
def test_varints(octets: str, quic: int, leb: int) -> None:
    got = read(octets, Varints)
    assert (got["quic"], got["leb"], len(got["body"])) == (quic, leb, leb)


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        ("c2197c", ("TRUNCATED", "varints", "quic", 0, 8, 3)),
        ("25 ff", ("TRUNCATED", "varints", "leb", 1, 2, 1)),
        ("25" + "ff" * 10, ("OVERFLOW", "varints", "leb", 1, 9, 10)),
        ("25 ffffffffffffffff7f 61", ("TRUNCATED", "varints", "body", 10, 2**63 - 1, 1)),
    ],
)
def test_varints_that_do_not_fit(octets: str, fault: tuple[object, ...]) -> None:
    assert faults_of(dissect(octets, Varints)) == [fault]
