"""Packets of every kind as batches, once and over and over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import rawlab
from dissectors import UDP, Ethernet, IPv4
from rawlab.batch import Batch
from rawlab.inject import repeating
from rawlab.inject.batching import batch_of_octets, batches_of, built
from rawlab.inject.repeating import repeated
from rawlab.template import Template

DRAFTS = [IPv4(dst="10.0.0.1") / UDP(dstport=n) / (b"x" * n) for n in range(1, 8)]
OCTETS = [bytes(draft) for draft in DRAFTS]


def octets_of(batches: Iterator[Batch]) -> list[bytes]:
    """Read at each step, since a batch is valid no longer."""
    return [packet.octets for batch in batches for packet in batch]


def test_drafts_packets_and_batches_in_any_mixture() -> None:
    frame = Ethernet() / DRAFTS[0]
    packet = rawlab.Packet(OCTETS[3], linktype=101)
    mixture = [DRAFTS[0], DRAFTS[1], frame, packet, packet, built(DRAFTS), IPv4(dst="10.0.0.9")]
    batches = list(batches_of(mixture))
    wanted = [OCTETS[0], OCTETS[1], bytes(frame), OCTETS[3], OCTETS[3], *OCTETS,
              bytes(IPv4(dst="10.0.0.9") / b"")]
    assert octets_of(iter(batches)) == wanted
    assert [set(batch.linktype) for batch in batches] == [{101}, {1}, {101}, {101}, {101}]


def test_a_batch_of_several_link_types_is_taken_apart() -> None:
    mixed = batch_of_octets(OCTETS, 101)
    for position in (2, 3, 6):
        mixed.index[5, position] = 1
    parts = list(batches_of(mixed))
    assert [(len(part), set(part.linktype)) for part in parts] == [
        (2, {101}), (2, {1}), (2, {101}), (1, {1})]
    assert octets_of(iter(parts)) == OCTETS


@pytest.mark.parametrize("wrong", [b"octets", "text", [b"octets"], [5]], ids=str)
def test_what_is_no_packet_is_told(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"a draft, a packet or a batch|a Packet or a Batch"):
        list(batches_of(wrong))  # type: ignore[arg-type]


COUNTS = [
    (None, None, 7), (3, None, 3), (7, None, 7), (20, None, 20), (5000, None, 5000),
    (None, 1, 7), (None, 3, 21), (None, 500, 3500), (10, 3, 10), (100, 3, 21), (9999, 0, 9999),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["drafts", "batch", "batches", "file", "large file", "generator"])
@pytest.mark.parametrize(("count", "loop", "wanted"), COUNTS)
def test_how_often(
    kind: str, count: int | None, loop: int | None, wanted: int, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packets: object
    if kind in ("file", "large file"):
        rawlab.write(tmp_path / "x.pcapng", [built(DRAFTS)])
        packets = rawlab.read(tmp_path / "x.pcapng")
        if kind == "large file":
            monkeypatch.setattr(repeating, "REMEMBERED_OCTETS", 10)
    else:
        packets = {"drafts": DRAFTS, "batch": built(DRAFTS), "generator": (d for d in DRAFTS),
                   "batches": [built(DRAFTS[:2]), built(DRAFTS[2:])]}[kind]
    got = octets_of(repeated(packets, count, loop))  # type: ignore[arg-type]
    assert got == [OCTETS[n % 7] for n in range(wanted)]


def test_a_large_iterator_comes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "REMEMBERED_OCTETS", 10)
    with pytest.raises(ValueError, match="only once"):
        list(repeated((draft for draft in DRAFTS), None, 2))


def test_nothing_is_repeated_for_ever_without_a_packet() -> None:
    assert list(repeated([], None, 0)) == []


def test_a_template_goes_on_from_batch_to_batch() -> None:
    template = Template(DRAFTS[0], {"udp.srcport": range(5000)})
    got = octets_of(repeated(template, 3000, None))
    assert [int.from_bytes(octets[20:22]) for octets in got] == list(range(3000))
    with pytest.raises(ValueError, match="count"):
        repeated(template, None, None)


@pytest.mark.parametrize(("count", "loop"), [(0, None), (-1, None), (None, -1)])
def test_numbers_that_mean_nothing_are_refused(count: int | None, loop: int | None) -> None:
    with pytest.raises(ValueError, match="or more"):
        repeated(DRAFTS, count, loop)
