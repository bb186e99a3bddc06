"""Capture files made octet by octet, for tests."""

from __future__ import annotations

import struct
from collections.abc import Iterable

MICRO = 0xA1B2C3D4
NANO = 0xA1B23C4D
MODIFIED = 0xA1B2CD34


def order(big: bool) -> str:
    """struct's mark of a byte order."""
    return ">" if big else "<"


def pcap_head(
    big: bool = False,
    magic: int = MICRO,
    version: tuple[int, int] = (2, 4),
    snaplen: int = 262144,
    network: int = 1,
) -> bytes:
    """A pcap file's header."""
    return struct.pack(order(big) + "IHHiIII", magic, *version, 0, 0, snaplen, network)


def pcap_record(
    packet: bytes,
    seconds: int = 1_700_000_000,
    part: int = 0,
    length: int | None = None,
    big: bool = False,
    extra: bytes = b"",
) -> bytes:
    """A record of a pcap file; `extra` are further octets of its header."""
    length = len(packet) if length is None else length
    head = struct.pack(order(big) + "IIII", seconds, part, len(packet), length)
    return head + extra + packet


def option(code: int, value: bytes, big: bool = False) -> bytes:
    """An option of a pcapng block."""
    return struct.pack(order(big) + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(code: int, body: bytes, big: bool = False) -> bytes:
    """A pcapng block of any type; `body` is padded."""
    body += bytes(-len(body) % 4)
    total = struct.pack(order(big) + "I", len(body) + 12)
    return struct.pack(order(big) + "I", code) + total + body + total


def section(big: bool = False, options: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """A section header block."""
    body = struct.pack(order(big) + "IHHq", 0x1A2B3C4D, *version, -1)
    return block(0x0A0D0D0A, body + options, big)


def interface(
    linktype: int = 1, snaplen: int = 0, options: bytes = b"", big: bool = False
) -> bytes:
    """An interface description block."""
    return block(1, struct.pack(order(big) + "HHI", linktype, 0, snaplen) + options, big)


def enhanced(
    packet: bytes,
    ticks: int = 0,
    interface_id: int = 0,
    length: int | None = None,
    options: bytes = b"",
    big: bool = False,
) -> bytes:
    """An enhanced packet block."""
    length = len(packet) if length is None else length
    head = struct.pack(
        order(big) + "IIIII", interface_id, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), length
    )
    return block(6, head + packet + bytes(-len(packet) % 4) + options, big)


def obsolete(
    packet: bytes, ticks: int = 0, interface_id: int = 0, drops: int = 0xFFFF, big: bool = False
) -> bytes:
    """An obsolete packet block."""
    head = struct.pack(
        order(big) + "HHIIII",
        interface_id, drops, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet),
    )  # fmt: skip
    return block(2, head + packet, big)


def simple(packet: bytes, length: int | None = None, big: bool = False) -> bytes:
    """A simple packet block."""
    length = len(packet) if length is None else length
    return block(3, struct.pack(order(big) + "I", length) + packet, big)


def snoop(packets: Iterable[tuple[bytes, int, int]], datalink: int = 4, version: int = 2) -> bytes:
    """A snoop file of (packet, seconds, microseconds)."""
    out = b"snoop\0\0\0" + struct.pack(">II", version, datalink)
    for packet, seconds, micro in packets:
        padding = bytes(-len(packet) % 4)
        size = len(packet)
        total = 24 + size + len(padding)
        out += struct.pack(">IIIIII", size, size, total, 0, seconds, micro)
        out += packet + padding
    return out
