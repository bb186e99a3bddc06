"""One JSON object a packet, one packet a line. The form is set down in docs/json.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rawlab.schema import field_values, header_name
from rawlab.schema.items import Nested
from rawlab.text.dump import layer_span
from rawlab.text.named_bits import named_bits
from rawlab.text.printer import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rawlab.batch import Batch
    from rawlab.packet import Packet
    from rawlab.schema import Fault, FieldValue, Header

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
_NATURAL = frozenset({int, bool, str, type(None)})


class JSONPrinter:
    """Prints each packet as a JSON object; nothing but printable ASCII is written."""

    def __init__(self) -> None:
        self._encode = json.JSONEncoder(separators=(",", ":")).encode

    def heading(self) -> str:
        """Nothing: every line stands for itself."""
        return ""

    def texts(self, batch: Batch, count: int) -> Iterator[str]:
        """The lines of the first `count` packets of `batch`."""
        for packets in pieces(batch, count):
            for packet in packets:
                yield self._encode(as_json(packet)) + "\n"


def as_json(packet: Packet) -> dict[str, JSON]:
    """A packet in JSON's types."""
    told: dict[str, JSON] = {
        "number": packet.number,
        "time_ns": packet.time_ns,
        "length": packet.length,
        "caplen": packet.caplen,
        "interface": packet.interface.name,
        "linktype": packet.linktype,
        "layers": [_layer(layer) for layer in packet.layers],
    }
    if packet.payload:
        told["payload"] = {"offset": packet.payload_offset, "octets": packet.payload.hex()}
    if packet.trailer:
        start = packet.caplen - len(packet.trailer)
        told["trailer"] = {"offset": start, "octets": packet.trailer.hex()}
    if packet.faults:
        told["faults"] = [_fault(fault) for fault in packet.faults]
    return told


def _layer(layer: Header) -> JSON:
    start, end = layer_span(layer)
    fields, bits = _fields(field_values(layer))
    return {
        "name": header_name(type(layer)),
        "offset": start,
        "length": end - start,
        "fields": fields,
        "bits": bits,
    }


def _fields(values: Iterable[FieldValue]) -> tuple[dict[str, JSON], dict[str, JSON]]:
    """The values of fields by name, and their places: first bit in the packet, and bits."""
    fields: dict[str, JSON] = {}
    bits: dict[str, JSON] = {}
    for value in values:
        fields[value.name] = _value(value)
        bits[value.name] = [value.bit_offset, value.bit_length]
        for part in named_bits(value):
            fields[part.name] = part.value
            bits[part.name] = [part.bit_offset, part.bit_length]
    return fields, bits


def _value(value: FieldValue) -> JSON:
    if value.items or isinstance(value.field, Nested):
        return [_item(item) for item in value.items]
    kind = type(value.value)
    return value.value if kind in _NATURAL else _scalar(value.value)


def _item(item: FieldValue) -> JSON:
    fields, bits = _fields(item.items)
    return {"fields": fields, "bits": bits}


def _scalar(value: object) -> JSON:
    """Numbers and truth values as they are, octets in hexadecimal, all else in its own words."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return value.hex()
    return str(value)


def _fault(fault: Fault) -> JSON:
    told: dict[str, JSON] = {
        "kind": fault.kind.name,
        "layer": fault.layer,
        "field": fault.field,
        "offset": fault.offset,
        "want": fault.want,
        "got": fault.got,
    }
    if fault.reason:
        told["reason"] = fault.reason
    return told
