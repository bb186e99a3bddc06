"""A packet as a tree: each layer, each field with its place, nested items, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rawlab.schema import Group, field_values, header_name
from rawlab.text.dump import dump_layers, layer_span
from rawlab.text.escape import escape
from rawlab.text.hexdump import DumpForm
from rawlab.text.named_bits import named_bits
from rawlab.text.paint import Paint
from rawlab.text.printer import pieces
from rawlab.text.summary import title_of
from rawlab.text.times import Clock

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet
    from rawlab.schema import FieldValue, Header

_INDENT = "  "
_PLACE_WIDTH = 9
_EXPLAINS = re.compile("[:;] ")


class TreePrinter:
    """Prints each packet as a tree, and the dump of its octets if one is asked for."""

    def __init__(self, clock: Clock, paint: Paint, dump: DumpForm | None = None) -> None:
        self._clock = clock
        self._paint = paint
        self._dump = dump

    def heading(self) -> str:
        """Nothing: trees need no heading."""
        return ""

    def texts(self, batch: Batch, count: int) -> Iterator[str]:
        """The trees of the first `count` packets of `batch`, a blank line after each."""
        for packets in pieces(batch, count):
            for packet in packets:
                yield "\n".join([*self.tree(packet), "", ""])

    def tree(self, packet: Packet) -> Iterator[str]:
        """The lines of one packet's tree; packets have to come in order."""
        stamp = self._clock.stamp(packet.time_ns).strip()
        parts = [f"packet {packet.number}", stamp, escape(packet.interface.name)]
        length = f"{packet.length} octets"
        if packet.caplen != packet.length:
            length = f"{packet.caplen} of {length}"
        yield self._paint.title("  ".join([*filter(None, parts), length]))
        for layer in packet.layers:
            yield from self._layer(layer)
        yield from self._rest("payload", packet.payload_offset, packet.payload)
        yield from self._rest("trailer", packet.caplen - len(packet.trailer), packet.trailer)
        for fault in packet.faults:
            yield self._paint.fault(f"fault: {escape(str(fault))}")
        if self._dump is not None:
            yield from dump_layers(packet, self._dump.characters)

    def _layer(self, layer: Header) -> Iterator[str]:
        kind = type(layer)
        start, end = layer_span(layer)
        place = self._paint.faint(f"octets {_span(start, end)}")
        yield f"{self._paint.title(_brief(kind))} [{header_name(kind)}] {place}"
        for value in field_values(layer):
            yield from self._field(value, 1)

    def _field(self, value: FieldValue, depth: int) -> Iterator[str]:
        place = _place(value.bit_offset, value.bit_length)
        margin = self._paint.faint(f"{place:>{_PLACE_WIDTH}}") + _INDENT * depth
        yield f"{margin}{_bits(value)}{escape(_told(value))}"
        for item in (*value.items, *named_bits(value)):
            yield from self._field(item, depth + 1)

    def _rest(self, name: str, start: int, octets: bytes) -> Iterator[str]:
        if octets:
            count = f"{len(octets)} octet{'' if len(octets) == 1 else 's'}"
            place = self._paint.faint(f"octets {_span(start, start + len(octets))}")
            yield f"{self._paint.title(name)} {place}: {count}"


def _told(value: FieldValue) -> str:
    """`udp.srcport: 53`, with its label in front where the declaration gives one."""
    field = value.field
    name = f"{field.label} [{value.name}]" if field.label else value.name
    if isinstance(value.value, Group):
        return f"{name}: {_brief(type(value.value))}"
    if value.items or value.value == ():
        return name if value.items else f"{name}: none"
    return f"{name}: {field.describe(value.value)}"


def _brief(kind: type[Header | Group]) -> str:
    """A title without what explains it: up to a colon or semicolon."""
    return _EXPLAINS.split(title_of(kind), maxsplit=1)[0]


def _span(start: int, end: int) -> str:
    return f"{start}-{end - 1}" if end - start > 1 else f"{start}"


def _place(bit_offset: int, bit_length: int) -> str:
    """The octets that bits lie in."""
    if bit_length == 0:
        return f"{bit_offset // 8}"
    return _span(bit_offset // 8, (bit_offset + bit_length + 7) // 8)


def _bits(value: FieldValue) -> str:
    """The bits of a field that does not fill its octets: `.1.. .... `; otherwise nothing."""
    first, length = value.bit_offset % 8, value.bit_length
    if (first == 0 and length % 8 == 0) or length > 24 or not isinstance(value.value, int):
        return ""
    width = (first + length + 7) // 8 * 8
    number = (int(value.value) // value.field.scale) & ((1 << length) - 1)
    text = "." * first + f"{number:0{length}b}" + "." * (width - first - length)
    return " ".join(text[at : at + 4] for at in range(0, width, 4)) + " = "
