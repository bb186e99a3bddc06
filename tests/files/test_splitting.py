"""Splitting: every packet goes to one file, in order, and each file obeys the rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.batch import Batch, Interface, new_index
from rawlab.files.splitting import (
    SplitByPackets,
    SplitBySize,
    SplitByTime,
    numbered,
    record_octets,
)

S = 10**9
HEAD = 40
"""Octets before the first packet of a file, but for interfaces."""
INTERFACE = 40


class Lines:
    """A file that remembers what it was given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.octets = HEAD
        self.times: list[int] = []
        self.described = False
        self.closed = False

    def write(self, batch: Batch) -> None:
        assert not self.closed
        self.times += list(batch.time_ns)
        if batch.count and not self.described:
            self.described = True
            self.octets += INTERFACE
        self.octets += int(record_octets(batch).sum())

    def close(self) -> None:
        self.closed = True


class Folder:
    """The files that a split opened."""

    def __init__(self) -> None:
        self.files: list[Lines] = []

    def open(self, word: str) -> Lines:
        assert all(file.closed for file in self.files), "one is open at a time"
        self.files.append(Lines(word))
        return self.files[-1]


def batches(counts: list[int], step_ns: int = S, size: int = 10) -> list[Batch]:
    """Packets at 0, step, 2 * step, ..."""
    made, number = [], 0
    for count in counts:
        index = new_index(count)
        for i in range(count):
            for row, value in enumerate((0, size, size, number * step_ns, 0, 1)):
                index[row, i] = value
            number += 1
        made.append(Batch(bytes(size), index, count, (Interface(),)))
    return made


COUNTS = st.lists(st.integers(0, 12), max_size=6)


@given(COUNTS, st.integers(1, 15))
def test_by_packets(counts: list[int], most: int) -> None:
    folder = Folder()
    split = SplitByPackets(folder.open, most)
    for batch in batches(counts):
        split.write(batch)
    split.close()
    times = [time for file in folder.files for time in file.times]
    assert times == [i * S for i in range(sum(counts))]
    assert [len(file.times) for file in folder.files[:-1]] == [most] * (len(folder.files) - 1)
    assert all(len(file.times) <= most for file in folder.files)
    assert all(file.closed for file in folder.files)
    assert [file.name for file in folder.files] == [
        f"{i + 1:05}" for i in range(len(folder.files))]


@given(COUNTS, st.integers(1, 400))
def test_by_size(counts: list[int], most: int) -> None:
    folder = Folder()
    split = SplitBySize(folder.open, most)
    for batch in batches(counts):
        split.write(batch)
    split.close()
    times = [time for file in folder.files for time in file.times]
    assert times == [i * S for i in range(sum(counts))]
    record = 44
    fit = max(1, (most - HEAD - INTERFACE) // record)
    assert [len(file.times) for file in folder.files[:-1]] == [fit] * (len(folder.files) - 1)
    assert all(len(file.times) <= fit for file in folder.files)


@given(COUNTS, st.integers(1, 9), st.integers(S // 10, 3 * S))
def test_by_time(counts: list[int], seconds: int, step_ns: int) -> None:
    folder = Folder()
    split = SplitByTime(folder.open, seconds)
    for batch in batches(counts, step_ns):
        split.write(batch)
    split.close()
    times = [time for file in folder.files for time in file.times]
    assert times == [i * step_ns for i in range(sum(counts))]
    periods = [{time // (seconds * S) for time in file.times} for file in folder.files]
    assert all(len(period) == 1 for period in periods if period)
    assert len({min(period) for period in periods if period}) == len([p for p in periods if p])


def test_a_late_packet_goes_into_the_file_that_is_open() -> None:
    folder = Folder()
    split = SplitByTime(folder.open, 10)
    (batch,) = batches([4])
    for i, second in enumerate((0, 11, 3, 12)):
        batch.time_ns[i] = second * S
    split.write(batch)
    split.close()
    assert [file.times for file in folder.files] == [[0], [11 * S, 3 * S, 12 * S]]


@pytest.mark.parametrize(
    ("name", "with_word"),
    [
        ("out.pcapng", "out-7.pcapng"),
        ("a.b/out.pcap.gz", "a.b/out-7.pcap.gz"),
        ("out", "out-7"),
        (".hidden", ".hidden-7"),
    ],
)
def test_names(name: str, with_word: str) -> None:
    assert numbered(name, "7") == with_word
