"""Batches as the blocks of a pcapng file; what came from such a file is copied as it was."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence

from rawlab.batch import Batch, Interface
from rawlab.engine import framing as engine
from rawlab.engine.framing import TABLE_CELLS
from rawlab.files.block_framing import BlockFramer
from rawlab.files.blocks import (
    COMMENT,
    ENHANCED_PACKET,
    INTERFACE_DESCRIPTION,
    OBSOLETE_PACKET,
    SECTION_HEADER,
    SIMPLE_PACKET,
    KeptBlock,
    Options,
    Section,
    read_interface,
    read_section,
)
from rawlab.files.encoding import (
    INTERFACE_STATISTICS,
    interface_statistics,
    section_header,
    writer_options,
)
from rawlab.files.file_batch import FileBatch
from rawlab.files.grouping import by_linktype
from rawlab.files.numbering import Numbering
from rawlab.files.room import Room

RECORD_OCTETS = 32
"""What a record takes beside its packet and its padding to four octets."""
_PACKETS = (ENHANCED_PACKET, SIMPLE_PACKET, OBSOLETE_PACKET)


class PcapngForm:
    """A pcapng file: sections, interfaces as they turn up, packets, and blocks that are kept.

    A section of its own is little-endian. One that comes from a file, with its header among the
    kept blocks of a batch, stays as it was: byte order, options, and the places of its blocks.
    """

    form = "pcapng"

    def __init__(
        self, interfaces: Sequence[Interface], snaplen: int, comment: str | None,
        filter: str | None,
    ) -> None:
        self._own = interfaces
        self._comment = comment
        self._numbering = Numbering(snaplen, filter)
        self._section: Section | None = None
        """The section of a file that the open section is the copy of."""
        self._kept: list[bytes] = []
        """The blocks that were copied last."""
        self._big = False
        self._open = False
        self._blocks = BlockFramer()
        self._listed: Sequence[Interface] | None = None
        """The interfaces whose numbers are in the table."""
        self._table = array("q")

    def begin(self, room: Room) -> None:
        """The header and the interfaces that were told of in advance."""
        if self._own and not self._open:
            self._begin_section(room)

    def end(self, room: Room) -> None:
        """What the file needs though no packet came."""
        if not self._open:
            self._begin_section(room)

    def statistics(
        self, room: Room, interface: int, *, received: int, dropped: int, start_ns: int,
        end_ns: int, filter_accepted: int | None,
    ) -> None:
        """An interface statistics block."""
        self.end(room)
        if self._own:
            self._numbering.declare_all(self._own, room, self._big, from_file=False)
            number = self._numbering.number(self._own, interface)
        else:
            number = interface
        room.append(interface_statistics(
            number, self._numbering.resolution(number), start_ns, end_ns, received=received,
            dropped=dropped, accepted=filter_accepted, big=self._big,
        ))  # fmt: skip

    def frame(self, batch: Batch, room: Room) -> None:
        """The blocks of a batch."""
        if isinstance(batch, FileBatch) and batch.origin.places is not None:
            self._copy(batch, room)
        elif batch.count:
            self._frame(batch, room)

    def whole(self, octets: memoryview) -> tuple[int, int]:
        """(packets, octets) of the whole blocks among those octets of what was framed."""
        end = packets = 0
        big = self._big
        while len(octets) - end >= 12:
            if bytes(octets[end : end + 4]) == b"\n\r\r\n":
                big = octets[end + 8] == 0x1A
            code, need = struct.unpack_from(">II" if big else "<II", octets, end)
            if need > len(octets) - end:
                break
            end += need
            packets += code in _PACKETS
        return packets, end

    # Sections.

    def _begin_section(self, room: Room, big: bool = False) -> None:
        """Open a section of its own."""
        options = (*self._comments(), *writer_options())
        self._restart(room, section_header(options, big), None, big)

    def _copy_section(self, room: Room, section: Section, header: bytes) -> None:
        """Open a section that is the copy of a file's; its length stays open."""
        big = section.big_endian
        stored = read_section(header, section.offset, section.first_interface)
        if self._comment or stored.options != section.options:
            header = section_header((*self._comments(), *section.options), big, section.version)
        else:
            header = header[:16] + b"\xff" * 8 + header[24:]
        self._restart(room, header, section, big)

    def _restart(self, room: Room, header: bytes, section: Section | None, big: bool) -> None:
        self._open = True
        self._section = section
        self._big = big
        self._numbering.restart()
        self._listed = None
        room.append(header)
        if self._own:
            self._numbering.declare_all(self._own, room, big, from_file=False)

    def _comments(self) -> Options:
        return ((COMMENT, self._comment.encode()),) if self._comment else ()

    # Packets without blocks of their own.

    def _frame(self, batch: Batch, room: Room) -> None:
        if self._big or not self._open:
            self._begin_section(room)
        if self._blocks.pcapng(batch, self._table_for(batch, room), room):
            return
        _ = batch.index  # of a live capture it may bring new interfaces
        table = self._table_for(batch, room)
        done = 0
        while True:
            done = engine.frame_pcapng(
                batch.octets, batch.index, done, batch.count, table, room.octets, room.end,
                room.state,
            )  # fmt: skip
            why, room.end, need = room.state
            if why == engine.DONE:
                return
            if why == engine.FULL:
                room.reserve(need)
            elif why == engine.OTHER_LINKTYPE:
                batch = by_linktype(batch)
                table = self._table_for(batch, room)
            else:
                raise _malformed(why, done)

    def _table_for(self, batch: Batch, room: Room) -> array[int]:
        """Describe what interfaces of a batch are new; their numbers."""
        interfaces = batch.interfaces
        if self._listed is not interfaces or len(self._table) < TABLE_CELLS * len(interfaces):
            self._numbering.declare_all(
                interfaces, room, self._big, from_file=isinstance(batch, FileBatch), plain=True
            )
            self._listed, self._table = interfaces, self._numbering.table(interfaces, plain=True)
        return self._table

    # Packets whose blocks are copied.

    def _copy(self, batch: FileBatch, room: Room) -> None:
        origin = batch.origin
        kept = self._not_yet_written(origin.kept)
        if kept and kept[0].code == SECTION_HEADER:
            assert origin.section is not None
            self._copy_section(room, origin.section, kept[0].octets)
        elif not self._open or origin.big_endian != self._big and (kept or self._big):
            self._begin_section(room, big=bool(kept) and origin.big_endian)
        if origin.big_endian != self._big:
            self._copy_packets(_little_endian(batch), 0, batch.count, room)
            return
        mirrored = self._section is not None and origin.section == self._section
        if not mirrored:
            self._numbering.declare_all(batch.interfaces, room, self._big, from_file=True)
        row = 0
        for block in kept:
            if block.row > row:
                self._copy_packets(batch, row, block.row, room)
                row = block.row
            self._keep(block, batch, room, mirrored)
        self._copy_packets(batch, row, batch.count, room)

    def _not_yet_written(self, kept: Sequence[KeptBlock]) -> list[KeptBlock]:
        """The blocks without those that another part of the same batch had too."""
        written = {id(octets) for octets in self._kept}
        new = [block for block in kept if id(block.octets) not in written]
        if len(new) < len(kept):
            self._kept += [block.octets for block in new]
        elif kept:
            self._kept = [block.octets for block in new]
        return new

    def _keep(self, block: KeptBlock, batch: FileBatch, room: Room, mirrored: bool) -> None:
        """A block that holds no packet, at its place."""
        if block.code == SECTION_HEADER:
            return  # it has opened the section
        section = batch.origin.section
        first = section.first_interface if section else 0
        if block.code == INTERFACE_DESCRIPTION:
            if mirrored:
                position = first + self._numbering.described
                self._numbering.described += 1
                if position < len(batch.interfaces):
                    self._describe(block, batch.interfaces, position, room)
        elif block.code == INTERFACE_STATISTICS and len(block.octets) >= 24:
            order = ">I" if self._big else "<I"
            (local,) = struct.unpack_from(order, block.octets, 8)
            octets = bytearray(block.octets)
            if first + local < len(batch.interfaces):
                self._numbering.declare(
                    batch.interfaces, first + local, room, self._big, from_file=True
                )
                number = self._numbering.number(batch.interfaces, first + local)
                struct.pack_into(order, octets, 8, number)
            room.append(bytes(octets))
        else:
            room.append(block.octets)

    def _describe(
        self, block: KeptBlock, interfaces: Sequence[Interface], position: int, room: Room
    ) -> None:
        """The description of an interface, as it stood unless the interface was changed since."""
        stored, _ = read_interface(block.octets, self._big)
        same = stored == interfaces[position]
        self._numbering.declare(
            interfaces, position, room, self._big, from_file=True,
            block=block.octets if same else None,
        )  # fmt: skip

    def _copy_packets(self, batch: FileBatch, first: int, count: int, room: Room) -> None:
        """The blocks of the packets from `first` up to `count`."""
        if first >= count:
            return
        places = batch.origin.places
        assert places is not None
        table = self._numbering.table(batch.interfaces, plain=False)
        done = first
        while True:
            done = engine.copy_blocks(
                batch.octets, batch.index, places, done, count, table, self._big, room.octets,
                room.end, room.state,
            )  # fmt: skip
            why, room.end, need = room.state
            if why == engine.DONE:
                return
            if why == engine.FULL:
                room.reserve(need)
            elif why == engine.UNKNOWN_INTERFACE:
                position = batch.interface[done]
                if not 0 <= position < len(batch.interfaces):
                    raise _malformed(why, done)
                self._numbering.declare(
                    batch.interfaces, position, room, self._big, from_file=True
                )
                table = self._numbering.table(batch.interfaces, plain=False)
            elif why == engine.UNFIT and not self._big:
                self._copy_packets(_little_endian(batch), done, count, room)
                return
            elif why == engine.UNFIT:
                self._begin_section(room)
                self._copy_packets(_little_endian(batch), done, count, room)
                return
            else:
                raise _malformed(why, done)


def _malformed(why: int, position: int) -> ValueError:
    if why == engine.UNKNOWN_INTERFACE:
        return ValueError(f"packet {position} of a batch is of an interface that it does not have")
    return ValueError(f"packet {position} of a batch lies outside the batch's octets")


def _little_endian(batch: FileBatch) -> FileBatch:
    """The packets as little-endian enhanced packet blocks, with their options."""
    from rawlab.files.packet_blocks import as_blocks

    return as_blocks(batch)
