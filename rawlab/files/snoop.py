"""snoop files, version 2 (RFC 1761)."""

from __future__ import annotations

import struct

from rawlab.batch import Index, Interface
from rawlab.engine import records as engine
from rawlab.files.ending import Damaged
from rawlab.files.kinds import Records, cells, want_header
from rawlab.files.limits import largest_packet
from rawlab.files.linktypes import linktype_of_snoop
from rawlab.files.window import Window

HEADER_OCTETS = 16
_MAGIC = b"snoop\0\0\0"


def is_snoop(head: bytes) -> bool:
    """Whether a file that begins with `head` is a snoop file."""
    return head[:8] == _MAGIC


class SnoopRecords(Records):
    """The records of a snoop file."""

    kind = "snoop"
    header_octets = 24
    length_at = 8
    big_endian = True

    def __init__(self, window: Window) -> None:
        """Read the file's header; Damaged says what is wrong with it."""
        super().__init__()
        head = window.peek(HEADER_OCTETS)
        want_header(head, HEADER_OCTETS, "snoop")
        version, datalink = struct.unpack_from(">II", head, 8)
        if version != 2:
            raise Damaged(f"a snoop file of version {version}; 2 is readable")
        linktype = linktype_of_snoop(datalink)
        if linktype is None:
            raise Damaged(f"a snoop file of the datalink type {datalink}, which has no LINKTYPE_")
        self.interfaces.append(Interface("", linktype, resolution=1_000_000))
        window.start += HEADER_OCTETS
        self._params = cells(engine.PCAP_CELLS)
        self._params[engine.PCAP_LARGEST] = largest_packet(linktype)
        self._params[engine.PCAP_LINKTYPE] = linktype

    def _find(self, octets: memoryview, start: int, end: int, index: Index, before: int) -> int:
        return engine.index_snoop(octets, start, end, index, 0, self._params, self.state)
