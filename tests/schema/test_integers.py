"""Integers of any width, sign and byte order, alone and in runs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from declared import dissect, faults_of, places_of, read
from rawlab.schema import (
    I8,
    I16,
    I64,
    U1,
    U3,
    U4,
    U5,
    U8,
    U12,
    U16,
    U24,
    U40,
    U48,
    U56,
    U64,
    Flag,
    Group,
    Header,
    Items,
    Octets,
    Signed,
    Unsigned,
    length_of,
    payload,
)


def integer(bits: int, signed: bool, order: str, lead: int) -> type[Header]:
    """A header with an integer of `bits` bits after `lead` bits, filled up to whole octets."""
    kind = Signed if signed else Unsigned
    fill = -(lead + bits) % 8
    fields: dict[str, object] = {"__doc__": "An integer."}
    if lead:
        fields["lead"] = Unsigned(bits=lead)
    fields["value"] = kind(bits=bits)
    if fill:
        fields["fill"] = Unsigned(bits=fill)
    return type("Integer", (Header,), fields, name="integer", order=order)


@given(
    bits=st.integers(1, 64),
    signed=st.booleans(),
    order=st.sampled_from(["big", "little"]),
    lead=st.integers(0, 7),
    octets=st.binary(min_size=9, max_size=9),
)
@example(64, True, "big", 0, b"\x80" + bytes(8))
@example(64, True, "little", 0, bytes(7) + b"\x80" + bytes(1))
@example(64, False, "big", 3, b"\xff" * 9)
@example(63, True, "big", 1, b"\xff" * 9)
@example(1, True, "big", 7, b"\xff" * 9)
def test_any_width(bits: int, signed: bool, order: str, lead: int, octets: bytes) -> None:
    if order == "little" and lead + bits > 64:
        lead = 0
    size = (lead + bits + 7) // 8
    octets = octets[:size]
    whole = int.from_bytes(octets, "little" if order == "little" else "big")
    shift = lead if order == "little" else 8 * size - lead - bits
    want = whole >> shift & ((1 << bits) - 1)
    if signed and want >> (bits - 1):
        want -= 1 << bits
    got = read(octets, integer(bits, signed, order, lead))
    assert got["value"] == want


class Bits(Header, name="bits"):
    """Fields that do not end at octets."""

    one: U1 = U1()
    three: U3 = U3()
    twelve: U12 = U12()
    five: U5 = U5()
    last: U3 = U3()


def test_big_endian_bits_pack_from_the_most_significant() -> None:
    packet = dissect("d3 21 9d", Bits)
    assert read("d3 21 9d", Bits) == {
        "one": 1, "three": 5, "twelve": 0x321, "five": 0b10011, "last": 0b101
    }  # fmt: skip
    assert places_of(packet.bits) == {
        "bits.one": (0, 1),
        "bits.three": (1, 3),
        "bits.twelve": (4, 12),
        "bits.five": (16, 5),
        "bits.last": (21, 3),
    }


class LittleBits(Header, name="little", order="little"):
    """A run of little-endian bits fills a word from the least significant bit."""

    four: U4 = U4()
    twelve: U12 = U12()
    length: U16 = U16()
    network: U16 = U16(order="big")


def test_little_endian_bits_pack_from_the_least_significant() -> None:
    assert read("31 42 0100 0100", LittleBits) == {
        "four": 1, "twelve": 0x423, "length": 1, "network": 256
    }  # fmt: skip


class Wide(Header, name="wide"):
    """Widths that no machine has."""

    a: U24 = U24()
    b: U40 = U40()
    c: U48 = U48()
    d: U56 = U56()
    e: U64 = U64()
    f: I8 = I8()
    g: I16 = I16(order="little")


def test_odd_numbers_of_octets() -> None:
    octets = "000001 0000000002 000000000003 00000000000004 ffffffffffffffff fe feff"
    assert read(octets, Wide) == {
        "a": 1, "b": 2, "c": 3, "d": 4, "e": 2**64 - 1, "f": -2, "g": -2
    }  # fmt: skip


class Scaled(Header, name="scaled"):
    """Values that are counted in units."""

    words: U4 = U4(scale=4)
    flag: Flag = Flag()
    rest: U3 = U3()
    deep: I8 = I8(scale=-10)


def test_scale_multiplies_what_is_on_the_wire() -> None:
    assert read("5a fe", Scaled) == {"words": 20, "flag": True, "rest": 2, "deep": 20}


def test_scaled_values_have_to_fit() -> None:
    with pytest.raises(ValueError, match="64 bits"):
        U64(scale=4)


@pytest.mark.parametrize("bits", [0, 65, -1])
def test_widths_are_1_to_64(bits: int) -> None:
    with pytest.raises(ValueError, match="1 to 64 bits"):
        Unsigned(bits=bits)


class TailGroup(Group, name="tail.item"):
    """An integer whose place varies."""

    size: U8 = U8(compute=length_of(payload))
    value: I64 = I64()


class Tail(Header, name="tail"):
    """Integers behind a field of varying length."""

    size: U8 = U8()
    name: Octets = Octets(length=size)
    number: U16 = U16(order="little")
    items: Items[TailGroup] = Items(TailGroup, count=1)


def test_integers_at_places_that_vary() -> None:
    got = read("02 6162 0100 00 8000000000000000", Tail)
    assert (got["name"], got["number"], got["items"][0].value) == (b"ab", 1, -(2**63))


CUTS = [(0, {}), (1, {"one": 1, "three": 5}), (2, {"one": 1, "three": 5, "twelve": 0x321})]
"""Octets that are left of `Bits`, and what can be read of them."""


@pytest.mark.parametrize(("left", "values"), CUTS)
def test_a_cut_header_keeps_its_whole_fields(left: int, values: dict[str, int]) -> None:
    packet = dissect(bytes.fromhex("d3219d")[:left], Bits, length=3)
    got = packet.get(Bits)
    assert got is not None
    assert {a: getattr(got, a) for a in ("one", "three", "twelve", "five")} == {
        a: values.get(a) for a in ("one", "three", "twelve", "five")
    }
    field = "one" if left == 0 else "twelve" if left == 1 else "five"
    assert faults_of(packet) == [("TRUNCATED", "bits", field, 0, 3, left)]
