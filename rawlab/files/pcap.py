"""pcap files (draft-ietf-opsawg-pcap), in all byte orders and resolutions, old ones included."""

from __future__ import annotations

import struct

from rawlab.batch import Index, Interface
from rawlab.engine import records as engine
from rawlab.files.ending import Damaged
from rawlab.files.kinds import Records, cells, want_header
from rawlab.files.limits import largest_packet
from rawlab.files.linktypes import linktype_of
from rawlab.files.window import Window

HEADER_OCTETS = 24

_MAGICS = {
    0xA1B2C3D4: (16, 1_000_000),
    0xA1B23C4D: (16, 1_000_000_000),
    0xA1B2CD34: (24, 1_000_000),  # with the interface, protocol and packet type in each record
}
"""Octets of a record's header, and ticks a second."""

_RESERVED = 0x03FF_0000
"""Bits of the link type field that have no meaning; those above tell of the FCS."""

_MARKS = {magic.to_bytes(4, order) for magic in _MAGICS for order in ("big", "little")}


def is_pcap(head: bytes) -> bool:
    """Whether a file that begins with `head` is a pcap file."""
    return head[:4] in _MARKS


def _lengths_cell(version: tuple[int, int]) -> int:
    """Whether the two lengths of records stand in the other order.

    Files before version 2.3 have the wire length first, those of 2.3 were written either way.
    """
    if version[0] == 543 or version < (2, 3):
        return engine.LENGTHS_SWAPPED
    return engine.LENGTHS_MAYBE_SWAPPED if version == (2, 3) else 0


class PcapRecords(Records):
    """The records of a pcap file."""

    kind = "pcap"

    def __init__(self, window: Window) -> None:
        """Read the file's header; Damaged says what is wrong with it."""
        super().__init__()
        head = window.peek(HEADER_OCTETS)
        want_header(head, HEADER_OCTETS, "pcap")
        self.big_endian = int.from_bytes(head[:4], "big") in _MAGICS
        order = ">" if self.big_endian else "<"
        magic, major, minor, _, _, snaplen, network = struct.unpack(order + "IHHiIII", head)
        self.header_octets, resolution = _MAGICS[magic]
        if major != 2 and (major, minor) != (543, 0):
            raise Damaged(f"a pcap file of version {major}.{minor}; 2.x is readable")
        if network & _RESERVED:
            raise Damaged(f"a pcap file whose link type {network:#010x} sets bits without meaning")
        linktype = linktype_of(network & 0xFFFF)
        self.interfaces.append(Interface("", linktype, snaplen, resolution=resolution))
        window.start += HEADER_OCTETS
        self._params = cells(engine.PCAP_CELLS)
        self._params[engine.PCAP_BIG_ENDIAN] = self.big_endian
        self._params[engine.PCAP_HEADER_OCTETS] = self.header_octets
        self._params[engine.PCAP_TICK_NS] = 1_000_000_000 // resolution
        self._params[engine.PCAP_LENGTHS] = _lengths_cell((major, minor))
        self._params[engine.PCAP_LARGEST] = largest_packet(linktype)
        self._params[engine.PCAP_LINKTYPE] = linktype

    def _find(self, octets: memoryview, start: int, end: int, index: Index, before: int) -> int:
        return engine.index_pcap(octets, start, end, index, 0, self._params, self.state)
