"""What lengths of headers and payloads say when reading."""

from __future__ import annotations

import pytest

from declared import dissect, faults_of, read
from rawlab.schema import (
    U4,
    U8,
    U16,
    Group,
    Header,
    Items,
    Octets,
    header,
    length_of,
    on,
    payload,
)


class Inner(Header, name="inner", follows=on("inner.kind", 1)):
    """Whatever is carried."""

    value: U16 = U16()
    rest: Octets = Octets()


class Total(Header, name="total"):
    """A length of all; 0 says nothing."""

    kind: U8 = U8(opens="inner.kind")
    size: U8 = U8(compute=length_of(header, payload, unless=0))


class Carried(Header, name="carried"):
    """A length of what is carried."""

    kind: U8 = U8(opens="inner.kind")
    size: U8 = U8(compute=length_of(payload))


class Words(Header, name="words"):
    """A length of the header in words."""

    kind: U4 = U4(opens="inner.kind")
    size: U4 = U4(scale=4, compute=length_of(header))
    body: Octets = Octets(length=size - 1)


class Units(Header, name="units"):
    """A length in units of eight octets, the first not counted, as IPv6 extensions have it."""

    kind: U8 = U8(opens="inner.kind")
    size: U8 = U8(compute=length_of(header) // 8 - 1)
    body: Octets = Octets(length=size * 8 + 6)


class Less(Header, name="less"):
    """A length of all but the first two octets."""

    kind: U8 = U8(opens="inner.kind")
    size: U8 = U8(compute=length_of(header, payload) - 2)


@pytest.mark.parametrize(
    ("outer", "octets", "payload_", "trailer"),
    [
        (Total, "01 06 000a aabb cc", "aabb", "cc"),
        (Total, "01 00 000a aabb cc", "aabbcc", ""),
        (Carried, "01 04 000a aabb cc", "aabb", "cc"),
        (Words, "11 aabbcc 000a dd", "dd", ""),
        (Units, "01 00 aabbccddeeff 000a dd", "dd", ""),
        (Units, "01 01 aabbccddeeff 0011223344556677 000a dd", "dd", ""),
        (Less, "01 04 000a aabb cc", "aabb", "cc"),
    ],
)
def test_a_length_narrows_what_lies_inside(
    outer: type[Header], octets: str, payload_: str, trailer: str
) -> None:
    packet = dissect(octets, outer, Inner)
    assert faults_of(packet) == []
    assert (packet.inner.value, packet.inner.rest.hex()) == (10, payload_)
    assert packet.trailer.hex() == trailer


@pytest.mark.parametrize(
    ("outer", "octets", "fault"),
    [
        (Total, "01 01 000a", ("LENGTH", "total", "size", 1, 2, 1)),
        (Total, "01 09 000a aabb", ("OVERRUN", "total", "size", 1, 9, 6)),
        (Carried, "01 09 000a aabb", ("OVERRUN", "carried", "size", 1, 9, 4)),
        (Words, "10 aabbcc 000a dd", ("LENGTH", "words", "size", 0, 1, 0)),
        (Words, "12 aabbcc 000a dd", ("TRUNCATED", "words", "body", 1, 7, 6)),
        (Units, "01 01 aabbccddeeff 000a", ("TRUNCATED", "units", "body", 2, 14, 8)),
    ],
)
def test_a_length_that_lies(
    outer: type[Header], octets: str, fault: tuple[object, ...]
) -> None:
    packet = dissect(octets, outer, Inner)
    assert faults_of(packet)[:1] == [fault]


def test_octets_that_were_not_captured_are_no_lie() -> None:
    packet = dissect("01 09 000a aabb", Total, Inner, length=9)
    assert faults_of(packet) == []
    assert packet.inner.rest.hex() == "aabb"


class Sized(Group, name="sized"):
    """An item whose length does not count its first octet."""

    kind: U8 = U8()
    size: U8 = U8(compute=length_of(header) - 1)


class Known(Sized, when=Sized.kind == 1):
    """One octet."""

    value: U8 = U8()


class Sizes(Header, name="sizes"):
    """Items in a part of the header that a length bounds."""

    size: U8 = U8(compute=length_of(header))
    items: Items[Sized] = Items(Sized, until=size)
    kind: U8 = U8()


def test_lengths_of_items_with_arithmetic() -> None:
    packet = dissect("07 01 02 aa 09 03 bb 05", Sizes)
    assert faults_of(packet) == [("OVERRUN", "sizes", "sized.size", 5, 4, 3)]
    got = dissect("06 01 02 aa 09 01 05", Sizes)
    assert [item.kind for item in got.sizes.items] == [1, 9]
    assert [getattr(item, "value", None) for item in got.sizes.items] == [0xAA, None]


class Prefixed(Header, name="prefixed"):
    """The length comes before what it bounds, which is followed by more."""

    size: U16 = U16()
    body: Octets = Octets(length=size)
    after: Octets = Octets(length=2)


def test_a_length_from_a_field() -> None:
    assert read("0003 616263 ffee", Prefixed) == {"size": 3, "body": b"abc", "after": b"\xff\xee"}
    packet = dissect("0003 616263 ff", Prefixed)
    assert faults_of(packet) == [("TRUNCATED", "prefixed", "after", 5, 2, 1)]
    assert packet.prefixed.body == b"abc"
