"""Merging by time, against a merge of one packet at a time."""

from __future__ import annotations

import heapq
import io
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.forging import enhanced, interface, option, pcap_head, pcap_record, section
from rawlab.batch import Batch, Interface, new_index
from rawlab.files import FileBatch, open_capture
from rawlab.files.merging import Merge

Times = Sequence[Sequence[int]]
"""The times of each batch of a source."""


def source(name: str, batches: Times) -> Iterator[Batch]:
    """Packets that hold their source's name and their place in it."""
    place = 0
    for times in batches:
        octets = bytearray()
        index = new_index(len(times))
        for i, time in enumerate(times):
            packet = f"{name}{place}".encode()
            index_rows = (len(octets), len(packet), len(packet) + 1, time, 0, 1)
            for row, value in enumerate(index_rows):
                index[row, i] = value
            octets += packet
            place += 1
        yield Batch(bytes(octets), index, len(times), (Interface(name),), registry=None)


def merged(sources: Sequence[Times]) -> list[tuple[int, bytes, str]]:
    rows = []
    number = 1
    for batch in Merge([source(chr(97 + i), times) for i, times in enumerate(sources)]):
        for i in range(batch.count):
            assert batch.number(i) == number
            number += 1
            start = batch.offset[i]
            octets = bytes(batch.octets[start : start + batch.caplen[i]])
            assert batch.length[i] == len(octets) + 1
            rows.append((batch.time_ns[i], octets, batch.interfaces[batch.interface[i]].name))
    return rows


def expected(sources: Sequence[Times]) -> list[tuple[int, bytes, str]]:
    """A heap of each source's next packet; it waits for those before it in its source."""
    streams = []
    for i, batches in enumerate(sources):
        latest, stream = -(2**62), []
        for place, time in enumerate(time for times in batches for time in times):
            latest = max(latest, time)
            stream.append((latest, i, place, time))
        streams.append(stream)
    return [(time, f"{chr(97 + i)}{place}".encode(), chr(97 + i))
            for _, i, place, time in heapq.merge(*streams)]


@given(st.lists(st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=4), max_size=4))
def test_as_one_packet_at_a_time(sources: list[list[list[int]]]) -> None:
    assert merged(sources) == expected(sources)


def test_of_equal_times_the_earlier_source_goes_first() -> None:
    rows = merged([[[5, 5], [5]], [[5]], [[4, 5]]])
    assert [row[1] for row in rows] == [b"c0", b"a0", b"a1", b"a2", b"b0", b"c1"]


def test_a_source_without_packets() -> None:
    assert merged([[], [[1]], [[], []]]) == [(1, b"b0", "b")]


def test_memory_is_a_window_of_each_source() -> None:
    taken = [0, 0]

    def endless(which: int) -> Iterator[Batch]:
        while True:
            taken[which] += 1
            yield from source("x", [range(100 * taken[which], 100 * taken[which] + 100)])

    batches = iter(Merge([endless(0), endless(1)]))
    for _ in range(50):
        next(batches)
        assert abs(taken[0] - taken[1]) <= 1


def option_block(name: str, resolution: int, big: bool = False) -> bytes:
    told = option(2, name.encode(), big) + option(9, bytes([resolution]), big)
    return interface(options=told + option(0, b"", big), big=big)


def test_files_of_all_kinds_keep_interfaces_and_comments() -> None:
    comment = option(1, b"hello") + option(0, b"")
    big_comment = option(1, b"big", True) + option(0, b"", True)
    files = (
        pcap_head() + pcap_record(b"pcap", 10, 5) + pcap_record(b"pcap too", 12),
        section() + option_block("eth0", 9) + option_block("eth1", 6)
        + enhanced(b"ng", 11 * 10**9, options=comment) + enhanced(b"ng1", 11 * 10**6 + 1, 1),
        section(True) + option_block("en0", 3, True)
        + enhanced(b"big", 11_500, options=big_comment, big=True),
    )
    merge = Merge([open_capture(io.BytesIO(octets)).batches() for octets in files])
    rows = []
    for batch in merge:
        assert isinstance(batch, FileBatch)
        for i in range(batch.count):
            packet = bytes(batch.octets[batch.offset[i] : batch.offset[i] + batch.caplen[i]])
            name = batch.interfaces[batch.interface[i]].name
            rows.append((batch.time_ns[i], packet, name, batch.comments(i)))
    s = 10**9
    assert rows == [
        (10 * s + 5000, b"pcap", "", ()),
        (11 * s, b"ng", "eth0", ("hello",)),
        (11 * s + 1000, b"ng1", "eth1", ()),
        (11 * s + s // 2, b"big", "en0", ("big",)),
        (12 * s, b"pcap too", "", ()),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_numbers_of_interfaces(count: int) -> None:
    merge = Merge([source(str(i), [[1], [2]]) for i in range(count)])
    numbers = [np.asarray(batch.interface).tolist() for batch in merge]
    assert len(merge.interfaces) == count
    assert {number for batch in numbers for number in batch} == set(range(count))
