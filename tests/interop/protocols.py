"""Protocols that use every kind of field, to compare how other tools read them."""

from __future__ import annotations

from rawlab.schema import (
    I8,
    I16,
    I32,
    I64,
    U3,
    U4,
    U5,
    U8,
    U16,
    U24,
    U32,
    U40,
    U48,
    U64,
    Enum,
    Flag,
    Flags,
    Group,
    Header,
    IPv4Address,
    IPv6Address,
    Items,
    MACAddress,
    Named,
    Octets,
    Pad,
    Signed,
    Text,
    Unsigned,
    Varint,
    header,
    length_of,
    looks_like,
    number_of_next,
    on,
    payload,
)


class Colour(Named):
    """Names of values."""

    RED = 1
    GREEN = 2


class Integers(Header, name="rl_integers", follows=(on("linktype", 147), on("udp.port", 40001))):
    """Integers of all kinds."""

    byte: U8 = U8()
    word: U16 = U16(base=16)
    three: U24 = U24()
    four: U32 = U32(names={1: "one", 2: "two"})
    five: U40 = U40()
    six: U48 = U48()
    eight: U64 = U64()
    minus8: I8 = I8()
    minus16: I16 = I16()
    minus24: Signed = Signed(24)
    minus32: I32 = I32()
    minus64: I64 = I64()
    high: U4 = U4()
    low: U4 = U4(scale=4)
    minus5: Signed = Signed(5)
    three_bits: U3 = U3()
    long_bits: Unsigned = Unsigned(13)
    wide_bits: Unsigned = Unsigned(35)
    flags: Flags = Flags("syn", "kind:3", "_", "fin", "a", "b")
    one: Flag = Flag()
    colour: Enum[Colour] = Enum(Colour, bits=7)
    times: U16 = U16(scale=8)


class Little(Header, name="rl_little", follows=on("linktype", 148), order="little"):
    """Integers whose least significant octet comes first."""

    word: U16 = U16()
    three: U24 = U24()
    four: U32 = U32(base=16)
    six: U48 = U48()
    eight: U64 = U64()
    minus16: I16 = I16()
    minus32: I32 = I32()
    minus64: I64 = I64()
    first: U3 = U3()
    second: U5 = U5()
    third: U8 = U8()


class Parts(Header, name="rl_parts", follows=on("linktype", 149)):
    """Addresses, octets, text and conditions."""

    mac: MACAddress = MACAddress()
    ip4: IPv4Address = IPv4Address()
    ip6: IPv6Address = IPv6Address()
    kind: U8 = U8()
    size: U8 = U8()
    fixed: Octets = Octets(length=5)
    body: Octets = Octets(length=size)
    name: Text = Text(until=b"\0")
    only: U16 = U16(when=kind.among(1, 2, 3))
    other: U32 = U32(when=(kind >= 128) & (size > 3))
    rest: Octets = Octets()


class Varying(Header, name="rl_varying", follows=on("linktype", 150)):
    """Integers of varying length, and padding."""

    quic: Varint = Varint()
    leb: Varint = Varint(kind="leb128")
    tail: Octets = Octets(length=3)
    filling: Pad = Pad(align=4)


class Option(Group, name="rl_options.option"):
    """An option."""

    kind: U8 = U8()
    size: U8 = U8(when=~kind.among(0, 1), compute=length_of(header), minimum=2)


class Number(Option, when=Option.kind == 2):
    """A number."""

    number: U16 = U16()


class Words(Option, when=Option.kind == 3):
    """Words."""

    text: Text = Text()


class Options(Header, name="rl_options", follows=on("linktype", 151)):
    """A header with a length, a list of options within it, and what follows by a number."""

    length: U8 = U8(compute=length_of(header))
    next: U8 = U8(opens="rl_options.next", compute=number_of_next(), default=0)
    total: U16 = U16(compute=length_of(header, payload))
    options: Items[Option] = Items(Option, until=length)


class Pair(Group, name="rl_list.pair"):
    """Two numbers."""

    left: U8 = U8()
    right: U16 = U16()


class Counted(
    Header, name="rl_list",
    follows=(on("rl_options.next", 7), looks_like("udp.port", lambda h: h.magic == 0xCAFEBABE)),
):
    """A list by its count."""

    magic: U32 = U32(default=0xCAFEBABE, require=lambda h: h.magic == 0xCAFEBABE)
    count: U8 = U8()
    pairs: Items[Pair] = Items(Pair, count=count)


ALL: tuple[type[Header], ...] = (Integers, Little, Parts, Varying, Options, Counted)
