"""mypy accepts declarations as the documentation writes them, and rejects misspelt fields."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from dissectors import UDP, Ethernet, IPv4
from rawlab.schema import Header

ROOT = Path(__file__).resolve().parent.parent
CODE = '''
from __future__ import annotations

import ipaddress
from typing import assert_type

from dissectors import TCP, UDP, Ethernet, IPv4
from rawlab.packet import Packet
from rawlab.schema import (
    U3, U4, U5, U8, U16, Custom, Enum, Expression, Flag, Flags, FlagSet, Group, Header, I32,
    IPv4Address, IPv6Address, Items, MACAddress, Named, Octets, One, Signed, Text, Unsigned,
    Varint, field_values, fields_of, header, internet_checksum, length_of, looks_like, on,
    payload, remaining, stream, table,
)


class Color(Named):
    RED = 1


class Item(Group, name="mine.item"):
    """An item."""

    kind: U8 = U8()
    len: U8 = U8(when=~Item_kinds(kind), compute=length_of(header))


class Red(Item, when=Item.kind == 1):
    """A variant."""

    value: U16 = U16()


class Words(Custom[list[str]]):
    """Words."""

    def read(self, message: memoryview, start: int, end: int) -> tuple[list[str], int]:
        return [], end

    def write(self, value: list[str], written: bytes) -> bytes:
        return b""


class Mine(Header, name="mine", follows=(on("udp.port", 7), stream("tcp.port", 7)),
           summary="{number}"):
    """Everything."""

    number: U16 = U16(opens="mine.number", base=16, unit="octets", label="Number")
    three: U3 = U3(default=1)
    five: U5 = U5(scale=4, compute=length_of(header))
    flag: Flag = Flag(default=False)
    wide: Unsigned = Unsigned(bits=7, default=0)
    deep: Signed = Signed(bits=24, default=0)
    long: I32 = I32(default=0, order="little")
    color: Enum[Color] = Enum(Color, bits=8, default=Color.RED)
    flags: Flags = Flags("a", "b", "_:6", default=0)
    mac: MACAddress = MACAddress(default="02:00:00:00:00:01")
    four: IPv4Address = IPv4Address(default="0.0.0.0", pseudo=True)
    six: IPv6Address = IPv6Address(default="::")
    checksum: U16 = U16(seal=internet_checksum(pseudo_header=True))
    size: U8 = U8(default=0, minimum=0, maximum=9, require=lambda h: h.size != 8)
    body: Octets = Octets(length=size, default=b"")
    text: Text = Text(until=b"\\0", default="")
    quic: Varint = Varint(default=0)
    items: Items[Item] = Items(Item, length=size * 2 + 1, default=())
    one: One[Item] = One(Item, when=remaining > 2, default=None)
    words: Words = Words(default=[])


packet = Packet(b"")
assert_type(packet[UDP], UDP)
assert_type(packet[UDP].dstport, int)
assert_type(packet.get(TCP), TCP | None)
assert_type(packet[IPv4].src, ipaddress.IPv4Address)
mine = packet[Mine]
assert_type(mine.flag, bool)
assert_type(mine.color, Color)
assert_type(mine.flags, FlagSet)
assert_type(mine.mac, str)
assert_type(mine.six, ipaddress.IPv6Address)
assert_type(mine.body, bytes)
assert_type(mine.text, str)
assert_type(mine.items, tuple[Item, ...])
assert_type(mine.one, Item)
assert_type(mine.words, list[str])
for item in mine.items:
    if isinstance(item, Red):
        assert_type(item.value, int)
condition: Expression = UDP.dstport == 53
both: Expression = (Mine.number == 1) & ~Mine.size.among(1, 2)
UDP(srcport=1, dstport=53)
Mine(number=1)
Mine(number=1, color="red", flags="a", mac=b"123456", four="::",
     items=[Red(value=1)], six="::1")
draft = IPv4(src="10.0.0.1", dst=1) / TCP(dstport=80, flags="SA") / b"x"
assert_type(bytes(draft), bytes)
UDP(dprot=80)  # error
UDP(dstport="x")  # error
packet[UDP].dstport = 1  # error
U16(defualt=1)  # error
mine.nothing  # error
Octets(length="x")  # error
'''.replace("~Item_kinds(kind)", "~kind.among(0, 1)")


def test_mypy_accepts_and_rejects(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api", reason="needs mypy")
    file = tmp_path / "declared.py"
    file.write_text(textwrap.dedent(CODE))
    cache = ROOT / ".mypy_cache"
    options = ["--strict", "--no-error-summary", "--cache-dir", str(cache), "--config-file",
               str(ROOT / "pyproject.toml"), "--no-color-output", str(file)]  # fmt: skip
    output, errors, _ = api.run(options)
    assert errors == ""
    found = {int(m[1]): m[2] for m in re.finditer(r"declared\.py:(\d+): error: (.*)", output)}
    lines = CODE.splitlines()
    wanted = {i for i, line in enumerate(lines, 1) if line.endswith("# error")}
    assert set(found) == wanted, output
    (misspelt,) = (found[i] for i in wanted if "dprot" in lines[i - 1])
    assert 'Unexpected keyword argument "dprot" for "UDP"' in misspelt


def test_at_run_time_too() -> None:
    with pytest.raises(TypeError, match=r"UDP has no field 'dprot': did you mean 'd(st)?port'"):
        UDP(dprot=80)  # type: ignore[call-arg]
    assert UDP(dstport=53).dstport == 53  # type: ignore[call-arg]


def test_all_dissectors_can_be_built_by_keyword() -> None:
    for header in (UDP, Ethernet, IPv4):
        assert issubclass(header, Header)
        assert repr(header()) == f"{header.__name__}()"  # type: ignore[call-arg]
