"""The record loops: compiled and uncompiled alike, and never outside their range."""

from __future__ import annotations

import importlib.machinery
import importlib.util
from array import array
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.cases import CASES, Case
from files.forging import enhanced
from rawlab.batch import Interface, new_index
from rawlab.engine import records
from rawlab.files.pcapng import table_row, time_rule

SOURCE = Path(__file__).resolve().parents[2] / "rawlab" / "engine" / "records.py"


def _uncompiled() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("records_uncompiled", str(SOURCE))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


PLAIN = _uncompiled()
MOST = (1 << 63) - 1


def cells(*values: int) -> array[int]:
    return array("q", values)


def outcome(
    module: Any, kind: str, octets: bytes, start: int, end: int, capacity: int, big: bool = False
) -> object:
    """All that a loop gives."""
    index = new_index(capacity)
    state = cells(0, 0, 0)
    places = array("q", bytes(8 * capacity))
    view = memoryview(octets)
    if kind == "pcapng":
        section = cells(big, 5, 2, 1 << 24, 0)
        table = cells(1, 40, 262144, 0, 1000, MOST // 1000, 0, 101, 0, 262144, 2, 33, 0, -5)
        count = module.index_pcapng(view, start, end, index, 0, places, section, table, state)
    else:
        params = cells(big, 16, 1000, 2, 262144, 1)
        loop = module.index_pcap if kind == "pcap" else module.index_snoop
        count = loop(view, start, end, index, 0, params, state)
    return count, index.tolist(), list(places), list(state)


def test_the_constants_are_the_same() -> None:
    names = [name for name in vars(PLAIN) if name.isupper()]
    assert len(names) > 30
    assert {n: getattr(PLAIN, n) for n in names} == {n: getattr(records, n) for n in names}


@pytest.mark.parametrize("case", [c for c in CASES if len(c.octets) < 2000], ids=str)
def test_compiled_equals_uncompiled(case: Case) -> None:
    starts = {"pcap": [24], "snoop": [16], "pcapng": [0, 28, 48]}[case.kind]
    size = len(case.octets)
    for start in starts:
        for end in (size, size - 1, start, start + 11, start + 24):
            for big in (False, True):
                for capacity in (1, 4):
                    given_values = (case.kind, case.octets, start, end, capacity, big)
                    assert outcome(records, *given_values) == outcome(PLAIN, *given_values)


WORDS = st.one_of(
    st.sampled_from([0, 2, 3, 6, 11, 12, 16, 32, 36, 60, 0x7FFFFFFF, 0xFFFFFFFF]).flatmap(
        lambda n: st.sampled_from([n.to_bytes(4, "little"), n.to_bytes(4, "big")])
    ),
    st.just(enhanced(b"abc", 5)),
    st.just(enhanced(b"abc", 5, 1, big=True)),
    st.binary(max_size=8),
)


@given(
    st.sampled_from(["pcap", "pcapng", "snoop"]),
    st.lists(WORDS, max_size=30).map(b"".join),
    st.booleans(),
    st.integers(0, 40),
)
def test_random_octets(kind: str, octets: bytes, big: bool, start: int) -> None:
    start = min(start, len(octets))
    compiled: Any = outcome(records, kind, octets, start, len(octets), 5, big)
    assert compiled == outcome(PLAIN, kind, octets, start, len(octets), 5, big)
    count, index, places, state = compiled
    assert 0 <= count <= 5
    assert start <= state[records.POSITION] <= len(octets)
    for row in range(count):
        offset, caplen = index[records.OFFSET][row], index[records.CAPLEN][row]
        assert start <= offset <= offset + caplen <= len(octets)
        if kind == "pcapng":
            assert start <= places[row] < offset


@pytest.mark.parametrize("module", [records, PLAIN], ids=["compiled", "uncompiled"])
@pytest.mark.parametrize("kind", ["pcap", "pcapng", "snoop"])
def test_a_range_outside_the_octets_is_narrowed(module: Any, kind: str) -> None:
    result: Any = outcome(module, kind, bytes(100), -50, 1 << 40, 4)
    assert 0 <= result[3][records.POSITION] <= 100


TICKS = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2**63, 2**64 - 1]))
RESOLUTIONS = st.one_of(
    st.integers(0, 27).map(lambda n: 10**n), st.integers(0, 127).map(lambda n: 1 << n)
)
OFFSETS = st.one_of(st.just(0), st.integers(-(2**63), 2**63 - 1), st.integers(-(10**9), 10**9))


@given(TICKS, RESOLUTIONS, OFFSETS)
def test_times_are_exact_and_saturate(ticks: int, resolution: int, offset_s: int) -> None:
    row = table_row(Interface(resolution=resolution), offset_s)
    block = enhanced(b"abcd", ticks)
    times = []
    for module in (records, PLAIN):
        index, state, places = new_index(1), cells(0, 0, 0), cells(0)
        section = cells(0, 0, 1, 1 << 24, 0)
        view = memoryview(block)
        assert module.index_pcapng(
            view, 0, len(block), index, 0, places, section, cells(*row), state
        ) == 1  # fmt: skip
        times.append(index[records.TIME_NS, 0])
    since_offset = min(MOST, Fraction(ticks * 10**9, resolution).__floor__())
    offset_ns = max(-MOST, min(MOST, offset_s * 10**9))
    assert times == [min(MOST, since_offset + offset_ns)] * 2


def test_time_rules() -> None:
    assert time_rule(10**6) == (records.RULE_MULTIPLY, 1000, MOST // 1000)
    assert time_rule(10**12) == (records.RULE_DIVIDE, 1000, 0)
    assert time_rule(1 << 20) == (records.RULE_SHIFT, 20, 0)
