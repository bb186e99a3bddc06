"""Records made anew: shorter packets, other times, other options, in both byte orders."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from files.forging import (
    block,
    enhanced,
    interface,
    obsolete,
    option,
    pcap_head,
    pcap_record,
    section,
    simple,
)
from rawlab.batch import Batch
from rawlab.files import FileBatch, open_capture
from rawlab.files.blocks import Options
from rawlab.files.packet_blocks import as_blocks
from rawlab.files.rewriting import cut_short, shifted, with_comments, with_options

A, B, C = bytes(range(60)), bytes(range(100, 161)), b"abc"
NANO = b"\x09"


def read(octets: bytes, blocks: bool = False) -> FileBatch:
    """The packets of a file that makes one batch."""
    (batch,) = open_capture(io.BytesIO(octets)).batches(blocks=blocks)
    return batch


def head(big: bool) -> bytes:
    """A section with an interface of nanoseconds, and one of microseconds."""
    fine = option(9, NANO, big) + option(0, b"", big)
    return section(big) + interface(options=fine, big=big) + interface(big=big)


def capture(big: bool = False) -> bytes:
    """Packets of every kind of block."""
    told = option(1, b"first", big) + option(2, struct.pack(">I" if big else "<I", 9), big)
    told += option(0, b"", big)
    return head(big) + b"".join((
        enhanced(A, 5_000_000_000, options=told, big=big),
        enhanced(B, 7_000_001, interface_id=1, length=99, big=big),
        simple(C, big=big),
        obsolete(A, 8, drops=3, big=big),
        enhanced(b"", 9, options=option(1, b"last", big) + option(0, b"", big), big=big),
    ))  # fmt: skip


def written(batch: Batch, big: bool) -> FileBatch:
    """The batch read from a file with just its records in it."""
    assert isinstance(batch, FileBatch)
    records = b"".join(bytes(batch.record(row)) for row in range(batch.count))
    again = read(head(big) + records)
    assert told(again) == told(batch)
    return again


def told(batch: Batch) -> list[tuple[bytes, int, int, int]]:
    octets = memoryview(batch.octets)
    return [
        (bytes(octets[o : o + c]), length, time, interface)
        for o, c, length, time, interface in zip(
            batch.offset, batch.caplen, batch.length, batch.time_ns, batch.interface, strict=True)
    ]


def options(batch: FileBatch) -> list[Options]:
    return [batch.options(row) for row in range(batch.count)]


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("most", [0, 1, 3, 59, 60])
def test_shorter_packets_keep_all_else(big: bool, most: int) -> None:
    batch = read(capture(big))
    before, had = told(batch), options(batch)
    short = written(cut_short(batch, np.full(5, most)), big)
    assert told(short) == [(octets[:most], *rest) for octets, *rest in before]
    assert options(short) == had
    assert told(batch) == before


def test_packets_that_are_short_enough_stay_as_they_are() -> None:
    batch = read(capture())
    assert cut_short(batch, np.full(5, 61)) is batch


def test_shorter_packets_of_a_pcap_file() -> None:
    batch = read(pcap_head() + pcap_record(A) + pcap_record(B, length=70))
    short = cut_short(batch, np.array([5, 61]))
    assert [row[:2] for row in told(short)] == [(A[:5], 60), (B, 70)]
    assert not isinstance(short, FileBatch), "there are no records of this length to copy"


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("shift_ns", [0, 1_000_000_000, 3_600_000_000_000, -5_000_000, -(10**18)])
def test_other_times(big: bool, shift_ns: int) -> None:
    batch = read(capture(big))
    late = written(shifted(batch, shift_ns), big)
    for before, after, row in zip(told(batch), told(late), range(5), strict=True):
        assert (before[:2], before[3]) == (after[:2], after[3])
        timeless = row == 2  # simple packets have no time
        assert after[2] == (before[2] if timeless else max(0, before[2] + shift_ns))
    assert options(late) == options(batch)


def test_other_times_of_a_pcap_file() -> None:
    batch = read(pcap_head() + pcap_record(A, 100, 5))
    assert told(shifted(batch, -1_000_000_001))[0][2] == 99_000_004_999
    assert told(shifted(batch, -(10**12)))[0][2] == 0


@pytest.mark.parametrize("big", [False, True])
def test_comments(big: bool) -> None:
    batch = read(capture(big))
    before = options(batch)
    changes = {
        0: with_comments(before[0], ("new",), keep=False),
        1: with_comments(before[1], ("ein", "zw\u00f6lf"), keep=True),
        2: with_comments(before[2], ("simple",), keep=True),
        4: with_comments(before[4], (), keep=False),
    }
    changed = written(with_options(batch, changes), big)
    assert told(changed) == told(batch)
    assert [changed.comments(row) for row in range(5)] == [
        ("new",), ("ein", "zw\u00f6lf"), ("simple",), (), ()]
    assert changed.options(0)[1:] == before[0][1:], "the flags are still there"


def test_a_comment_has_a_longest_length() -> None:
    with pytest.raises(ValueError, match="65536 octets"):
        with_options(read(capture()), {0: ((1, bytes(65536)),)})


def test_kept_blocks_stay_where_they_are() -> None:
    batch = read(head(False) + enhanced(A) + block(0x0BAD, b"custom") + enhanced(B), blocks=True)
    rows = [kept.row for kept in batch.origin.kept]
    short = cut_short(batch, np.full(2, 4))
    assert isinstance(short, FileBatch)
    assert [kept.row for kept in short.origin.kept] == rows


@pytest.mark.parametrize("big", [False, True])
def test_as_little_endian_blocks(big: bool) -> None:
    batch = read(capture(big))
    made = written(as_blocks(batch), False) if not big else as_blocks(batch)
    rows = [row[:2] for row in told(batch)]
    assert [row[:2] for row in told(made)] == rows
    assert [row[2:] for row in told(made)] == [row[2:] for row in told(batch)]
    assert made.origin.big_endian is False
    assert made.options(0) == ((1, b"first"), (2, struct.pack("<I", 9)))
    assert made.options(3) == ((4, struct.pack("<Q", 3)),)
    assert made.comments(4) == ("last",)
    again = read(head(False) + b"".join(bytes(made.record(row)) for row in range(5)))
    assert [row[:3] for row in told(again)] == [row[:3] for row in told(batch)]


@pytest.mark.parametrize("resolution", [b"\x06", b"\x09", b"\x0c", b"\x00", b"\x8a", b"\xbf"])
def test_blocks_of_pcap_times(resolution: bytes) -> None:
    fine = option(9, resolution) + option(0, b"")
    batch = read(section() + interface(options=fine) + simple(A))
    plain = Batch(batch.octets, batch.index, 1, batch.interfaces)
    few = resolution in (b"\x0c", b"\xbf")  # 64 bits of such ticks end before our time
    plain.time_ns[0] = 10**9 if few else 1_700_000_000 * 10**9
    again = read(section() + interface(options=fine) + bytes(as_blocks(plain).record(0)))
    assert again.time_ns[0] == plain.time_ns[0]
