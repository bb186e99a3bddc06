"""Damaged and hostile files are read whole: no exception, no hang, in bounded memory."""

from __future__ import annotations

import io
import random
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from rawlab.files import NotACapture, read
from rawlab.packet import Packet
from rawlab.schema import FieldValue, field_values
from rawlab.text.dump import DumpForm
from rawlab.text.line import LineForm, LinePrinter
from rawlab.text.paint import Paint
from rawlab.text.times import Clock
from rawlab.text.tree import TreePrinter
from samples import CAPTURES, corpus_files

STEP = 97
CUTS = 40
"""Places of each file at which it is cut, at the most."""
FLIPS = 3
PACKETS = 150
"""Packets of each file that are read to their last field, at the most."""
SECONDS = 20
MEMORY = 48 << 20

DUMP = DumpForm()


def count(values: tuple[FieldValue, ...]) -> int:
    """How many values there are, each of them printed."""
    total = len(values)
    for value in values:
        assert isinstance(value.field.describe(value.value), str)
        total += sum(count(item.items) for item in value.items)
    return total


def tell(packet: Packet) -> int:
    """Reads everything of a packet."""
    found = sum(count(field_values(layer)) for layer in packet.layers)
    return found + len(packet.faults) + len(packet.payload) + len(packet.trailer)


def read_whole(octets: bytes, fully: int) -> int:
    """Reads all packets of a file, the last `fully` of them in all ways; tells how many."""
    packets = 0
    try:
        file = read(io.BytesIO(octets))
    except NotACapture:
        return 0
    with file:
        line = LinePrinter(Clock(), Paint(), LineForm(link_header=True, number=True), DUMP)
        tree = TreePrinter(Clock(), Paint(), DUMP)
        for batch in file.batches():
            assert len(list(batch.caplen)) == len(batch)
            for packet in list(batch)[-fully:]:
                tell(packet)
            packets += len(batch)
            if len(batch) <= fully:
                for printer in (line, tree):
                    assert all(isinstance(t, str) for t in printer.texts(batch, len(batch)))
            else:
                assert "".join(tree.tree(batch[-1]))
                assert "".join(line.texts(batch, fully))
        assert file.cut is None or 0 <= file.cut.offset <= len(octets)
    return packets


def cuts(octets: bytes, chance: random.Random) -> Iterator[bytes]:
    places = range(0, len(octets), STEP)
    for place in sorted(chance.sample(places, min(CUTS, len(places)))):
        yield octets[:place]


def flips(octets: bytes, chance: random.Random) -> Iterator[bytes]:
    for share in (0.0005, 0.005, 0.05)[:FLIPS]:
        work = bytearray(octets)
        for _ in range(max(1, int(len(work) * share))):
            work[chance.randrange(len(work))] = chance.randrange(256)
        yield bytes(work)


def check(file: Path) -> None:
    octets = file.read_bytes()
    chance = random.Random(file.name)
    began = time.monotonic()
    whole = read_whole(octets, PACKETS)
    before = 0
    for part in cuts(octets, chance):
        found = read_whole(part, 2)
        assert before <= found <= whole, "a longer part has fewer packets"
        before = found
    for damaged in flips(octets, chance):
        read_whole(damaged, PACKETS)
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("file", CAPTURES, ids=lambda path: path.name)
def test_damaged_captures(file: Path) -> None:
    check(file)


def test_the_corpus() -> None:
    files = corpus_files()
    assert len(files) > 20
    for file in files:
        check(file)


def test_memory_is_bounded() -> None:
    """A file of a thousand hostile packets takes no more than its batches do."""
    chance = random.Random(5)
    file = max(CAPTURES, key=lambda path: path.stat().st_size)
    damaged = next(flips(file.read_bytes(), chance))
    read_whole(damaged, 10)
    tracemalloc.start()
    for _ in range(3):
        read_whole(damaged, 10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY


@pytest.mark.parametrize("count", [0xFFFF, 0x7FFF])
def test_a_packet_that_promises_more_than_it_has(count: int) -> None:
    """Counts and lengths in DNS that nobody could fulfil are a fault, and cost little."""
    message = b"\0\1\1\0" + count.to_bytes(2) * 4 + b"\xc0\x0c\0\1\0\1" * 2000
    udp = b"\0\x35\0\x35" + (len(message) + 8).to_bytes(2) + b"\0\0" + message
    ip = b"\x45\0" + (len(udp) + 20).to_bytes(2) + b"\0\0\0\0\x40\x11\0\0" + bytes(8) + udp
    began = time.monotonic()
    packet = Packet(ip, linktype=228)
    assert packet.faults
    assert tell(packet) > 0
    assert time.monotonic() - began < 3
