"""One packet many times, with values that vary: millions of packets, as batches."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Union

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch, Interface, new_index
from rawlab.engine import repeat_codes as n
from rawlab.engine.checksum import internet_sum
from rawlab.engine.records import CAPLEN, LENGTH, LINKTYPE, OFFSET, TIME_NS
from rawlab.engine.repeat import repeat
from rawlab.schema.assembling import lay_out
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.draft import Draft
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.sealing import Laid, address_places, network_of
from rawlab.schema.tables import matrix

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

BATCH_PACKETS = 4096
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Random:
    """Values by chance, the same every time for a seed: from `least` to `most`, both included."""

    seed: int
    least: int = 0
    most: int | None = None
    """None: the most that the field holds."""


Varying = Union[range, Sequence[Any], "NDArray[Any]", Network, Random]


class Spot(NamedTuple):
    """Where a value varies: octet and octets of the word that holds it, and its bits in that."""

    at: int
    size: int
    shift: int
    bits: int


class Template:
    """A draft whose fields named in `vary` take one value after the other.

        Template(IPv4(dst="10.0.0.2") / UDP(dstport=53) / b"x", {
            "ip.src": ipaddress.ip_network("10.1.0.0/16"), "udp.srcport": range(1024, 65536)})

    A field varies over a range, a sequence of values, an array of integers, the addresses of a
    network, or by chance (`Random`); what ends begins again. `ip.src#2` is the field of the second
    such header. Checksums are right; a given one stays. Lengths do not vary.
    """

    def __init__(
        self, draft: Draft | Header, vary: Mapping[str, Varying], *,
        registry: Registry | None = None,
    ) -> None:
        """KeyError for a field that no header of the draft has, ValueError for wrong values."""
        self.draft = draft if isinstance(draft, Draft) else Draft((draft,))
        self.registry = registry
        self.interface = Interface(linktype=self.draft.linktype)
        octets, laid = lay_out(self.draft)
        self._sources: list[_Source] = []
        spots: list[Spot] = []
        fields: set[tuple[int, Field[Any]]] = set()
        for name, values in vary.items():
            layer, field = find_field(laid, name)
            spots += spots_of(laid[layer], field)
            fields.add((layer, field))
            self._sources.append(_Source(name, field, values))
        blank = bytearray(octets)
        for spot in spots:
            kept = ~(((1 << spot.bits) - 1) << spot.shift)
            word = int.from_bytes(blank[spot.at : spot.at + spot.size])
            blank[spot.at : spot.at + spot.size] = (
                word & kept & (1 << 8 * spot.size) - 1).to_bytes(spot.size)
        sums, parts = _sums(laid, blank, spots, fields)
        self.octets = bytes(blank)
        """The packet, with zeros where values vary."""
        self._places = matrix(
            [[s.at, s.size, s.shift, (1 << s.bits) - 1 if s.bits < 64 else -1] for s in spots],
            n.PLACE_COLUMNS)
        self._sums = matrix(sums, n.SUM_COLUMNS)[: len(sums)]
        self._parts = matrix(parts, n.PART_COLUMNS)[: len(parts)]

    def batch(self, count: int, first: int = 0, *, time_ns: int = 0, gap_ns: int = 0) -> Batch:
        """Packets first..first+count-1, from 0 on; `gap_ns` from one to the next."""
        rows = [row for source in self._sources for row in source.rows(first, count)]
        values = np.stack(rows) if rows else np.zeros((0, max(count, 1)), dtype=np.uint64)
        size = len(self.octets)
        out = bytearray(size * count)
        repeat(self.octets, self._places, memoryview(values), self._sums, self._parts,  # type: ignore[arg-type]
               count, out)
        index = new_index(count)
        table = np.asarray(index)
        table[OFFSET, :count] = np.arange(count) * size
        table[CAPLEN] = table[LENGTH] = size
        table[TIME_NS, :count] = time_ns + np.arange(first, first + count) * gap_ns
        table[LINKTYPE] = self.interface.linktype
        return Batch(out, index, count, (self.interface,), first + 1, self.registry)

    def batches(
        self, count: int, *, size: int = BATCH_PACKETS, time_ns: int = 0, gap_ns: int = 0
    ) -> Iterator[Batch]:
        """`count` packets, in batches of `size`."""
        for first in range(0, count, size):
            yield self.batch(min(size, count - first), first, time_ns=time_ns, gap_ns=gap_ns)


class _Source:
    """The values of one field, as what stands on the wire."""

    def __init__(self, name: str, field: Field[Any], values: Varying) -> None:
        self.name = name
        self.bits = field.bits or 0
        self._random = values if isinstance(values, Random) else None
        self._wide: list[int] = []
        self._first, self._step, self._count = 0, 1, 0
        self._array: NDArray[np.uint64] | None = None
        if isinstance(values, (ipaddress.IPv4Network, ipaddress.IPv6Network)):
            self._first, self._count = int(values.network_address), values.num_addresses
        elif isinstance(values, range) and isinstance(field, Number) and field.scale == 1:
            self._first, self._step, self._count = values.start, values.step, len(values)
            for end in (values[:1], values[-1:]):
                for value in end:
                    field.wire(value)
        elif not isinstance(values, Random):
            self._take([*values], field)
        else:
            self._most = (1 << self.bits) - 1 if values.most is None else values.most
            for value in (values.least, self._most):
                if not 0 <= value < 1 << self.bits:
                    raise ValueError(f"{name}: {value} is not within {self.bits} bits")
        if self._random is None and self._count == 0:
            raise ValueError(f"{name}: there is no value to take")

    def _take(self, values: list[Any], field: Field[Any]) -> None:
        self._count = len(values)
        if isinstance(field, Number):
            self._array = np.array([field.wire(value) for value in values], dtype=np.uint64)
        else:
            self._wide = [int.from_bytes(field.encode(value)) for value in values]

    def rows(self, first: int, count: int) -> list[NDArray[np.uint64]]:
        """The values of packets first..first+count-1; of 128 bits, two rows of 64."""
        if self._random is not None:
            return self._chance(first, count)
        if self._array is not None:
            return [self._array[np.arange(first, first + count) % self._count]]
        if self.bits <= 64:
            steps = np.arange(first, first + count) % self._count
            return [(self._first + steps * self._step).astype(np.uint64)]
        numbers = [
            self._wide[i % self._count] if self._wide else self._first + i % self._count
            for i in range(first, first + count)
        ]
        low = (1 << 64) - 1
        return [np.array([number >> 64 for number in numbers], dtype=np.uint64),
                np.array([number & low for number in numbers], dtype=np.uint64)]

    def _chance(self, first: int, count: int) -> list[NDArray[np.uint64]]:
        assert self._random is not None
        rows = []
        for half in range(1 if self.bits <= 64 else 2):
            generator = np.random.Philox(key=[self._random.seed, half])
            generator.advance(first // 4)
            drawn = generator.random_raw(count + first % 4)[first % 4 :].astype(np.uint64)
            span = self._most - self._random.least + 1
            if self.bits <= 64 and span < 1 << 64:
                drawn = drawn % np.uint64(span) + np.uint64(self._random.least)
            rows.append(drawn)
        return rows


def find_field(laid: Sequence[Laid], name: str) -> tuple[int, Field[Any]]:
    """The layer and the field that a dotted name means; KeyError where there is none."""
    base, _, number = name.partition("#")
    left = int(number) if number.isdecimal() else 1
    for i, layer in enumerate(laid):
        declared = declaration_of(layer.header)
        for attribute, field in declared.by_attribute.items():
            if base not in (field.name, f"{declared.name}.{attribute}"):
                continue
            left -= 1
            if left == 0:
                return i, field
            break
    names = ", ".join(declaration_of(layer.header).name for layer in laid)
    raise KeyError(f"no field {name!r} in a packet of {names}")


def spots_of(layer: Laid, field: Field[Any]) -> list[Spot]:
    """Where a field stands; ValueError where it is not there as an integer or an address."""
    if isinstance(field, Number):
        below = field if field.over is None else field.over
        begin = layer.built.bits.get(below)
        if begin is not None and field.bits:
            begin += 8 * layer.start + (field.bit if field.over is not None else 0)
            first, last = begin // 8, (begin + field.bits + 7) // 8
            if last - first <= 8:
                return [Spot(first, last - first, 8 * last - begin - field.bits, field.bits)]
    place = declaration_of(layer.header).layout.places.get(field)
    if place is not None and place.size == 16:
        at = layer.start + place.offset
        return [Spot(at, 8, 0, 64), Spot(at + 8, 8, 0, 64)]
    raise ValueError(f"{field.name} cannot vary: it is no integer or address at a place of its own")


def _sums(
    laid: list[Laid], octets: bytearray, spots: list[Spot], given: set[tuple[int, Field[Any]]]
) -> tuple[list[list[int]], list[list[int]]]:
    """Rows of the checksums, the innermost first, and of what varies in each."""
    blanks = [
        (i, layer.start + blank.offset, blank)
        for i, layer in reversed([*enumerate(laid)]) for blank in layer.built.blanks
        if not any(i == number and field.seal is blank.seal for number, field in given)
    ]
    for _, at, blank in blanks:
        octets[at : at + blank.size] = bytes(blank.size)
    slots = [*spots]
    sums: list[list[int]] = []
    parts: list[list[int]] = []
    for i, at, blank in blanks:
        layer, seal = laid[i], blank.seal
        end = layer.end if seal.part == "header" else layer.limit
        first = len(parts)
        static = 0
        if seal.pseudo_header:
            network, announced = network_of(laid, i), laid[i - 1].built.announced if i else None
            if network is None or announced is None:
                continue
            length = end - layer.start
            static = announced + (length & 0xFFFF) + (length >> 16)
            for place in address_places(network.header):
                start = network.start + place.offset
                static += internet_sum(octets, start, start + place.size)
                parts += _parts(slots, start, start + place.size)
        static = internet_sum(octets, layer.start, end, static)
        parts += _parts(slots, layer.start, end)
        unset = -1 if seal.unset is None else seal.unset
        sums.append([at, static, unset, first, len(parts) - first,
                     int(seal.algorithm == "crc32c"), layer.start, end])
        slots.append(Spot(at, blank.size, 0, 8 * blank.size))
    return sums, parts


def _parts(slots: list[Spot], start: int, end: int) -> list[list[int]]:
    """What varies in octets start..end-1, and how far it is lifted within words of 16 bits."""
    return [[i, -(8 * (spot.at + spot.size - start) - spot.shift) % 16]
            for i, spot in enumerate(slots) if start <= spot.at < end]
