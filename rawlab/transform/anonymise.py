"""Batches whose addresses are pseudonyms."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

import numpy as np

from rawlab.batch import Batch
from rawlab.schema.tables import Tables
from rawlab.transform.places import Found, Layers, Places, layers_of
from rawlab.transform.pseudonyms import IPV4, IPV6, MAC, Pseudonyms
from rawlab.transform.seals import NO_CHANGES, Changes, Octets, Seals, changes_of

B = TypeVar("B", bound=Batch)


class Anonymiser:
    """Replaces the addresses in packets by pseudonyms, and corrects the checksums over them.

    Every field that a header declares as an IPv4, IPv6 or MAC address is replaced, in every layer:
    inside tunnels, in the packets that ICMP quotes, in ARP, in the records of DNS. Addresses that
    stand elsewhere (in text, in payloads that no declared protocol takes) stay.
    """

    def __init__(self, key: bytes) -> None:
        """`key`: 32 octets (see `pseudonyms.key_of`). OSError where a package is missing."""
        self._pseudonyms = Pseudonyms(key)
        self._tables: Tables | None = None

    def change(self, batch: B) -> B:
        """The same packets with pseudonyms, over octets of their own."""
        if self._tables is not batch.tables:
            self._tables = batch.tables
            self._places = Places(self._tables)
        before = np.frombuffer(batch.octets, dtype=np.uint8)
        after = before.copy()
        layers = layers_of(batch)
        found = self._places.find(batch, layers)
        fields = self._places.fields
        sealed = np.array([field.seal is not None for field in fields], dtype=np.bool_)
        changes = self._rename(before, after, found.where(~sealed[found.fields]), layers)
        seals = Seals(self._tables, fields)
        seals.correct(before, after, found.where(sealed[found.fields]), changes, layers)
        changed = copy(batch)
        changed.octets = memoryview(after).toreadonly()  # type: ignore[arg-type]
        changed._found = None
        return changed

    def _rename(self, before: Octets, after: Octets, found: Found, layers: Layers) -> Changes:
        """Put pseudonyms into `after`; returns what they changed."""
        fields = self._places.fields
        sizes = np.array([(field.bits or 0) // 8 for field in fields])
        changes = NO_CHANGES
        for octets in (IPV4, MAC, IPV6):
            part = found.where(sizes[found.fields] == octets)
            if len(part.positions):
                window = part.positions[:, None] + np.arange(octets)
                after[window] = self._pseudonyms.of(before[window])
                changes = changes.joined(changes_of(before, after, part, octets, fields, layers))
        return changes
