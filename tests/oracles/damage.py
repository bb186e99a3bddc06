"""Damaged packets from whole ones: cut, or with octets changed, always in the same way."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

MAGIC_NS = 0xA1B23C4D
HEADERS = 90
"""Octets of a packet that are likely to be headers."""
EDGES = (0, 1, 4, 7, 8, 15, 16, 0x45, 0x60, 0x7F, 0x80, 0xFF)


def cut(octets: bytes, random: random.Random, copies: int) -> Iterator[tuple[bytes, int]]:
    """The packet captured in part: its octets, and its length on the wire."""
    for _ in range(copies):
        yield octets[: random.randrange(min(len(octets), HEADERS) + 1)], len(octets)


def shortened(octets: bytes, random: random.Random, copies: int) -> Iterator[tuple[bytes, int]]:
    """The packet cut before it was captured."""
    for captured, _ in cut(octets, random, copies):
        yield captured, len(captured)


def flipped(octets: bytes, random: random.Random, copies: int) -> Iterator[tuple[bytes, int]]:
    """The packet with one to three octets of its headers changed."""
    for _ in range(copies if octets else 0):
        changed = bytearray(octets)
        for _ in range(random.randint(1, 3)):
            at = random.randrange(min(len(octets), HEADERS))
            changed[at] = random.choice((random.randrange(256), random.choice(EDGES)))
        yield bytes(changed), len(changed)


DAMAGES = {"cut": cut, "shortened": shortened, "flipped": flipped}


def damaged(packets: Iterable[bytes], kind: str, seed: int, copies: int) -> list[tuple[bytes, int]]:
    """Copies of packets, damaged: octets, and length on the wire."""
    chance = random.Random(f"{kind} {seed}")
    return [copy for octets in packets for copy in DAMAGES[kind](octets, chance, copies)]


def write(file: Path, packets: Iterable[tuple[bytes, int]], linktype: int) -> None:
    """Write a pcap file of packets a millisecond apart."""
    parts = [struct.pack("<IHHiIII", MAGIC_NS, 2, 4, 0, 0, 262144, linktype)]
    for number, (octets, length) in enumerate(packets):
        parts += [struct.pack("<IIII", number // 1000, number % 1000 * 10**6, len(octets), length)]
        parts += [octets]
    file.write_bytes(b"".join(parts))
