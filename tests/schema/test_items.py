"""Lists of groups, single groups, and variants."""

from __future__ import annotations

from typing import Any

import pytest

from declared import dissect, faults_of, places_of, read
from rawlab.schema import (
    U8,
    U16,
    Group,
    Header,
    Items,
    Octets,
    One,
    field_values,
    header,
    length_of,
    payload,
)


class Pair(Group, name="pair"):
    """Two octets."""

    a: U8 = U8()
    b: U8 = U8()


class Lists(Header, name="lists"):
    """Every way to say where a list ends."""

    count: U8 = U8()
    size: U8 = U8()
    end: U8 = U8()
    counted: Items[Pair] = Items(Pair, count=count)
    sized: Items[Pair] = Items(Pair, length=size)
    until: Items[Pair] = Items(Pair, until=end)
    rest: Items[Pair] = Items(Pair)


def pairs(value: Any) -> list[tuple[int, int]]:
    return [(item.a, item.b) for item in value]


def test_lists_end_as_they_say() -> None:
    got = read("01 04 0b 0102 0304 0506 0708 090a", Lists)
    assert {name: pairs(got[name]) for name in ("counted", "sized", "until", "rest")} == {
        "counted": [(1, 2)], "sized": [(3, 4), (5, 6)], "until": [(7, 8)], "rest": [(9, 10)]
    }  # fmt: skip


def test_items_know_their_place() -> None:
    packet = dissect("01 04 0b 0102 0304 0506 0708 090a", Lists)
    (sized,) = [v for v in field_values(packet.lists) if v.name == "lists.sized"]
    assert (sized.bit_offset, sized.bit_length) == (40, 32)
    assert [(i.bit_offset, i.bit_length) for i in sized.items] == [(40, 16), (56, 16)]
    second = sized.items[1].items
    assert [(v.name, v.value, v.octet_range) for v in second] == [
        ("pair.a", 5, (7, 8)), ("pair.b", 6, (8, 9))
    ]  # fmt: skip
    assert field_values(packet.lists.sized[1]) == second


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        ("02 00 07 0102 03", ("TRUNCATED", "lists", "pair.b", 6, 1, 0)),
        ("00 03 06 010203 ff", ("OVERRUN", "lists", "pair.b", 6, 1, 0)),
        ("00 04 07 0102", ("TRUNCATED", "lists", "sized", 3, 4, 2)),
        ("00 00 02 0102", ("LENGTH", "lists", "until", 3, 0, -1)),
        ("00 00 09 0102", ("TRUNCATED", "lists", "until", 3, 6, 2)),
    ],
)
def test_lists_that_do_not_fit(octets: str, fault: tuple[object, ...]) -> None:
    assert faults_of(dissect(octets, Lists)) == [fault]


def test_a_damaged_list_keeps_its_whole_items() -> None:
    lists = dissect("02 00 07 0102 03", Lists).lists
    assert pairs(lists.counted) == [(1, 2), (3, None)]
    assert lists.rest is None


class TLV(Group, name="tlv"):
    """A type, a length and a value."""

    type: U8 = U8()
    size: U8 = U8(when=~type.among(0, 1), compute=length_of(header))


class Port(TLV, when=TLV.type == 7, name="tlv.port"):
    """A port number."""

    number: U16 = U16()


class Options(Header, name="options"):
    """A list of options."""

    options: Items[TLV] = Items(TLV)


def test_variants_by_an_earlier_field() -> None:
    options = read("01 07 04 0050 63 04 abcd 07 06 0051 ffff 00", Options)["options"]
    assert [type(o).__name__ for o in options] == ["TLV", "Port", "TLV", "Port", "TLV"]
    nop, port, unknown, longer, end = options
    assert (nop.type, nop.size, nop.data) == (1, None, None)
    assert (port.number, port.data) == (80, None)
    assert (unknown.size, unknown.data) == (4, b"\xab\xcd")
    assert (longer.number, longer.data) == (81, b"\xff\xff")
    assert end.type == 0
    places = places_of(dissect("01 07 04 0050", Options).options)
    assert places["tlv.port.number"] == (24, 16)
    assert places["tlv.size"] == (16, 8)


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        ("63 01", ("LENGTH", "options", "tlv.size", 1, 2, 1)),
        ("63 00", ("LENGTH", "options", "tlv.size", 1, 2, 0)),
        ("63 05 01", ("TRUNCATED", "options", "tlv.size", 1, 5, 3)),
        ("07 03 01", ("TRUNCATED", "options", "tlv.port.number", 2, 2, 1)),
        ("07 03 01 01", ("OVERRUN", "options", "tlv.port.number", 2, 2, 1)),
        ("01 63", ("TRUNCATED", "options", "tlv.size", 2, 1, 0)),
    ],
)
def test_items_that_lie_about_their_length(octets: str, fault: tuple[object, ...]) -> None:
    assert faults_of(dissect(octets, Options)) == [fault]


class Body(Group, name="body"):
    """What the variant adds is counted apart."""

    kind: U8 = U8()
    size: U8 = U8(compute=length_of(payload))


class Inner(Group, name="inner"):
    """Text inside."""

    text: Octets = Octets()


class Holder(Body, when=Body.kind == 1):
    """A list within an item."""

    inner: Items[Pair] = Items(Pair)


class Wrapper(Body, when=Body.kind.among(2, 3)):
    """A single group within an item."""

    inner: One[Inner] = One(Inner)


class Nest(Header, name="nest"):
    """Groups within groups, padded to four octets, then a bounded single group."""

    count: U8 = U8()
    size: U8 = U8()
    end: U16 = U16()
    bodies: Items[Body] = Items(Body, count=count, align=4)
    one: One[Inner] = One(Inner, length=size)
    after: Octets = Octets()


def test_groups_within_groups() -> None:
    octets = "03 02 0000 01 02 0506 02 03 616263 000000 09 01 ff 00 7879 7a"
    got = read(octets, Nest)
    holder, wrapper, unknown = got["bodies"]
    assert pairs(holder.inner) == [(5, 6)]
    assert wrapper.inner.text == b"abc"
    assert (type(unknown), unknown.data) == (Body, b"\xff")
    assert (got["one"].text, got["after"]) == (b"xy", b"z")


def test_a_payload_of_an_item_that_is_not_there() -> None:
    assert faults_of(dissect("01 00 0000 01 09 0506", Nest)) == [
        ("TRUNCATED", "nest", "bodies", 6, 9, 2)
    ]


class Chain(Group, name="chain"):
    """An item tells whether another one comes."""

    value: U8 = U8()
    next: U8 = U8()


class Chained(Header, name="chained"):
    """A list that ends by what its last item says."""

    chain: Items[Chain] = Items(Chain, last=Chain.next == 0)
    after: U8 = U8()


def test_the_last_item_says_so() -> None:
    got = read("01 02 03 00 ff", Chained)
    assert ([item.value for item in got["chain"]], got["after"]) == ([1, 3], 255)
    assert faults_of(dissect("01 02 03", Chained)) == [
        ("TRUNCATED", "chained", "chain.next", 3, 1, 0)
    ]


class Empty(Group, name="empty"):
    """An item that may be of no octets."""

    size: Octets = Octets(length=0)


class Endless(Header, name="endless"):
    """A list that would never end."""

    items: Items[Empty] = Items(Empty)


def test_an_item_of_no_octets_ends_the_list() -> None:
    packet = dissect("00 00", Endless)
    assert faults_of(packet) == [("PROGRESS", "endless", "items", 0, 1, 0)]
    assert dissect("", Endless).faults == ()
