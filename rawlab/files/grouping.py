"""Packets, batches and whole sources as batches, for whoever writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rawlab.batch import Batch, Interface, new_index
from rawlab.engine.records import INTERFACE, LINKTYPE, ROWS
from rawlab.files.capture_file import CaptureFile
from rawlab.files.file_batch import FileBatch

if TYPE_CHECKING:
    from rawlab.packet import Packet

Packets = CaptureFile | Iterable["Packet | Batch"]
"""A capture file, or packets and batches in any mixture."""

_MOST_PACKETS = 4096
_MOST_OCTETS = 1 << 22


def batches_of(packets: Packets) -> Iterator[Batch]:
    """Batches of the packets, in their order; each is valid until the next step.

    Of a pcapng file the blocks without packets come along. Raises TypeError for what is neither
    packet nor batch.
    """
    from rawlab.packet import Packet

    if isinstance(packets, (Batch, Packet)):
        return _grouped((packets,))
    if not isinstance(packets, Iterable):
        raise TypeError(f"packets or batches are wanted, not {type(packets).__name__}")
    batches = getattr(packets, "batches", None)
    if batches is None:
        return _grouped(packets)
    found: Iterator[Batch] = (
        batches() if file_of(packets) is None else batches(reuse=True, blocks=True)
    )
    return found


def file_of(packets: object) -> CaptureFile | None:
    """The capture file that packets come from: itself, or what `where` was asked of."""
    while packets is not None and not isinstance(packets, CaptureFile):
        packets = getattr(packets, "source", None)
    return packets


def _grouped(packets: Iterable[Packet | Batch]) -> Iterator[Batch]:
    from rawlab.packet import Packet

    group = Group()
    try:
        for packet in packets:
            if isinstance(packet, Packet):
                if not group.takes(packet):
                    yield from group.batches()
                group.add(packet)
            elif isinstance(packet, Batch):
                yield from group.batches()
                yield packet
            else:
                raise TypeError(
                    f"a Packet or a Batch is wanted, not {type(packet).__name__}"
                    " (rawlab.Packet(bytes(...)) makes a packet of octets)"
                )
    except GeneratorExit:
        raise
    except BaseException:
        yield from group.batches()  # what was taken is given first
        raise
    yield from group.batches()


class Group:
    """Packets that follow one another: of one batch, or each of a batch of its own."""

    def __init__(self) -> None:
        self._empty()

    def _empty(self) -> None:
        self._owner: Batch | None = None
        self._positions: list[int] = []
        self._single: list[Batch] = []
        self._octets = 0

    def takes(self, packet: Packet) -> bool:
        """Whether a packet fits to those that are there."""
        if len(self._positions) + len(self._single) >= _MOST_PACKETS:
            return False
        _, batch, _, start, stop = packet._place()
        if self._single:
            return batch.count == 1 and self._octets + stop - start <= _MOST_OCTETS
        return self._owner is None or batch is self._owner

    def add(self, packet: Packet) -> None:
        _, batch, position, start, stop = packet._place()
        if batch.count == 1 and not isinstance(batch, FileBatch):
            self._single.append(batch)
            self._octets += stop - start
        else:
            self._owner = batch
            self._positions.append(position)

    def batches(self) -> Iterator[Batch]:
        """The packets as one batch, or none; the group is empty afterwards."""
        owner, positions, single = self._owner, self._positions, self._single
        self._empty()
        if single:
            yield joined(single)
        elif owner is not None:
            yield picked(owner, positions)


def picked(batch: Batch, positions: list[int]) -> Batch:
    """Packets of a batch, with their records but not the blocks between them."""
    if not isinstance(batch, FileBatch):
        return batch if positions == list(range(batch.count)) else batch.pick(positions)
    chosen = batch.pick(positions)
    chosen.origin = replace(chosen.origin, kept=())
    return chosen


def joined(single: list[Batch]) -> Batch:
    """One batch of several that have one packet each."""
    count = len(single)
    index = new_index(count)
    interfaces: list[Interface] = []
    numbers: dict[Interface, int] = {}
    pieces = []
    offset = 0
    for position, batch in enumerate(single):
        values = [batch.index[row, 0] for row in range(ROWS)]
        start, caplen, interface = values[0], values[1], batch.interfaces[values[4]]
        pieces.append(bytes(memoryview(batch.octets)[start : start + caplen]))
        if interface not in numbers:
            numbers[interface] = len(interfaces)
            interfaces.append(interface)
        values[0], values[4] = offset, numbers[interface]
        offset += caplen
        for row in range(ROWS):
            index[row, position] = values[row]
    return Batch(b"".join(pieces), index, count, interfaces)


def by_linktype(batch: Batch) -> Batch:
    """The packets of a batch with interfaces that have their link types."""
    import numpy as np

    index = np.asarray(batch.index)[:, : batch.count]
    pairs, chosen = np.unique(index[[INTERFACE, LINKTYPE]], axis=1, return_inverse=True)
    interfaces = []
    for number, linktype in pairs.T.tolist():
        if not 0 <= number < len(batch.interfaces):
            raise ValueError(f"a batch without the interface {number} that a packet is of")
        interfaces.append(replace(batch.interfaces[number], linktype=linktype))
    changed = Batch(batch.octets, new_index(batch.count), batch.count, interfaces)
    filled = np.asarray(changed.index)
    filled[:, : batch.count] = index
    filled[INTERFACE, : batch.count] = chosen.reshape(-1)
    return changed
