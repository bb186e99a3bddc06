"""Batches are selected from as packets are asked one by one: any filter, any packets."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawlab.batch import Batch
from rawlab.engine import select_codes as c
from rawlab.engine.select import Selector
from rawlab.filter import tree as t
from rawlab.filter.display import Filter, compile_filter
from rawlab.filter.program import compile_program
from rawlab.plugins import default_registry
from rawlab.schema import U8, U16, Header, Registry, on
from samples import batch_of, captured, mutated, noise


@cache
def packets() -> Batch:
    """Whole packets, damaged ones and noise, the whole ones twice: known paths are known then."""
    return batch_of([*captured(), *captured(), *mutated(41, 2), *noise(42, 6)])


@cache
def wanted(text: str) -> tuple[Filter, list[bool]]:
    """A filter, and what it says of each packet when asked one by one."""
    made = compile_filter(text)
    return made, [made.matches(packet) for packet in packets()]


def verdicts(made: Filter, batch: Batch) -> list[int]:
    """What the engine says of each packet of a batch."""
    program = compile_program(made.tree, batch.tables)
    assert program is not None
    found = bytearray(len(batch))
    none = memoryview(bytearray()).cast("q")
    selector = Selector(batch.tables, program)
    undecided = selector.run(batch.octets, batch.index, len(batch), 1, none, found)
    assert undecided == found.count(c.UNDECIDED)
    return list(found)


def held_against(text: str) -> int:
    """Holds the engine's verdicts against the packets one by one; how many it leaves undecided."""
    made, want = wanted(text)
    found = verdicts(made, packets())
    wrong = [(i, verdict) for i, (verdict, matches) in enumerate(zip(found, want, strict=True))
             if verdict != c.UNDECIDED and bool(verdict) != matches]  # fmt: skip
    assert not wrong, (text, wrong[:5], packets()[wrong[0][0]].octets.hex())
    return found.count(c.UNDECIDED)


DECIDED = """
    ip; not ip; tcp or udp; tcp and not vlan; arp or icmp or icmpv6; ip.addr == 10.0.1.2
    ip.src == 10.0.0.0/8; ip.dst != 10.0.1.0/24; not ip.addr == 10.0.1.0/24; ip.addr !== 10.0.1.1
    ip.addr === 10.0.1.1; ip.src in {10.0.0.1 .. 10.0.9.9}; ip.ttl < 64; ip.ttl in {1, 60 .. 70}
    tcp.port == 80; tcp.dstport >= 1024 and tcp.srcport >= 1024; udp.port in {53, 67 .. 68}
    tcp.flags.syn == 1 and tcp.flags.ack == 0; tcp.flags & 0x12 == 0x12; tcp.flags & 6
    tcp.flags.reset; ip.flags.df; ip.hdr_len > 20; tcp.hdr_len == 32; eth.type == 0x86dd; eth.len
    eth.addr == ff:ff:ff:ff:ff:ff; eth.src != 02:00:00:00:00:01; vlan.id == 5; vlan.id >= 0
    ipv6.src == 2001:db8::1; ipv6.addr == 2001:db8::/32; ipv6.dst == fe80::/10; ipv6.addr != ::1
    ipv6.src < 2001:db9::; ipv6.src in {:: .. fe80::}; ipv6.hlim == 255; icmp.type == 8; arp.opcode
    frame.len > 100; frame.cap_len <= 60; frame.number in {1, 5 .. 9}; frame.number > 30 and ip
    udp.length > 100 or frame.len < 50; not (tcp or udp) and ip; !(ip.addr == 10.0.1.1) || arp
    frame.time_epoch < 5; udp.payload_len > 20; tcp.payload_len == 0 and tcp; ip.id & 1
    ip.proto == 6 and ip.proto == 17; ip.ttl > 1 and ip.ttl < 0; tcp.window_size_value > 40000
""".replace("\n", ";")
DECIDED_LIST = [text.strip() for text in DECIDED.split(";") if text.strip()]


@pytest.mark.parametrize("text", DECIDED_LIST)
def test_the_engine_decides_alone(text: str) -> None:
    assert held_against(text) == 0


UNDECIDED = [
    "frame.interface_id == 0",
    'dns.qry.name == "example.org"', "dns and dns.qry.name", 'frame contains "a"',
    "tcp.srcport > tcp.dstport", "ip.src == ip.dst", "tcp.options.mss_val", "ip.src#2",
    "len(udp.payload) > 5", "tcp.payload", "count(ip.src) > 1", "eth.src[0:3] == 02:00:00",
    'not dns.qry.name == "example.org"', 'udp.port == 53 and dns.qry.name contains "ex"',
    'not (udp.port == 53 and dns.qry.name contains "ex")', "ip.ttl + 1 > 64",
    "tcp.seq_raw % 2 == 1",
    'tcp or dns.qry.name matches "^[a-m]"', "not tcp.srcport > tcp.dstport or udp",
]  # fmt: skip


@pytest.mark.parametrize("text", UNDECIDED)
def test_what_rows_cannot_say_is_asked_of_the_packets_that_it_decides(text: str) -> None:
    try:
        left = held_against(text)
    except ValueError as error:
        pytest.fail(f"{text}: {error}")
    assert 0 < left <= len(packets())
    made, want = wanted(text)
    picked = made.select(packets())
    assert [packet.number - 1 for packet in picked] == [i for i, yes in enumerate(want) if yes]


@pytest.mark.parametrize("text", ["udp.port == 53 and dns.qry.name", "arp or dns.qry.name"])
def test_only_the_packets_that_it_decides_are_asked(text: str) -> None:
    assert held_against(text) < len(packets()) // 4


# Any filter.


@cache
def names() -> list[str]:
    """Every field of the default registry that a filter knows, and every protocol."""
    registry = default_registry()
    frame = ("frame.len", "frame.cap_len", "frame.number")
    return sorted({*registry.field_names(), *registry.tables().by_name, *frame})


NUMBERS = st.sampled_from([0, 1, 2, 5, 6, 17, 20, 53, 64, 80, 255, 256, 443, 0x800, 1500, 65535])
NUMBERS |= st.integers(0, 70000)
ADDRESSES = st.sampled_from(
    ["10.0.1.1", "10.0.1.2", "10.0.0.0/8", "127.0.0.1", "10.0.1.0/24", "0.0.0.0"])
ADDRESSES6 = st.sampled_from(["::1", "2001:db8::1", "2001:db8::/32", "fe80::/10", "ff02::/16"])
LINK = st.sampled_from(["ff:ff:ff:ff:ff:ff", "02:00:00:00:00:01", "02:00:00:00:00:02"])
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "===", "!=="])


@cache
def sort_of(name: str) -> t.Sort | None:
    """What a field's values are; None of a protocol, or a name that no filter takes."""
    try:
        tree = compile_filter(name).tree
    except ValueError:
        return None
    return tree.operand.sort if isinstance(tree, t.Present) else None


def constant(sort: t.Sort | None) -> st.SearchStrategy[Any] | None:
    return {
        t.Sort.NUMBER: NUMBERS, t.Sort.BOOLEAN: st.sampled_from([0, 1]),
        t.Sort.IPV4: ADDRESSES, t.Sort.IPV6: ADDRESSES6, t.Sort.MAC: LINK,
    }.get(sort)  # type: ignore[arg-type]


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """One comparison, or a name by itself."""
    name = draw(st.sampled_from(names()))
    values = constant(sort_of(name))
    if values is None or draw(st.integers(0, 4)) == 0:
        return name
    if draw(st.booleans()) and sort_of(name) is t.Sort.NUMBER:
        if draw(st.booleans()):
            low = draw(NUMBERS)
            return f"{name} in {{{low} .. {low + draw(NUMBERS)}, {draw(NUMBERS)}}}"
        return f"{name} & {draw(NUMBERS)} {draw(OPERATORS)} {draw(NUMBERS)}"
    return f"{name} {draw(OPERATORS)} {draw(values)}"


FILTERS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
    ),
    max_leaves=5,
)


@settings(max_examples=200)
@given(text=FILTERS)
def test_any_filter_selects_what_matches_one_by_one(text: str) -> None:
    try:
        made = compile_filter(text)
    except ValueError:
        return  # no filter: the value does not fit the field
    held_against(text)
    picked = made.select(packets())
    assert [picked.number(i) for i in range(len(picked))] == [
        i + 1 for i, yes in enumerate(wanted(text)[1]) if yes]


# What users declare.


class Mine(Header, name="mine", follows=on("udp.port", 53)):
    """A protocol of this test, where DNS is otherwise."""

    kind: U8 = U8()
    size: U16 = U16(scale=4)
    rest: U8 = U8(when=kind.among(0, 1))


@pytest.mark.parametrize("text", ["mine", "mine.kind != 7", "mine.size > 8 and udp", "mine.size"])
def test_a_declared_header_is_selected_by_alike(text: str) -> None:
    registry = Registry([*default_registry(), Mine])
    batch = batch_of([*captured(), *captured(), *mutated(43, 1)], registry)
    made = compile_filter(text, registry)
    want = [made.matches(packet) for packet in batch]
    assert any(want)
    assert [bool(verdict) for verdict in verdicts(made, batch)] == want


def test_each_registry_has_its_own_rows() -> None:
    registry = Registry([*default_registry(), Mine])
    octets = list(captured())
    made = compile_filter("mine", registry)
    assert len(made.select(batch_of(octets, registry))) > 0
    assert len(made.select(batch_of(octets))) == 0
    assert len(made.select(batch_of(octets, registry))) > 0
