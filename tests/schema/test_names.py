"""Names of headers and fields in a registry, aliases, and two headers of one name."""

from __future__ import annotations

import pytest

from declared import USER0, dissect
from rawlab.packet import Packet
from rawlab.schema import (
    U8,
    U16,
    U32,
    Flags,
    Group,
    Header,
    Items,
    Registry,
    header_name,
    header_title,
    on,
)


class Item(Group, name="item"):
    """A group."""

    kind: U8 = U8()


class Big(Item, when=Item.kind == 1, name="item.big"):
    """A variant."""

    value__high: U16 = U16()


class First(Header, name="twin", follows=on("linktype", USER0)):
    """One form of a protocol."""

    class_: U8 = U8(aliases=("klass", "other.name"))
    flags: Flags = Flags("a", "b", "_:6")
    items: Items[Item] = Items(Item)


class Second(Header, name="twin", follows=on("linktype", USER0 + 1)):
    """Another form of it."""

    more: U32 = U32()
    class_: U8 = U8()


def test_names_of_fields() -> None:
    registry = Registry([First, Second])
    known = set(registry.field_names())
    assert known >= {
        "twin.class", "twin.klass", "other.name", "twin.flags", "twin.flags.a", "twin.items",
        "item.kind", "item.big.value.high", "item.data", "twin.more",
    }  # fmt: skip
    assert "twin.class_" not in known
    assert [found.header for found in registry.field("twin.class")] == [First, Second]
    assert [found.part for found in registry.field("twin.flags.b")] == ["b"]
    with pytest.raises(KeyError, match=r"no field 'twin.clas'; near it: twin.class"):
        registry.field("twin.clas")


def test_two_headers_of_one_name() -> None:
    registry = Registry([First, Second])
    assert (len(registry), list(registry), registry["twin"]) == (
        2, [First, Second], (First, Second)
    )  # fmt: skip
    for linktype, kind in ((USER0, First), (USER0 + 1, Second)):
        packet = Packet(bytes.fromhex("0102030405"), linktype=linktype, registry=registry)
        assert type(packet.twin) is kind
        assert packet["twin"] is packet.twin
        assert packet.get(kind) is packet.twin
        assert ("twin" in packet, First in packet) == (True, kind is First)
    with pytest.raises(KeyError, match="no protocol 'twn'; near it: twin"):
        registry["twn"]


def test_aliases_read_the_field() -> None:
    layer = dissect("07 80", First)[First]
    assert layer.klass == 7  # type: ignore[attr-defined]
    assert layer.class_ == 7


def test_titles() -> None:
    assert (header_title(First), header_name(First)) == ("One form of a protocol.", "twin")
