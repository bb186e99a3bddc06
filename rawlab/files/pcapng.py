"""pcapng files (draft-ietf-opsawg-pcapng): sections, interfaces and blocks of packets."""

from __future__ import annotations

from array import array

from rawlab.batch import Index, Interface
from rawlab.engine import records as engine
from rawlab.files.blocks import (
    DECRYPTION_SECRETS,
    INTERFACE_DESCRIPTION,
    NAME_RESOLUTION,
    SECTION_HEADER,
    KeptBlock,
    read_interface,
    read_section,
    section_octets,
)
from rawlab.files.ending import Damaged
from rawlab.files.kinds import Records, cells, want_header
from rawlab.files.limits import (
    LARGEST_BLOCK,
    MOST_DESCRIPTIONS,
    MOST_KEPT_OCTETS,
    largest_block,
    largest_packet,
)
from rawlab.files.names import read_names, read_secrets
from rawlab.files.window import Window

_MAGIC = SECTION_HEADER.to_bytes(4, "big")
_MOST_NS = (1 << 63) - 1


def is_pcapng(head: bytes) -> bool:
    """Whether a file that begins with `head` is a pcapng file."""
    return head[:4] == _MAGIC


def time_rule(resolution: int) -> tuple[int, int, int]:
    """The engine's rule, factor and limit for time stamps of `resolution` ticks a second."""
    if resolution & (resolution - 1) == 0:
        return engine.RULE_SHIFT, resolution.bit_length() - 1, 0
    if resolution <= 10**9:
        factor = 10**9 // resolution
        return engine.RULE_MULTIPLY, factor, _MOST_NS // factor
    divisor = resolution // 10**9
    return engine.RULE_DIVIDE, divisor if divisor <= _MOST_NS else 0, 0


def table_row(interface: Interface, offset_s: int) -> list[int]:
    """What the engine has to know of an interface."""
    row = [0] * engine.COLUMNS
    row[engine.COLUMN_LINKTYPE] = interface.linktype
    row[engine.COLUMN_SNAPLEN] = interface.snaplen
    row[engine.COLUMN_LARGEST] = largest_packet(interface.linktype)
    rule, factor, limit = time_rule(interface.resolution)
    row[engine.COLUMN_RULE] = rule
    row[engine.COLUMN_FACTOR] = factor
    row[engine.COLUMN_LIMIT] = limit
    row[engine.COLUMN_OFFSET_NS] = max(-_MOST_NS, min(_MOST_NS, offset_s * 10**9))
    return row


class PcapngRecords(Records):
    """The packets of a pcapng file, and what its other blocks tell."""

    kind = "pcapng"
    length_at = 4

    def __init__(self, window: Window, capacity: int) -> None:
        """Look at the first section header, which stays in the window."""
        super().__init__()
        head = window.peek(12)
        want_header(head, 12, "pcapng")
        total = _bounded(section_octets(head))
        head = window.peek(total)
        want_header(head, total, "pcapng")
        read_section(head, 0, 0)
        self.places = cells(capacity)
        self._cells = cells(engine.SECTION_CELLS)
        self._table = array("q")
        self._sections = 0
        self._kept_octets = 0

    def _find(self, octets: memoryview, start: int, end: int, index: Index, before: int) -> int:
        assert self.places is not None
        self._cells[engine.SECTION_STOP_AT_ALL] = self.keep_blocks
        count = 0
        while True:
            count = engine.index_pcapng(
                octets, start, end, index, count,
                self.places, self._cells, self._table, self.state,
            )  # fmt: skip
            if self.state[engine.WHY] != engine.OTHER_BLOCK:
                return count
            at = self.position
            try:
                start = self._take(octets[at:end], at, before + at, count)
            except Damaged as damaged:
                self.damage = str(damaged)
                return count
            if start == at:
                return count

    def _take(self, rest: memoryview, at: int, place: int, row: int) -> int:
        """Take in the block at the beginning of `rest`; returns where to go on, `at` if not yet."""
        code = int.from_bytes(rest[:4], "big" if self.big_endian else "little")
        if code == SECTION_HEADER:
            need = self._begin_section(rest, place, row)
        else:
            need = self.need
            self._take_block(code, rest[:need])
        if need and self.keep_blocks:
            self.kept.append(KeptBlock(row, code, bytes(rest[:need])))
        return at + need

    def _begin_section(self, rest: memoryview, place: int, row: int) -> int:
        """Begin a section, unless packets of the last one wait or the header is not all there."""
        if row or self.kept:
            self.state[engine.WHY] = engine.FULL
            return 0
        need = _bounded(section_octets(rest))
        if need > len(rest):
            self.state[engine.WHY] = engine.NEED_OCTETS
            self.state[engine.NEED] = need
            return 0
        self._sections += 1
        self._check_descriptions()
        section = read_section(rest, place, len(self.interfaces))
        self.section = section
        self.big_endian = section.big_endian
        self._table = array("q")
        self._cells[engine.SECTION_BIG_ENDIAN] = section.big_endian
        self._cells[engine.SECTION_FIRST_INTERFACE] = section.first_interface
        self._cells[engine.SECTION_INTERFACES] = 0
        self._cells[engine.SECTION_LARGEST_BLOCK] = LARGEST_BLOCK
        return need

    def _take_block(self, code: int, block: memoryview) -> None:
        if code == INTERFACE_DESCRIPTION:
            self._add_interface(block)
        elif code in (NAME_RESOLUTION, DECRYPTION_SECRETS):
            self._kept_octets += len(block)
            if self._kept_octets > MOST_KEPT_OCTETS:
                return
            if code == NAME_RESOLUTION:
                self.names.update(read_names(block, self.big_endian))
            elif (secrets := read_secrets(block, self.big_endian)) is not None:
                self.secrets.append(secrets)

    def _add_interface(self, block: memoryview) -> None:
        self._check_descriptions()
        interface, offset_s = read_interface(block, self.big_endian)
        self.interfaces.append(interface)
        row = table_row(interface, offset_s)
        self._table.extend(row)
        self._cells[engine.SECTION_INTERFACES] += 1
        largest = self._cells[engine.SECTION_LARGEST_BLOCK]
        largest = max(largest, largest_block(row[engine.COLUMN_LARGEST]))
        self._cells[engine.SECTION_LARGEST_BLOCK] = largest

    def _check_descriptions(self) -> None:
        if len(self.interfaces) + self._sections > MOST_DESCRIPTIONS:
            raise Damaged(f"a file of more than {MOST_DESCRIPTIONS} sections and interfaces")



def _bounded(octets: int) -> int:
    if octets > LARGEST_BLOCK:
        raise Damaged(f"a section header of {octets} octets, more than may be")
    return octets

