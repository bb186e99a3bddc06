"""Checksums after a change: corrected by the difference alone (RFC 1624).

So a checksum that was right stays right, one that was wrong stays wrong by as much, and what was
cut away is not needed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rawlab.engine import numbers as n
from rawlab.engine.checksum import crc32c
from rawlab.schema.declaration import declaration_of
from rawlab.schema.field import Field
from rawlab.schema.tables import Tables
from rawlab.transform.places import Found, Layers, Numbers

Octets = NDArray[np.uint8]


class Changes(NamedTuple):
    """Octets that were changed, in rows that are sorted by packet."""

    packets: Numbers
    positions: Numbers
    differences: Numbers
    """What a sum of 16-bit words grows by that has the first changed octet at an even place."""
    layers: Numbers
    """The layer of a changed address that counts in pseudo headers, else -1."""

    def joined(self, other: Changes) -> Changes:
        """Both, sorted."""
        all_rows = Changes(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))
        order = np.argsort(all_rows.packets, kind="stable")
        return Changes(*(column[order] for column in all_rows))


NO_CHANGES = Changes(*(np.empty(0, dtype=np.int64) for _ in range(4)))


def changes_of(
    before: Octets, after: Octets, found: Found, octets: int, fields: list[Field[Any]],
    layers: Layers,
) -> Changes:
    """The changes of the addresses `found`, of `octets` octets each."""
    window = found.positions[:, None] + np.arange(octets)
    counting = np.array([field.pseudo for field in fields], dtype=np.bool_)[found.fields]
    difference = words(after[window]) - words(before[window])
    return Changes(
        layers.packets[found.layers], found.positions, folded(difference),
        np.where(counting, found.layers, -1),
    )


def words(rows: Octets) -> Numbers:
    """The sum of the 16-bit words of each row."""
    sums: Numbers = np.ascontiguousarray(rows).view(">u2").sum(axis=1, dtype=np.int64)
    return sums


def folded(sums: Numbers) -> Numbers:
    """Sums as ones' complement sums: 0 to 0xFFFE, negative ones too."""
    result: Numbers = sums % 0xFFFF
    return result


class Seals:
    """Corrects the checksums that cover what was changed."""

    def __init__(self, tables: Tables, fields: list[Field[Any]]) -> None:
        """`fields`: what the numbers in `Found` stand for."""
        self._fields = fields
        classes = [declaration_of(cls) for cls in tables.classes]
        self._networks = np.array([  # headers with the addresses of a pseudo header
            any(f.pseudo and (f.bits or 0) >= 32 for f in declared.fields) for declared in classes
        ])

    def correct(
        self, before: Octets, after: Octets, found: Found, changes: Changes, layers: Layers
    ) -> None:
        """Correct, in `after`, the checksums `found` for `changes`, the innermost first.

        An outer checksum may cover an inner one, whose correction is then a change too.
        """
        networks = self._network_around(layers)
        order = np.lexsort((found.positions, layers.packets[found.layers]))
        found = Found(*(column[order] for column in found))  # of each packet, outermost first
        packets = layers.packets[found.layers]
        rank = np.searchsorted(packets, packets, side="right") - 1 - np.arange(len(packets))
        for depth in range(int(rank.max(initial=-1)) + 1):
            now = np.flatnonzero(rank == depth)
            wave = Found(*(column[now] for column in found))
            corrected = self._wave(before, after, wave, changes, layers, networks)
            changes = changes.joined(corrected)

    def _network_around(self, layers: Layers) -> Numbers:
        """For each layer, the row of the network header nearest before it in its packet, or -1."""
        rows = np.arange(len(layers.rows))
        is_network = self._networks[layers.rows[:, n.L_HEADER]]
        latest = np.maximum.accumulate(np.where(is_network, rows, -1))
        before = np.concatenate([[-1], latest[:-1]])
        before[before < layers.begins[layers.packets]] = -1
        return before

    def _wave(
        self, before: Octets, after: Octets, seals: Found, changes: Changes, layers: Layers,
        networks: Numbers,
    ) -> Changes:
        """Correct one checksum of each packet at most; returns what that changed."""
        packets = layers.packets[seals.layers]
        first = np.searchsorted(changes.packets, packets)
        count = np.searchsorted(changes.packets, packets, side="right") - first
        seal = np.repeat(np.arange(len(packets)), count)
        step = np.arange(len(seal)) - np.repeat(np.cumsum(count) - count, count)
        change = first[seal] + step
        start, stop, pseudo = self._coverage(seals, layers)
        position = changes.positions[change]
        covered = (position >= start[seal]) & (position < stop[seal])
        around = networks[seals.layers][seal]
        counted = pseudo[seal] & (changes.layers[change] >= 0) & (changes.layers[change] == around)
        difference = changes.differences[change]
        odd = (position - start[seal]) & 1 == 1
        swapped = (difference >> 8) | (difference & 0xFF) << 8
        amount = np.where(covered & odd, swapped, np.where(covered | counted, difference, 0))
        total = np.bincount(seal, weights=amount, minlength=len(packets)).astype(np.int64)
        touched = np.bincount(seal, weights=covered | counted, minlength=len(packets)) > 0
        return self._renew(before, after, seals.where(touched), total[touched], layers)

    def _coverage(self, seals: Found, layers: Layers) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
        """The octets that each checksum covers, and whether a pseudo header counts."""
        rows = layers.rows[seals.layers]
        kinds = [field.seal for field in self._fields]
        only_header = np.array([kind is not None and kind.part == "header" for kind in kinds])
        pseudo = np.array([kind is not None and kind.pseudo_header for kind in kinds])
        stop = np.where(only_header[seals.fields], rows[:, n.L_END], rows[:, n.L_LIMIT])
        return rows[:, n.L_START], stop, pseudo[seals.fields]

    def _renew(
        self, before: Octets, after: Octets, seals: Found, total: Numbers, layers: Layers
    ) -> Changes:
        """Write checksums that are off by `total`; returns what that changed."""
        algorithms = [None if f.seal is None else f.seal.algorithm for f in self._fields]
        is_crc = np.array([name == "crc32c" for name in algorithms])[seals.fields]
        at, field = seals.positions[~is_crc], seals.fields[~is_crc]
        unset = np.array([-1 if f.seal is None or f.seal.unset is None else f.seal.unset
                          for f in self._fields])[field]
        stored = before[at].astype(np.int64) << 8 | before[at + 1]
        sums = 0xFFFF - stored + folded(total[~is_crc])
        value = 0xFFFF - ((sums & 0xFFFF) + (sums >> 16))
        value[value == unset] = 0xFFFF  # the other form of zero (RFC 768)
        value = np.where(stored == unset, stored, value)
        after[at], after[at + 1] = value >> 8, value & 0xFF
        crcs = seals.where(is_crc)
        for position, row in zip(crcs.positions.tolist(), layers.rows[crcs.layers], strict=True):
            _renew_crc(before, after, position, row.tolist())
        changed = [
            changes_of(before, after, seals.where(marks), octets, self._fields, layers)
            for marks, octets in ((~is_crc, 2), (is_crc, 4))
        ]
        return changed[0].joined(changed[1])


def _renew_crc(before: Octets, after: Octets, at: int, row: list[int]) -> None:
    """A CRC-32C that was right over all that it covers is made right again."""
    start, stop = row[n.L_START], row[n.L_LIMIT]
    if _crc(before, start, at, stop) == before[at : at + 4].tobytes():
        after[at : at + 4] = list(_crc(after, start, at, stop))


def _crc(octets: Octets, start: int, at: int, stop: int) -> bytes:
    """The CRC-32C of octets start..stop-1, as stored, with the four at `at` as zeros."""
    buffer = memoryview(octets)  # type: ignore[arg-type]
    value = crc32c(buffer, start, at)
    value = crc32c(bytes(4), 0, 4, value)
    return crc32c(buffer, at + 4, stop, value).to_bytes(4, "little")
