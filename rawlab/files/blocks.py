"""Sections, options and blocks of pcapng files (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from rawlab.batch import Interface
from rawlab.files.ending import Damaged
from rawlab.files.linktypes import linktype_of

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
OBSOLETE_PACKET = 2
SIMPLE_PACKET = 3
NAME_RESOLUTION = 4
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10

COMMENT = 1
IF_NAME = 2
IF_DESCRIPTION = 3
IF_TSRESOL = 9
IF_TSOFFSET = 14

Octets = bytes | bytearray | memoryview
Options = tuple[tuple[int, bytes], ...]
"""(code, value) in the order of the file; values are as they are stored, without padding."""


@dataclass(frozen=True)
class Section:
    """One section of a pcapng file: its own byte order and its own interfaces."""

    offset: int
    """Octet of the file at which its header lies."""
    big_endian: bool
    version: tuple[int, int]
    first_interface: int
    """Index in the file's list of interfaces of this section's first one."""
    options: Options = field(default=(), repr=False)


@dataclass(frozen=True)
class KeptBlock:
    """A block of a pcapng file that holds no packet, with its place among the packets."""

    row: int
    """Row of the batch before which it lies (the batch's count: after the last packet)."""
    code: int
    """The block type."""
    octets: bytes
    """The whole block, headers and lengths included."""


def read_options(octets: Octets, start: int, end: int, big: bool, strict: bool) -> Options:
    """The options between two octets of a block.

    An option that overruns the end raises Damaged when `strict`, else it ends the list.
    """
    head = struct.Struct(">HH" if big else "<HH")
    found: list[tuple[int, bytes]] = []
    while end - start >= 4:
        code, length = head.unpack_from(octets, start)
        if code == 0:
            break
        start += 4
        if length > end - start:
            if strict:
                raise Damaged(f"an option of {length} octets, where {end - start} are left")
            break
        found.append((code, bytes(octets[start : start + length])))
        start += length + (-length & 3)
    return tuple(found)


def _text(options: Options, code: int) -> str:
    return next((v.decode("utf-8", "replace") for c, v in options if c == code), "")


def comments(options: Options) -> tuple[str, ...]:
    """The comments among `options`."""
    return tuple(v.decode("utf-8", "replace") for c, v in options if c == COMMENT)


def read_section(block: Octets, offset: int, first_interface: int) -> Section:
    """A whole section header block; Damaged says what is wrong with it."""
    big = byte_order(block)
    order = ">" if big else "<"
    _, total, _, major, minor = struct.unpack_from(order + "IIIHH", block)
    if major != 1 or minor not in (0, 2):
        raise Damaged(f"a pcapng section of version {major}.{minor}; 1.0 is readable")
    (trailer,) = struct.unpack_from(order + "I", block, total - 4)
    if trailer != total:
        raise Damaged(f"a section header's two lengths differ: {total} and {trailer}")
    options = read_options(block, 24, total - 4, big, strict=True)
    return Section(offset, big, (major, minor), first_interface, options)


def byte_order(block: Octets) -> bool:
    """Whether a section header is big-endian, from its byte-order magic."""
    magic = bytes(block[8:12])
    if magic not in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
        raise Damaged(f"a section header with the byte-order magic {magic.hex()}")
    return magic == b"\x1a\x2b\x3c\x4d"


def section_octets(block: Octets) -> int:
    """The length that a section header claims, from its first twelve octets."""
    (total,) = struct.unpack_from(">I" if byte_order(block) else "<I", block, 4)
    if total < 28 or total % 4:
        raise Damaged(f"a section header of {total} octets")
    return int(total)


def read_interface(block: Octets, big: bool) -> tuple[Interface, int]:
    """An interface description block: the interface, and its time offset in seconds."""
    order = ">" if big else "<"
    if len(block) < 20:
        raise Damaged(f"an interface description of {len(block)} octets")
    linktype, _, snaplen = struct.unpack_from(order + "HHI", block, 8)
    options = read_options(block, 16, len(block) - 4, big, strict=True)
    values = dict(options)
    interface = Interface(
        name=_text(options, IF_NAME),
        linktype=linktype_of(linktype),
        snaplen=snaplen,
        description=_text(options, IF_DESCRIPTION),
        resolution=_resolution(values.get(IF_TSRESOL, b"\x06")),
        options=options,
    )
    stored = values.get(IF_TSOFFSET, bytes(8))
    if len(stored) != 8:
        raise Damaged(f"an if_tsoffset option of {len(stored)} octets")
    (offset_s,) = struct.unpack(order + "q", stored)
    return interface, offset_s


def _resolution(value: bytes) -> int:
    """Ticks a second, of an if_tsresol option."""
    if len(value) != 1:
        raise Damaged(f"an if_tsresol option of {len(value)} octets")
    exponent = value[0] & 0x7F
    return 1 << exponent if value[0] & 0x80 else int(10**exponent)
