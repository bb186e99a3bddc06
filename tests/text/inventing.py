"""A protocol that only the tests of printing know: it has one of everything."""

from __future__ import annotations

from rawlab.batch import Interface
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import (
    U4,
    U8,
    U16,
    Flags,
    Group,
    Header,
    IPv4Address,
    Items,
    Registry,
    Text,
    on,
)

TYPE = 0x88B5
LINK = bytes.fromhex("020000000102 020000000101 88b5")
WHOLE = bytes.fromhex("5a 81 c0000201 c0000202 0035 1000 05") + b"a\x1b[2J\x03\x07\x00"
TIME_NS = 1_277_840_495_135_052_789


class Mark(Group, name="test.mark"):
    """An item."""

    kind: U8 = U8()
    value: U8 = U8(when=kind > 0)


class Sample(
    Header,
    name="test",
    follows=on("ethertype", TYPE),
    summary="{src} > {dst} [{flags}] {level} {word} {marks}",
):
    """Something to test with (no RFC)."""

    level: U4 = U4(names={5: "five"})
    scale: U4 = U4(scale=4, unit="octets")
    flags: Flags = Flags("hot", "_:6", "cold", bits=8, base=16)
    src: IPv4Address = IPv4Address(label="From")
    dst: IPv4Address = IPv4Address()
    srcport: U16 = U16()
    dstport: U16 = U16(base=16)
    word_len: U8 = U8()
    word: Text = Text(length=word_len)
    marks: Items[Mark] = Items(Mark)


def registry() -> Registry:
    """All protocols, and this one."""
    return default_registry().extended(Sample)


def packet(octets: bytes = LINK + WHOLE, length: int | None = None) -> Packet:
    """A packet of the protocol, on an interface called eth7."""
    return Packet(
        octets, time_ns=TIME_NS, length=length, number=3, interface=Interface("eth7"),
        registry=registry(),
    )  # fmt: skip
