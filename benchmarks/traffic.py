"""Made-up traffic: a mix of packets between a few hundred hosts, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks import headers, wire
from benchmarks.headers import Kind, Span

CHUNK = 20_000
"""Packets made at once. A chunk depends on the seed and its number only, so that a short capture
is the beginning of a long one."""
START_S = 1_700_000_000
MINIMUM_FRAME = 60
LARGEST_FRAME = 1514
Sizes = NDArray[np.int64]


@dataclass(frozen=True)
class Mix:
    """Kinds of packets with their weights, and how long they are."""

    kinds: tuple[Kind, ...]
    small: bool
    """Frames of 60 to 90 octets; else a mean of 600 octets."""
    seed: int

    def chunks(self, packets: int) -> Iterator[bytes]:
        """The pcap records of `packets` packets, a chunk at a time."""
        for number in range((packets + CHUNK - 1) // CHUNK):
            random = np.random.default_rng((self.seed, number))
            records, count = _records(self, random, number)
            wanted = min(CHUNK, packets - number * CHUNK)
            yield records if wanted == CHUNK else records[: count[wanted]]


def file_header() -> bytes:
    """A pcap file's header: little-endian, microseconds, Ethernet."""
    return np.array((0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1), wire.FILE).tobytes()


def _records(mix: Mix, random: Generator, number: int) -> tuple[bytes, Sizes]:
    """One chunk of pcap records, and where in it each record begins."""
    weights = np.array([kind.weight for kind in mix.kinds])
    kind_of = random.choice(len(mix.kinds), CHUNK, p=weights / weights.sum())
    content = _content(mix, random, kind_of)
    frame = np.maximum(content, MINIMUM_FRAME)
    begins = np.concatenate(([0], np.cumsum(frame + wire.RECORD.itemsize)))
    octets = np.frombuffer(bytearray(random.bytes(int(begins[-1]))), np.uint8)
    wire.put(octets, begins[:-1], _record_headers(random, number, frame))
    starts = begins[:-1] + wire.RECORD.itemsize
    short = starts[content < MINIMUM_FRAME]
    octets[short[:, None] + np.arange(MINIMUM_FRAME)] = 0
    spans = []
    for place, kind in enumerate(mix.kinds):
        rows = np.flatnonzero(kind_of == place)
        spans.append(Span(kind, starts[rows], starts[rows] + content[rows]))
        headers.write(spans[-1], octets, random)
    sums = wire.WordSums(octets)
    for span in spans:
        headers.seal(span, octets, sums)
    return octets.tobytes(), begins


def _content(mix: Mix, random: Generator, kind_of: NDArray[np.int64]) -> Sizes:
    """Octets of each frame before it is padded: at least its headers."""
    least = np.array([kind.size for kind in mix.kinds])[kind_of]
    fixed = np.array([kind.fixed for kind in mix.kinds])[kind_of]
    if mix.small:
        sizes = random.integers(np.minimum(least, 90), 91)
    else:
        groups = (
            random.integers(54, 100, CHUNK),
            np.full(CHUNK, LARGEST_FRAME),
            random.integers(100, 1100, CHUNK),
        )
        sizes = np.choose(random.choice(3, CHUNK, p=(0.48, 0.31, 0.21)), groups)
    return np.where(fixed, least, np.maximum(sizes, least))


def _record_headers(random: Generator, number: int, frame: Sizes) -> wire.Records:
    """A packet every ten microseconds or so, and never back in time."""
    gaps_us = np.minimum(random.exponential(9, CHUNK).astype(np.int64), 250)
    time_us = number * CHUNK * 10 + np.cumsum(gaps_us) * CHUNK * 10 // max(1, int(gaps_us.sum()))
    records = np.zeros(CHUNK, wire.RECORD)
    records["s"] = START_S + time_us // 1_000_000
    records["us"] = time_us % 1_000_000
    records["caplen"] = records["len"] = frame
    return records
