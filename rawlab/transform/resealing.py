"""Checksums computed anew over packets as they are."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

from rawlab.batch import Batch
from rawlab.checksums import Status, Verified, verify
from rawlab.engine.view import bounds_of
from rawlab.packet import Packet
from rawlab.schema.declaration import declaration_of

B = TypeVar("B", bound=Batch)
_MOST_ROUNDS = 16
"""An outer checksum may cover inner ones, and is then right only after they are."""


def resealed(batch: B) -> B:
    """The same packets with right checksums, over octets of their own.

    What cannot be told stays: a checksum over octets that were cut away, one that is not computed.
    """
    octets = bytearray(batch.octets)
    offsets = batch.offset
    for position, packet in enumerate(batch):
        _reseal(octets, offsets[position], packet)
    changed = copy(batch)
    changed._found = None
    changed.octets = memoryview(bytes(octets))
    return changed


def _reseal(octets: bytearray, offset: int, packet: Packet) -> None:
    for _ in range(_MOST_ROUNDS):
        bad = [one for one in verify(packet) if one.status is Status.BAD]
        if not bad:
            return
        at, value = _correction(bad[-1])
        octets[offset + at : offset + at + len(value)] = value
        packet = Packet(
            bytes(octets[offset : offset + packet.caplen]), length=packet.length,
            linktype=packet.linktype, registry=packet._owner.registry,
        )  # fmt: skip


def _correction(bad: Verified) -> tuple[int, bytes]:
    """Where in its packet the innermost wrong checksum lies, and what belongs there."""
    declared = declaration_of(type(bad.layer))
    field = next(field for field in declared.fields if field.name == bad.name)
    place = declared.layout.places[field]
    origin, start, _, _, _ = bounds_of(bad.layer)
    value = bad.computed or 0
    if field.seal is not None and field.seal.unset == value:
        value = 0xFFFF  # the other form of zero (RFC 768)
    return start + place.offset - origin, value.to_bytes(place.size, "big")
