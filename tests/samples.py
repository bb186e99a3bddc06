"""Packets to try things on: of the project's captures, of the corpus, and of chance."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rawlab.batch import Batch, Interface, new_index
from rawlab.files import read
from rawlab.plugins import default_registry
from rawlab.schema import Registry

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = sorted((ROOT / "captures").glob("*.pcap*"))
CORPUS = Path(os.environ.get("RAWLAB_CORPUS", ROOT.parent / "shared" / "corpus"))
"""Captures of other projects, which are no part of this one."""

Octets = tuple[bytes, int]
"""A packet's octets, and its link type."""


def corpus_files() -> list[Path]:
    """The files of the corpus; skips the test where there is none."""
    if not CORPUS.is_dir():
        pytest.skip(f"needs the corpus of captures: {CORPUS} is missing (RAWLAB_CORPUS names it)")
    return sorted(f for f in CORPUS.rglob("*") if f.is_file() and f.suffix != ".md")


@cache
def captured() -> tuple[Octets, ...]:
    """Every packet of the project's captures."""
    return tuple((p.octets, p.linktype) for file in CAPTURES for p in read(file))


@cache
def linktypes() -> tuple[int, ...]:
    """The link types that the default registry knows."""
    values = {v for e, _ in default_registry().follows() if e.table == "linktype" for v in e.values}
    return tuple(sorted(values))


def changed(octets: bytes, chance: random.Random) -> bytes:
    """The octets with some flipped, cut off, doubled or put in."""
    work = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(work) + 1)
        match chance.randrange(6):
            case 0:
                del work[at:]
            case 1:
                work[at:at] = chance.randbytes(chance.randrange(9))
            case 2:
                del work[at : at + chance.randrange(1, 9)]
            case _ if at < len(work):
                work[at] = chance.choice((0, 1, 4, 0x45, 0x60, 0x7F, 0xFF, chance.randrange(256)))
    return bytes(work)


def mutated(seed: int, copies: int) -> Iterator[Octets]:
    """Damaged copies of the captured packets."""
    chance = random.Random(seed)
    for octets, linktype in captured():
        for _ in range(copies):
            yield changed(octets, chance), linktype


def noise(seed: int, copies: int) -> Iterator[Octets]:
    """Random octets, as frames of every link type."""
    chance = random.Random(seed)
    for linktype in linktypes():
        for _ in range(copies):
            yield chance.randbytes(chance.randrange(160)), linktype


def batch_of(packets: list[Octets], registry: Registry | None = None) -> Batch:
    """Packets in one buffer; every third has more octets on the wire than were captured."""
    index = new_index(len(packets))
    buffer = bytearray()
    for i, (octets, linktype) in enumerate(packets):
        length = len(octets) + (i % 3 == 2) * 40
        for row, value in enumerate((len(buffer), len(octets), length, i, 0, linktype)):
            index[row, i] = value
        buffer += octets
    return Batch(bytes(buffer), index, len(packets), (Interface(),), registry=registry)
