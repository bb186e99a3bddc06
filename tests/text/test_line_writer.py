"""The lines that the engine writes are those that Python makes, octet for octet."""

from __future__ import annotations

import ipaddress
import random
import time
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declared import USER0, registry_of
from dissectors import UDP, Ethernet, IPv4
from rawlab.batch import Batch, Interface, new_index
from rawlab.files import NotACapture, open_capture
from rawlab.schema import (
    U1,
    U4,
    U7,
    U8,
    U16,
    U64,
    Enum,
    Flag,
    Flags,
    Header,
    IPv4Address,
    IPv6Address,
    MACAddress,
    Named,
    Octets,
    Registry,
    Signed,
    Text,
    Unsigned,
)
from rawlab.text.line import LineForm, LinePrinter
from rawlab.text.paint import Paint
from rawlab.text.times import Clock, TimeForm
from samples import batch_of, captured, corpus_files, mutated, noise

FORMS = [
    (form, digits, LineForm(link_header, number))
    for form, digits, (link_header, number) in product(
        TimeForm, (6, 9), [(False, False), (True, True)]
    )
]


def printer(form: tuple[TimeForm, int, LineForm] = FORMS[0], paint: bool = False) -> LinePrinter:
    return LinePrinter(Clock(form[0], form[1]), Paint(paint), form[2])


def written(batches: Iterable[Batch], by: LinePrinter) -> list[str]:
    """The lines as printers give them."""
    text = "".join(piece for batch in batches for piece in by.texts(batch, len(batch)))
    return text.split("\n")[:-1]


def told(batches: Iterable[Batch], by: LinePrinter) -> list[str]:
    """The lines as they are made packet by packet."""
    return [
        by.line(packet, len(batch.interfaces) > 1) for batch in batches for packet in batch
    ]


def agree(batches: list[Batch], form: Any = FORMS[0], paint: bool = False) -> None:
    fast, slow = written(batches, printer(form, paint)), told(batches, printer(form, paint))
    assert len(fast) == len(slow)
    for a, b in zip(fast, slow, strict=True):
        assert a == b


def batches_of(file: Path) -> list[Batch]:
    """The batches of a capture; none where it is no capture."""
    try:
        with open_capture(file) as capture:
            return [batch.keep() for batch in capture.batches()]
    except NotACapture:
        return []


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_captures(captures: Path, form: Any) -> None:
    batches = [b for file in sorted(captures.glob("*.pcap")) for b in batches_of(file)]
    agree(batches, form)
    agree(batches, form, paint=True)


def test_corpus() -> None:
    batches = [batch for file in corpus_files() for batch in batches_of(file)]
    assert sum(map(len, batches)) > 2000
    for form in FORMS[:8]:
        agree(batches, form)


def test_most_lines_are_written_by_the_engine(
    captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a test which compares the two compares something."""
    slow = 0

    class Counting(LinePrinter):
        def line(self, packet: Any, name_interface: bool = False) -> str:
            nonlocal slow
            slow += 1
            return super().line(packet, name_interface)

    names = ["tcp", "tcp-ipv6", "udp", "icmp", "icmpv6", "arp", "vlan", "gre", "vxlan"]
    batches = [b for name in names for b in batches_of(captures / f"{name}.pcap")]
    lines = written(batches, Counting(Clock(), Paint()))
    assert slow < len(lines) / 10, (slow, len(lines))


@pytest.mark.parametrize("seed", range(3))
def test_damaged_packets_and_noise(seed: int) -> None:
    batch = batch_of([*captured(), *mutated(seed, 2), *noise(seed + 9, 4)])
    for form in (FORMS[0], FORMS[5], FORMS[-1]):
        agree([batch], form)


class Kind(Named):
    """Some names."""

    FIRST_ONE = 1
    SECOND = 200


class Everything(
    Header,
    name="every",
    summary="{kind} {flag}{named} {flags} {base} {long} {low} {small} {maybe} of {six}{text} "
    "{hex}, {mac} {four} {always} ",
):
    """One of every kind of field."""

    src: IPv6Address = IPv6Address()
    dst: IPv6Address = IPv6Address()
    srcport: U16 = U16(names={7: "seven"})
    dstport: U16 = U16(base=16)
    kind: Enum[Kind] = Enum(Kind, bits=8)
    flag: Flag = Flag()
    rest: U7 = U7(names={0: "", 1: "one"})
    named: U8 = U8(names={0: "nought", 255: "all", 3: ""})
    flags: Flags = Flags("a", "_:2", "b", "c:3", "d", base=16)
    base: Unsigned = Unsigned(24, base=16, digits=3)
    long: U64 = U64(names={5: "five"})
    low: Unsigned = Unsigned(16, order="little", scale=4)
    small: Signed = Signed(8, names={-1: "minus one"})
    maybe: Signed = Signed(16, when=kind < 100)
    six: IPv6Address = IPv6Address(when=kind == 1)
    size: U4 = U4()
    half: U4 = U4()
    text: Text = Text(length=size)
    hex: Octets = Octets(length=half)
    mac: MACAddress = MACAddress(when=kind > 50)
    four: IPv4Address = IPv4Address(when=kind > 100)
    again: U1 = U1()
    always: U7 = U7()


def declared_batch(
    packets: list[bytes], registry: Registry, times: list[int] | None = None
) -> Batch:
    """A batch of packets of link type USER0, of two interfaces."""
    index = new_index(len(packets))
    buffer = b"".join(packets)
    offset = 0
    for i, octets in enumerate(packets):
        time_ns = times[i] if times is not None else i * 10**9
        row = (offset, len(octets), len(octets) + i % 3, time_ns, i % 3, USER0)
        for column, value in enumerate(row):
            index[column, i] = value
        offset += len(octets)
    interfaces = (Interface("eth0"), Interface("wi\x1bfi"), Interface(""))
    return Batch(buffer, index, len(packets), interfaces, registry=registry)


EVERYTHING = registry_of(Everything)


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_every_kind_of_field(seed: int) -> None:
    chance = random.Random(seed)
    packets = []
    for _ in range(40):
        octets = bytearray(chance.choice((0, 0, 1, 0x41, 0x7E, 0xFF, chance.randrange(256)))
                           for _ in range(chance.randrange(60, 130)))
        octets[36] = chance.choice((0, 1, 2, 60, 99, 100, 101, 200, 255))
        if chance.random() < 0.5:  # or its text has to be escaped
            octets[54:] = bytes(chance.choice(b" az~?-09") for _ in octets[54:])
        packets.append(bytes(octets))
    agree([declared_batch(packets, EVERYTHING)], FORMS[chance.randrange(len(FORMS))])


@settings(max_examples=300)
@given(st.lists(st.sampled_from([0, 0, 0, 1, 0xA, 0x10, 0xFFFF, 0xABC]), min_size=8, max_size=8))
def test_ipv6_addresses(groups: list[int]) -> None:
    """As `ipaddress` writes them."""
    octets = b"".join(group.to_bytes(2) for group in groups)
    mapped = bytes(10) + b"\xff\xff" + octets[:4]
    packets = [address + mapped + bytes(60) for address in (octets, mapped, bytes(12) + mapped[:4])]
    lines = written([declared_batch(packets, EVERYTHING)], printer((TimeForm.NONE, 6, LineForm())))
    for line, octets in zip(lines, packets, strict=True):
        assert f"[{ipaddress.IPv6Address(octets[:16])}]:0 > " in line
        assert f"> [{ipaddress.IPv6Address(octets[16:32])}]:0 " in line


OCTETS_OF_NAMES = st.sampled_from(
    [0, 1, 2, 3, 63, 64, 0xC0, 0xC0, 12, 14, 17, 46, 92, 97, 127, 200])


def framed(dns: bytes) -> bytes:
    """A DNS message in a frame."""
    ip = IPv4(src="192.0.2.1", dst="192.0.2.2")
    return bytes(Ethernet(src=bytes(6), dst=bytes(6)) / ip / UDP(srcport=4000, dstport=53) / dns)


@settings(max_examples=300)
@given(
    st.lists(st.lists(OCTETS_OF_NAMES, min_size=1, max_size=30), min_size=1, max_size=6),
    st.integers(0, 3), st.integers(0, 2), st.sampled_from([2, 5, 12, 16, 33]),
)  # fmt: skip
def test_domain_names(names: list[list[int]], asked: int, answers: int, kind: int) -> None:
    """With labels to escape, pointers back and forth, and names that do not end."""
    packets = []
    for name in names:
        counts = asked.to_bytes(2) + answers.to_bytes(2) + bytes(4)
        record = b"\xc0\x0c" + kind.to_bytes(2) + b"\0\1" + bytes(5) + b"\x04\x03abc"
        dns = b"\x12\x34\x81\x80" + counts + (bytes(name) + b"\0\0\1\0\1") * asked + record * 3
        packets.append((framed(dns), 1))
    agree([batch_of(packets)])


def test_a_name_of_255_octets_and_one_more() -> None:
    packets = []
    for last in (60, 61, 62):
        labels = b"".join(bytes([size]) + b"l" * size for size in (63, 63, 63, last)) + b"\0"
        dns = bytes(4) + b"\0\1" + bytes(6) + labels + b"\0\1\0\1"
        packets.append((framed(dns), 1))
    agree([batch_of(packets)])
    assert ["name is too long" in line for line in written([batch_of(packets)], printer())] == [
        False, False, True]


TIMES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(10**18), 4 * 10**18),
    st.integers(1_700_000_000 * 10**9, 1_700_000_003 * 10**9),
)


@settings(max_examples=80)
@given(st.lists(TIMES, min_size=1, max_size=8), st.sampled_from(FORMS))
def test_times(times: list[int], form: Any) -> None:
    agree([declared_batch([bytes(90)] * len(times), EVERYTHING, times)], form)


ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Africa/Monrovia",
         "Pacific/Apia", "right/UTC"]


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The local time is that of a zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_times_where_clocks_are_put() -> None:
    seconds = [
        1_711_846_799, 1_711_846_800, 1_729_990_799, 1_729_990_800,  # 2024 in Europe
        1_325_239_199, 1_325_239_200,  # Apia skips a day
        63_593_070, 63_593_069, 63_594_000,  # Monrovia's offset becomes whole minutes
        78_796_799, 78_796_800, 78_796_801, 1_483_228_826, 1_483_228_827,  # leap seconds
        -1_693_706_400, -1_680_483_600, 0, -1, 1,
    ]  # fmt: skip
    times = [second * 10**9 + 999_999_999 for second in seconds]
    batch = declared_batch([bytes(90)] * len(times), EVERYTHING, times)
    for form in FORMS:
        agree([batch], form)


def test_a_line_that_no_buffer_holds() -> None:
    class Long(Header, name="long", summary="{body}"):
        """Much text."""

        body: Text = Text()

    packets = [b"x" * 300_000, b"y" * 10, b"z" * 200_000, b"z" * 100_000]
    agree([declared_batch(packets, registry_of(Long))])


def test_numbers_and_packets_that_were_picked() -> None:
    batch = batch_of(list(captured())[:50])
    agree([batch.pick([3, 9, 8, 44])], FORMS[1])
    assert written([batch.pick([3])], printer(FORMS[1]))[0].startswith("4  ")


def test_a_count_ends_the_lines() -> None:
    batch = batch_of(list(captured())[:50])
    assert "".join(printer().texts(batch, 7)).count("\n") == 7
    assert "".join(printer().texts(batch, 0)) == ""


def test_more_stacks_than_are_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rawlab.text.line_program.MOST_STACKS", 3)
    agree([batch_of(list(captured()))])
