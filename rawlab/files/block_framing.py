"""Packets of the kernel's capture ring straight into records, without an index of all."""

from __future__ import annotations

from array import array

from rawlab.batch import Batch, new_index
from rawlab.engine import framing as engine
from rawlab.engine.block_records import AT_ONCE, frame_block
from rawlab.files.room import Room
from rawlab.leased import LeasedBatch

_NO_TABLE = array("q")


class BlockFramer:
    """Turns blocks into records, where nothing is in the way."""

    def __init__(self) -> None:
        self._scratch = new_index(AT_ONCE)

    def pcapng(self, batch: Batch, table: array[int], room: Room) -> bool:
        """Put the packets of a batch into the room; False: none, and its index is to be used.

        `table` is as for `frame_pcapng` of the engine.
        """
        return self._frame(batch, table, 0, room)

    def pcap(self, batch: Batch, linktype: int, room: Room) -> bool:
        """The same for a pcap file of a link type."""
        return self._frame(batch, _NO_TABLE, linktype, room)

    def _frame(self, batch: Batch, table: array[int], linktype: int, room: Room) -> bool:
        if not isinstance(batch, LeasedBatch) or (block := batch.unindexed) is None:
            return False
        room.reserve(len(block.octets))  # no record is longer than what the kernel made of it
        done = frame_block(
            block.octets, block.halves, block.words, self._scratch, block.plan, batch.count, table,
            linktype, room.octets, room.end, room.state,
        )  # fmt: skip
        if done == batch.count:
            room.end = room.state[engine.END]
        return done == batch.count
