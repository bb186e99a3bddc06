"""Drafts, packets, batches and templates as batches, for whoever sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from rawlab.batch import Batch, Interface, new_index
from rawlab.engine.records import CAPLEN, LENGTH, LINKTYPE, OFFSET
from rawlab.files import CaptureFile, grouping
from rawlab.packet import Packet
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft
from rawlab.template import Template

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

One = Draft | Header | Packet | Batch
Packets = One | Template | CaptureFile | Iterable[One]
"""What can be sent: a draft, a packet, a batch, any mixture of these, a template, a file."""

_MOST_PACKETS = 1024
"""A batch of drafts is no larger, so that the first leave before the last are built."""


def batches_of(packets: Packets) -> Iterator[Batch]:
    """Batches of the packets, in their order; each is valid until the next step.

    A batch holds packets of one link type. Of a template: its packets from the first on, without
    end. Raises TypeError for what is none of these, ValueError for a draft that cannot be built.
    """
    if isinstance(packets, Template):
        return _of_template(packets)
    if isinstance(packets, (Draft, Header)):
        return iter((built([packets]),))
    if isinstance(packets, Packet):
        packets = [packets]
    if isinstance(packets, (CaptureFile, Batch)):
        return (part for batch in grouping.batches_of(packets) for part in _uniform(batch))
    if isinstance(packets, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"a draft, a packet or a batch is wanted, not {type(packets).__name__}:"
                        " say rawlab.Packet(octets, linktype=...), or Ethernet() / ... / octets")
    return _of_mixture(packets)


def built(drafts: Iterable[Draft | Header], registry: Registry | None = None) -> Batch:
    """A batch of drafts whose outermost headers have one link type."""
    made = [draft if isinstance(draft, Draft) else Draft((draft,)) for draft in drafts]
    return batch_of_octets([bytes(draft) for draft in made], made[0].linktype, registry)


def batch_of_octets(
    packets: list[bytes], linktype: int, registry: Registry | None = None
) -> Batch:
    """A batch of packets given as octets."""
    index = new_index(len(packets))
    table = np.asarray(index)
    if packets:
        sizes = np.fromiter(map(len, packets), dtype=np.int64, count=len(packets))
        table[CAPLEN] = table[LENGTH] = sizes
        table[OFFSET] = np.cumsum(sizes) - sizes
    table[LINKTYPE] = linktype
    return Batch(b"".join(packets), index, len(packets), (Interface(linktype=linktype),), 1,
                 registry)


def _of_template(template: Template) -> Iterator[Batch]:
    first = 0
    while True:
        yield template.batch(_MOST_PACKETS, first)
        first += _MOST_PACKETS


def _of_mixture(packets: Iterable[One]) -> Iterator[Batch]:
    """Drafts that follow one another make one batch, and so do packets."""
    drafts: list[Draft] = []
    others: list[Packet | Batch] = []
    for packet in packets:
        if isinstance(packet, Header):
            packet = Draft((packet,))
        if isinstance(packet, Draft):
            yield from _grouped(others)
            if drafts and (len(drafts) >= _MOST_PACKETS or packet.linktype != drafts[0].linktype):
                yield built(drafts)
                drafts = []
            drafts.append(packet)
        else:
            if drafts:
                yield built(drafts)
                drafts = []
            others.append(packet)
            if isinstance(packet, Batch) or len(others) >= _MOST_PACKETS:
                yield from _grouped(others)
    if drafts:
        yield built(drafts)
    yield from _grouped(others)


def _grouped(others: list[Packet | Batch]) -> Iterator[Batch]:
    """Batches of packets that wait; none waits afterwards."""
    if others:
        for batch in grouping.batches_of([*others]):
            yield from _uniform(batch)
        others.clear()


def _uniform(batch: Batch) -> Iterator[Batch]:
    """A batch in parts of one link type each; as a rule itself."""
    linktypes = np.frombuffer(batch.linktype, dtype=np.int64)
    if batch.count == 0:
        return
    if (linktypes == linktypes[0]).all():
        yield batch
        return
    ends = [*(np.flatnonzero(np.diff(linktypes)) + 1).tolist(), batch.count]
    first = 0
    for end in ends:
        yield batch.pick(range(first, end))
        first = end
