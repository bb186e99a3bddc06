"""Batches as the records of a pcap file (draft-ietf-opsawg-pcap), in nanoseconds."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from rawlab.batch import Batch, Interface
from rawlab.engine import framing as engine
from rawlab.files.block_framing import BlockFramer
from rawlab.files.limits import LARGEST_PACKET, largest_packet
from rawlab.files.linktypes import checked
from rawlab.files.output import WriteFailed
from rawlab.files.room import Room

_MAGIC = 0xA1B23C4D
_ETHERNET = 1
HEADER_OCTETS = 24
RECORD_OCTETS = 16
"""What a record takes beside its packet."""


class PcapForm:
    """A pcap file: one link type, no interfaces, no comments; always little-endian."""

    form = "pcap"

    def __init__(self, name: str, interfaces: Sequence[Interface], snaplen: int) -> None:
        """The link type is that of the interfaces, or without any of the first packet."""
        self._name = name
        self._snaplen = snaplen
        self._linktype = checked(interfaces[0].linktype) if interfaces else None
        for interface in interfaces:
            if interface.linktype != self._linktype:
                raise self._refusal(interface.linktype)
        self._begun = False
        self._blocks = BlockFramer()
        self._lead = 0
        """Octets of what was framed last before its first record."""

    def begin(self, room: Room) -> None:
        """The file's header, unless it was written or the link type is not known yet."""
        self._lead = 0
        if not self._begun and self._linktype is not None:
            snaplen = self._snaplen
            if snaplen >= LARGEST_PACKET:  # readers cut packets that are longer than it says
                snaplen = max(snaplen, largest_packet(self._linktype))
            room.append(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, snaplen, self._linktype))
            self._begun = True
            self._lead = HEADER_OCTETS

    def end(self, room: Room) -> None:
        """What the file needs though no packet came."""
        if self._linktype is None:
            self._linktype = _ETHERNET
        self.begin(room)

    def frame(self, batch: Batch, room: Room) -> None:
        """The records of a batch, or with WriteFailed none, for a packet of another link type."""
        if not batch.count:
            return
        if self._linktype is None:
            self._linktype = checked(batch.linktype[0])
        self.begin(room)
        if self._blocks.pcap(batch, self._linktype, room):
            return
        done = 0
        while True:
            done = engine.frame_pcap(
                batch.octets, batch.index, done, batch.count, self._linktype, room.octets,
                room.end, room.state,
            )  # fmt: skip
            why, room.end, need = room.state
            if why == engine.FULL:
                room.reserve(need)
            elif why == engine.OTHER_LINKTYPE:
                room.end = self._lead
                raise self._refusal(batch.linktype[done])
            elif why == engine.OUTSIDE:
                raise ValueError(f"packet {done} of a batch lies outside the batch's octets")
            else:
                return

    def statistics(self, room: Room, interface: int, **counts: int | None) -> None:
        """A pcap file has no place for counts."""

    def whole(self, octets: memoryview) -> tuple[int, int]:
        """(packets, octets) of the whole records among those octets of what was framed."""
        if len(octets) < self._lead:
            return 0, 0
        end, packets = self._lead, 0
        while len(octets) - end >= RECORD_OCTETS:
            need = RECORD_OCTETS + struct.unpack_from("<I", octets, end + 8)[0]
            if need > len(octets) - end:
                break
            end += need
            packets += 1
        return packets, end

    def _refusal(self, linktype: int) -> WriteFailed:
        return WriteFailed(
            f"{self._name}: a pcap file holds packets of one link type, here {self._linktype},"
            f" and one has {linktype}; write pcapng, which holds several"
        )
