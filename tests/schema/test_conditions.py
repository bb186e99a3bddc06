"""Conditional fields, overlays, bounds and requirements."""

from __future__ import annotations

import pytest

from declared import dissect, faults_of, places_of, read
from rawlab.schema import (
    I8,
    U1,
    U4,
    U7,
    U8,
    U16,
    U32,
    Enum,
    Flags,
    Header,
    Named,
    Octets,
    Unsigned,
    fields_of,
    remaining,
)


class Optional(Header, name="optional"):
    """Fields that are there only sometimes."""

    kind: U8 = U8()
    both: U16 = U16(when=(kind >= 2) & (kind < 8))
    never: U8 = U8(when=~kind.among(0, 1, 2, 3, 9))
    extra: Octets = Octets(when=remaining > 2, length=2)
    half: U1 = U1(when=kind == 9)
    other: U7 = U7(when=kind == 9)
    left: U8 = U8(when=remaining)


@pytest.mark.parametrize(
    ("octets", "values"),
    [
        ("00", {"kind": 0}),
        ("01 05", {"kind": 1, "left": 5}),
        ("02 0506", {"kind": 2, "both": 0x0506}),
        ("04 0506 07", {"kind": 4, "both": 0x0506, "never": 7}),
        ("08 07 0a0b0c", {"kind": 8, "never": 7, "extra": b"\x0a\x0b", "left": 12}),
        ("09 83", {"kind": 9, "half": 1, "other": 3}),
        ("09 0a0b 83 01", {"kind": 9, "extra": b"\x0a\x0b", "half": 1, "other": 3, "left": 1}),
    ],
)
def test_conditional_fields(octets: str, values: dict[str, object]) -> None:
    assert read(octets, Optional) == values


def test_a_condition_that_holds_needs_its_octets() -> None:
    packet = dissect("03 05", Optional)
    assert faults_of(packet) == [("TRUNCATED", "optional", "both", 1, 2, 1)]
    assert (packet.optional.kind, packet.optional.both, packet.optional.left) == (3, None, None)


class Overlaid(Header, name="overlaid"):
    """One place read in several ways."""

    _word: U16 = U16()
    type: U16 = U16(over=_word, when=_word >= 1536, base=16)
    len: U16 = U16(over=_word, when=_word <= 1500)
    top: U8 = U8(over=_word, bit=0)
    low: I8 = I8(over=_word, bit=8, scale=2)
    nibble: Flags = Flags("a", "b", "c:2", over=_word, bit=4)
    after: U8 = U8()


def test_overlays_share_a_place() -> None:
    got = read("0800 07", Overlaid)
    assert got == {"type": 0x800, "top": 8, "low": 0, "nibble": 8, "after": 7}
    assert got["nibble"].a is True
    got = read("05dc 07", Overlaid)
    assert got == {"len": 1500, "top": 5, "low": -72, "nibble": 5, "after": 7}
    assert read("05dd 07", Overlaid).keys() == {"top", "low", "nibble", "after"}
    assert places_of(dissect("0800 07", Overlaid).overlaid) == {
        "overlaid.type": (0, 16), "overlaid.top": (0, 8), "overlaid.low": (8, 8),
        "overlaid.nibble": (4, 4), "overlaid.after": (16, 8),
    }  # fmt: skip


class LittleOverlay(Header, name="little", order="little"):
    """An overlay of a little-endian integer counts from its most significant bit."""

    word: U32 = U32()
    top: U8 = U8(over=word)
    flag: U1 = U1(over=word, bit=31)
    middle: U16 = U16(over=word, bit=8)
    low: Unsigned = Unsigned(bits=10)
    high: Unsigned = Unsigned(bits=14)
    part: U4 = U4(over=high, bit=3)


def test_overlays_of_little_endian_integers() -> None:
    octets = "01 02 03 04" + ((0x155 << 10 | 0x2A) | 0b1011 << 17).to_bytes(3, "little").hex()
    got = read(octets, LittleOverlay)
    assert got == {
        "word": 0x04030201, "top": 4, "flag": 1, "middle": 0x0302,
        "low": 0x2A, "high": 0x155 | 0b1011 << 7, "part": 0b1011 | 0x155 >> 7,
    }  # fmt: skip


def test_private_fields_are_not_shown() -> None:
    assert [field.attribute for field in fields_of(Overlaid)][0] == "type"
    assert "_word" not in read("0800 07", Overlaid)


class Level(Named):
    """Levels."""

    LOW = 1
    HIGH = 2


class Bounded(Header, name="bounded"):
    """Values that are held to bounds."""

    version: U8 = U8(minimum=2, maximum=3)
    level: Enum[Level] = Enum(Level, bits=8, maximum=2)
    small: I8 = I8(minimum=-5)
    first: U8 = U8()
    second: U8 = U8(require=lambda h: h.second >= h.first)
    size: U8 = U8(maximum=3)
    body: Octets = Octets(length=size)
    tail: U8 = U8(minimum=1)


GOOD = "02 02 fb 07 07 01 aa 01"


def test_values_within_bounds_are_no_faults() -> None:
    assert read(GOOD, Bounded)["small"] == -5


@pytest.mark.parametrize(
    ("octet", "value", "fault"),
    [
        (0, 1, ("VALUE", "bounded", "version", 0, 2, 1)),
        (0, 4, ("VALUE", "bounded", "version", 0, 3, 4)),
        (1, 3, ("VALUE", "bounded", "level", 0, 2, 3)),
        (2, 0xFA, ("VALUE", "bounded", "small", 0, -5, -6)),
        (4, 6, ("VALUE", "bounded", "second", 4, 1, 6)),
        (7, 0, ("VALUE", "bounded", "tail", 7, 1, 0)),
    ],
)
def test_a_value_out_of_bounds_is_a_fault(
    octet: int, value: int, fault: tuple[object, ...]
) -> None:
    octets = bytearray.fromhex(GOOD)
    octets[octet] = value
    packet = dissect(bytes(octets), Bounded)
    assert [f[:3] + f[4:] for f in faults_of(packet)] == [fault[:3] + fault[4:]]
    assert packet.bounded.tail is not None  # reading goes on
    assert packet.faults[0].offset in (0, octet)


def test_several_faults_of_one_header() -> None:
    kinds = {fault[2] for fault in faults_of(dissect("04 03 fb 07 07 01 aa 01", Bounded))}
    assert kinds == {"version", "level"}


class Requires(Header, name="requires"):
    """Requirements that no bound can say."""

    magic: U16 = U16(require=lambda h: (h.magic & 0xFF00) == 0xCA00)
    size: U8 = U8()


def test_a_requirement_over_a_header_of_fixed_length() -> None:
    assert faults_of(dissect("cafe 01", Requires)) == []
    assert faults_of(dissect("beef 01", Requires)) == [
        ("VALUE", "requires", "magic", 0, 1, 0xBEEF)
    ]


class Arithmetic(Header, name="arithmetic"):
    """Every operator."""

    a: U8 = U8()
    b: U8 = U8()
    one: Octets = Octets(length=(a + b * 2 - 3) // 2)
    two: Octets = Octets(length=(a % 3) + (a >> 2) - (b << 1))
    three: Octets = Octets(length=((a & 6) | 1) ^ b)
    four: Octets = Octets(length=(a == 9) + (a != b) + (a < b) + (a <= b) + (a > b) + (a >= b))
    five: Octets = Octets(length=10 - a)
    rest: Octets = Octets()


def test_every_operator() -> None:
    got = read(bytes([9, 1]) + bytes(40), Arithmetic)
    lengths = {name: len(got[name]) for name in ("one", "two", "three", "four", "five")}
    assert lengths == {"one": 4, "two": 0, "three": 0, "four": 4, "five": 1}


def test_an_expression_has_no_truth() -> None:
    with pytest.raises(TypeError, match="no truth value"):
        bool(Bounded.version == 2)
    with pytest.raises(TypeError, match="cannot stand in an expression"):
        Bounded.version + "2"  # type: ignore[operator]
