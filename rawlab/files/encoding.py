"""The blocks of pcapng files that hold no packets, as octets (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable

from rawlab.batch import Interface
from rawlab.files.blocks import (
    IF_DESCRIPTION,
    IF_NAME,
    IF_TSRESOL,
    INTERFACE_DESCRIPTION,
    SECTION_HEADER,
    Options,
)
from rawlab.files.linktypes import checked

INTERFACE_STATISTICS = 5
SHB_HARDWARE, SHB_OS, SHB_USERAPPL = 2, 3, 4
IF_FILTER = 11
_STATISTICS_START, _STATISTICS_END = 2, 3
_STATISTICS_RECEIVED, _STATISTICS_DROPPED, _STATISTICS_ACCEPTED = 4, 5, 6
_LONGEST_OPTION = 0xFFFF
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_UNKNOWN_LENGTH = -1
_SECOND_NS = 1_000_000_000


def encode_options(options: Iterable[tuple[int, bytes]], big: bool = False) -> bytes:
    """Options as they stand in a block, with their end; nothing for none.

    Raises ValueError for a value that is too long.
    """
    head = struct.Struct(">HH" if big else "<HH")
    parts = []
    for code, value in options:
        if len(value) > _LONGEST_OPTION:
            raise ValueError(f"a text of {len(value)} octets; {_LONGEST_OPTION} fit into a pcapng")
        parts.append(head.pack(code, len(value)) + value + bytes(-len(value) & 3))
    return b"".join((*parts, bytes(4))) if parts else b""


def encode_block(code: int, body: bytes, big: bool = False) -> bytes:
    """A whole block around a body of a multiple of four octets."""
    order = ">I" if big else "<I"
    total = struct.pack(order, 12 + len(body))
    return struct.pack(order, code) + total + body + total


def section_header(options: Options, big: bool = False, version: tuple[int, int] = (1, 0)) -> bytes:
    """A section header block; the section's length stays open."""
    head = struct.pack(
        (">" if big else "<") + "IHHq", _BYTE_ORDER_MAGIC, *version, _UNKNOWN_LENGTH
    )
    return encode_block(SECTION_HEADER, head + encode_options(options, big), big)


def writer_options() -> Options:
    """Who writes, in a section header: the machine, its system, and this program."""
    texts = [(SHB_USERAPPL, f"rawlab {sys.modules['rawlab'].__version__}")]
    if hasattr(os, "uname"):
        system = os.uname()
        texts = [(SHB_HARDWARE, system.machine), (SHB_OS, f"{system.sysname} {system.release}"),
                 *texts]
    return tuple((code, text.encode()) for code, text in texts)


def interface_description(interface: Interface, big: bool = False) -> bytes:
    """An interface description block."""
    head = struct.pack(
        (">" if big else "<") + "HHI", checked(interface.linktype), 0,
        min(interface.snaplen, 0xFFFF_FFFF),
    )  # fmt: skip
    options = encode_options(interface.options, big)
    return encode_block(INTERFACE_DESCRIPTION, head + options, big)


def interface_options(interface: Interface, filter: str | None) -> Options:
    """The options of an interface that brings none along."""
    options: list[tuple[int, bytes]] = []
    if interface.name:
        options.append((IF_NAME, interface.name.encode("utf-8", "backslashreplace")))
    if interface.description:
        options.append((IF_DESCRIPTION, interface.description.encode("utf-8", "backslashreplace")))
    if interface.resolution != 1_000_000:  # which is what no option means
        options.append((IF_TSRESOL, resolution_value(interface.resolution)))
    if filter:
        options.append((IF_FILTER, b"\0" + filter.encode()))
    return tuple(options)


def resolution_value(resolution: int) -> bytes:
    """The value of an if_tsresol option; ValueError where there is none for the resolution."""
    if resolution & (resolution - 1) == 0:
        return bytes([0x80 | resolution.bit_length() - 1])
    exponent = len(str(resolution)) - 1
    if exponent > 0x7F or resolution != 10**exponent:
        raise ValueError(f"{resolution} ticks a second are no power of 10 or of 2")
    return bytes([exponent])


def interface_statistics(
    number: int, resolution: int, start_ns: int, end_ns: int, *,
    received: int, dropped: int, accepted: int | None, big: bool = False,
) -> bytes:
    """An interface statistics block; times in ticks of the interface, as the block wants them."""
    order = ">" if big else "<"

    def stamp(time_ns: int) -> bytes:
        ticks = min(max(time_ns, 0) * resolution // _SECOND_NS, 2**64 - 1)
        return struct.pack(order + "II", ticks >> 32, ticks & 0xFFFF_FFFF)

    def count(value: int) -> bytes:
        return struct.pack(order + "Q", min(max(value, 0), 2**64 - 1))

    options = [
        (_STATISTICS_START, stamp(start_ns)),
        (_STATISTICS_END, stamp(end_ns)),
        (_STATISTICS_RECEIVED, count(received)),
        (_STATISTICS_DROPPED, count(dropped)),
    ]
    if accepted is not None:
        options.append((_STATISTICS_ACCEPTED, count(accepted)))
    body = struct.pack(order + "I", number) + stamp(end_ns) + encode_options(options, big)
    return encode_block(INTERFACE_STATISTICS, body, big)
