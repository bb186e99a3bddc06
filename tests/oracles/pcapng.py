"""Packets of any link types in one pcapng file, with an interface for each."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rawlab.packet import Packet

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_NAME, _RESOLUTION, _NANOSECONDS = 2, 9, 9


class Record(NamedTuple):
    """What is written of a packet."""

    octets: bytes
    length: int
    time_ns: int
    linktype: int


def record(packet: Packet) -> Record:
    """A packet as it is written."""
    return Record(packet.octets, packet.length, packet.time_ns, packet.linktype)


def write(file: Path, records: Sequence[Record]) -> None:
    """Write the records."""
    links = sorted({record.linktype for record in records})
    parts = [_block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    for place, linktype in enumerate(links):
        options = _option(_NAME, f"if{place}".encode())
        options += _option(_RESOLUTION, bytes([_NANOSECONDS])) + bytes(4)
        parts.append(_block(_INTERFACE, struct.pack("<HHI", linktype, 0, 0) + options))
    for octets, length, time_ns, linktype in records:
        head = struct.pack("<IIIII", links.index(linktype), time_ns >> 32, time_ns & 0xFFFFFFFF,
                           len(octets), length)
        parts.append(_block(_PACKET, head + _padded(octets)))
    file.write_bytes(b"".join(parts))


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)
