"""Picking packets out of a batch."""

from __future__ import annotations

from pathlib import Path

import pytest

from rawlab.columns import columns
from rawlab.files import read
from rawlab.files.file_batch import FileBatch
from rawlab.plugins import default_registry

CAPTURES = Path(__file__).resolve().parent.parent / "captures"


def first_batch(name: str) -> FileBatch:
    with read(CAPTURES / name) as capture:
        return next(capture.batches())


def test_picked_packets_keep_octets_numbers_and_records() -> None:
    batch = first_batch("dns.pcap")
    picked = batch.pick([3, 1])
    assert [packet.number for packet in picked] == [4, 2]
    assert [packet.octets for packet in picked] == [batch[3].octets, batch[1].octets]
    assert [packet.time_ns for packet in picked] == [batch[3].time_ns, batch[1].time_ns]
    assert bytes(picked.record(0)) == bytes(batch.record(3))


def test_what_was_picked_can_be_picked_from_again() -> None:
    picked = first_batch("dns.pcap").pick([5, 3, 1]).pick([2, 0])
    assert [packet.number for packet in picked] == [2, 6]
    assert [packet.number for packet in picked.keep()] == [2, 6]


def test_nothing_picked_is_an_empty_batch() -> None:
    assert list(first_batch("dns.pcap").pick([])) == []


def test_a_position_outside_is_refused() -> None:
    batch = first_batch("dns.pcap")
    for wrong in (-1, len(batch)):
        with pytest.raises(IndexError, match="of"):
            batch.pick([wrong])


def test_a_column_gives_the_numbers_of_picked_packets() -> None:
    batch = first_batch("dns.pcap")
    found = columns(iter([batch.pick([4, 2]), batch.pick([0])]), ("frame.number",),
                    default_registry())
    assert found["frame.number"].tolist() == [5, 3, 1]
