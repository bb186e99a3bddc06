"""What tshark shows of packets through an exported dissector, and what rawlab reads of them."""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess
import xml.etree.ElementTree as tree
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

import rawlab
from rawlab.interop.wireshark import lua_of
from rawlab.packet import Packet
from rawlab.schema import FieldValue, Flags, Header, Octets, Pad, field_values
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.integer import Number, Varint
from rawlab.schema.items import Custom, Nested
from rawlab.schema.octets import Text

PREFIX = "rawlab_"
KINDS = ("_integer", "_bytes", "_string", "_none", "_bool", "_ipv4", "_ipv6", "_ether")
"""What follows a name that stands for fields of several kinds."""
Shown = tuple[str, int | str | bytes | None]
TSHARK_S = 120
_BLANK = re.compile(r"[\t\r\n]")


def need_tshark() -> None:
    """Skip where there is no tshark."""
    if shutil.which("tshark") is None:
        pytest.skip("needs tshark")


def dissected(
    packets: Sequence[Packet], headers: Sequence[type[Header]], folder: Path, lua: str = ""
) -> list[list[Shown]]:
    """The fields of each packet that tshark shows by the dissector of `headers`, in order."""
    need_tshark()
    script = folder / "exported.lua"
    script.write_text(lua or lua_of(headers))
    capture = folder / "packets.pcapng"
    rawlab.write(capture, packets)
    done = subprocess.run(
        ["tshark", "-r", capture, "-X", f"lua_script:{script}", "-T", "pdml",
         "-o", "tcp.desegment_tcp_streams:FALSE"],
        capture_output=True, timeout=TSHARK_S, check=True)
    assert not {b"Lua", b"ERROR"} & set(done.stderr.split()), done.stderr.decode()
    names = {header._declaration.name for header in headers}
    return [[*_fields(packet, names), *_faults(packet)]
            for packet in tree.fromstring(done.stdout).iter("packet")]


def _faults(packet: tree.Element) -> Iterable[Shown]:
    for field in packet.iter("field"):
        if field.get("name", "").startswith("rawlab_fault"):
            yield "fault", field.get("showname", "")


def _fields(packet: tree.Element, names: set[str]) -> Iterable[Shown]:
    for layer in packet.iter("proto"):
        name = layer.get("name", "").removeprefix(PREFIX).partition("_form")[0]
        if name not in names:
            continue
        for field in layer.iter("field"):
            name = field.get("name", "")
            if name.startswith("rawlab_fault"):
                continue
            if name and not name.startswith("_ws"):
                assert "Lua Error" not in field.get("show", ""), field.get("show")
                yield name.removeprefix(PREFIX).removeprefix("other_"), field.get("show", "")
        assert "Lua Error" not in tree.tostring(layer, "unicode"), tree.tostring(layer, "unicode")


def expected(packet: Packet) -> list[tuple[FieldValue, str]]:
    """The values that rawlab reads, groups and named bits with them: (value, bits' name)."""
    found: list[tuple[FieldValue, str]] = []

    def note(values: Iterable[FieldValue]) -> None:
        for value in values:
            found.append((value, ""))
            if isinstance(value.field, Flags):
                found.extend((value, part) for part, _ in value.field.parts)
            for item in value.items:
                note(item.items)

    for layer in packet.layers:
        note(field_values(layer))
    return found


def differences(
    packets: Sequence[Packet], headers: Sequence[type[Header]], folder: Path, lua: str = ""
) -> list[str]:
    """Where tshark, by an exported dissector, does not show what rawlab reads."""
    shown = dissected(packets, headers, folder, lua)
    assert len(shown) == len(packets)
    found = []
    for packet, theirs in zip(packets, shown, strict=True):
        ours = expected(packet)
        faults = [text for name, text in theirs if name == "fault"]
        theirs = [one for one in theirs if one[0] != "fault"]
        wrong = [fault for fault in packet.faults if fault.got or fault.offset < packet.caplen]
        if bool(faults) != bool(wrong):  # a header of no octets is none in Wireshark
            found.append(f"{packet!r}: {packet.faults}, tshark: {faults}")
        for (value, part), (name, text) in zip(ours, theirs, strict=False):
            want = f"{value.name}.{part}" if part else value.name
            bare = name
            for kind in KINDS:
                bare = bare if bare == want else bare.removesuffix(kind)
            if bare != want or not same(value, part, str(text)):
                found.append(f"{packet!r}: {want} is {value.value!r}, tshark: {name} is {text!r}")
                break
        else:
            if len(ours) != len(theirs):
                found.append(f"{packet!r}: {len(ours)} fields, tshark {len(theirs)}: "
                             f"{[v.name for v, _ in ours[-3:]]}, tshark: {theirs[-3:]}")
    return found


def same(value: FieldValue, part: str, text: str) -> bool:
    """Whether tshark's text stands for rawlab's value."""
    field = value.field
    if part:
        return int(text.lower().replace("true", "1").replace("false", "0"), 0) == int(
            getattr(value.value, part))
    match field:
        case Nested():
            return text == ""
        case IPv6Address():
            return ipaddress.IPv6Address(text) == value.value
        case MACAddress() | IPv4Address():
            return text == str(value.value)
        case Number() | Varint():
            text = text.lower().replace("true", "1").replace("false", "0")
            return int(text, 0) == int(value.value)
        case Octets() | Pad():
            return bytes.fromhex(text.replace(":", "")) == bytes(value.value)
        case Text():
            return text == _BLANK.sub(" ", value.value)  # as XML's attributes hold it
        case Custom():
            return text == field.show(value.value)
    raise AssertionError(f"{field!r} is of a kind that nobody compares")
