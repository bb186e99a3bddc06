"""tshark's fields against rawlab's, over whole captures and over damaged packets."""

from __future__ import annotations

import collections
import sys
from itertools import islice
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from damage import DAMAGES, damaged, write
from differences import DIFFERENCES, reason
from tshark import MOST, Cell, differing, needs_tshark

from rawlab.files import NotACapture, read
from rawlab.packet import Packet
from samples import CAPTURES, captured, corpus_files

pytestmark = needs_tshark


def unexplained(file: Path, most: int = MOST) -> tuple[int, list[tuple[Packet, Cell]]]:
    """How many cells of a file were compared, and those that differ without a reason."""
    compared, cells = differing(file, most)
    if not cells:
        return compared, []
    with read(file) as packets:
        by_number = {packet.number: packet for packet in packets}
    found = [(by_number[cell.packet], cell) for cell in cells]
    return compared, [(packet, cell) for packet, cell in found if not reason(packet, cell)]


def told(found: list[tuple[Packet, Cell]]) -> str:
    return "\n".join(f"{cell} {packet!r} {packet.octets.hex()}" for packet, cell in found[:20])


@pytest.mark.parametrize("file", CAPTURES, ids=lambda path: path.name)
def test_captures_agree(file: Path) -> None:
    compared, cells = differing(file)
    assert compared > 20
    assert cells == []


def test_the_corpus_agrees() -> None:
    total = 0
    for file in corpus_files():
        compared, found = unexplained(file)
        total += compared
        assert not found, f"{file}\n{told(found)}"
    assert total > 20_000


def by_linktype(packets: list[tuple[bytes, int]]) -> dict[int, list[bytes]]:
    kinds: dict[int, list[bytes]] = collections.defaultdict(list)
    for octets, linktype in packets:
        kinds[linktype].append(octets)
    return kinds


def corpus_packets(most: int) -> list[tuple[bytes, int]]:
    """The first packets of each capture of the corpus."""
    found: list[tuple[bytes, int]] = []
    for file in corpus_files():
        try:
            with read(file) as packets:
                found += [(p.octets, p.linktype) for p in islice(packets, most)]
        except NotACapture:
            continue
    return found


def check(packets: list[tuple[bytes, int]], kind: str, copies: int, at: Path) -> int:
    """Damages packets, compares them, and tells how many cells were compared."""
    total = 0
    for linktype, octets in by_linktype(packets).items():
        file = at / f"{linktype}-{kind}.pcap"
        write(file, damaged(octets, kind, 3, copies), linktype)
        compared, found = unexplained(file, 10**6)
        total += compared
        assert not found, told(found)
    return total


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_captures_agree(kind: str, tmp_path: Path) -> None:
    assert check(list(captured()), kind, 3, tmp_path) > 1000


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_corpus_agrees(kind: str, tmp_path: Path) -> None:
    assert check(corpus_packets(12), kind, 2, tmp_path) > 1000


def test_every_difference_has_its_own_reason() -> None:
    assert len({difference.reason for difference in DIFFERENCES}) == len(DIFFERENCES)
