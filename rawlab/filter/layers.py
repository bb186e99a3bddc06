"""Reading from the layers of a packet: their octets, what they carry, what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rawlab.engine.view import bounds_of, source_of
from rawlab.filter import tree as t
from rawlab.filter.parts import in_layers
from rawlab.schema.declaration import declaration_of

Values = Sequence[Any]
Reader = Callable[[Any], Values]
"""From a packet, or a layer, to values; none where what is asked for is missing."""
NONE: tuple[Any, ...] = ()


def layered(by_kind: Mapping[Any, Reader], layers: tuple[t.Part, ...]) -> Reader:
    """Reads from all layers of some kinds, or from those that `layers` chooses."""
    if layers:
        return lambda packet: [
            value for layer in _chosen(packet, by_kind, layers)
            for value in by_kind[type(layer)](layer)]
    kinds = frozenset(by_kind)
    if len(by_kind) == 1:
        [(_, only)] = by_kind.items()

        def read_one(packet: Any) -> Values:
            found = packet._every(kinds)
            if len(found) == 1:
                return only(found[0])
            return [value for layer in found for value in only(layer)]

        return read_one

    def read(packet: Any) -> Values:
        return [value for layer in packet._every(kinds) for value in by_kind[type(layer)](layer)]

    return read


def _chosen(packet: Any, kinds: Mapping[Any, Reader], layers: tuple[t.Part, ...]) -> list[Any]:
    """The layers of some kinds that have the wanted numbers among all layers of their name."""
    of_name: dict[str, list[Any]] = {}
    for layer in packet.layers:
        of_name.setdefault(declaration_of(type(layer)).name, []).append(layer)
    return [
        layer for found in of_name.values() for number, layer in enumerate(found, 1)
        if type(layer) in kinds and in_layers(number, len(found), layers)]


def header_octets(layer: Any) -> Values:
    """The octets of a layer's header."""
    _, start, end, _, _ = bounds_of(layer)
    return (source_of(layer).cut(start, end),)


def enclosed_octets(layer: Any) -> Values:
    """The octets of a layer's header and of all that it encloses."""
    _, start, _, limit, _ = bounds_of(layer)
    return (source_of(layer).cut(start, limit),)


def carried_reader(operand: t.Carried) -> Reader:
    """What reads what layers carry, or what is wrong with them."""
    if operand.what == "fault":
        return _fault_reader(operand)
    read = _payload if operand.what == "payload" else _payload_length
    return layered(dict.fromkeys(operand.headers, read), operand.layers)


def _fault_reader(operand: t.Carried) -> Reader:
    """Reads the kinds of faults of layers."""
    kinds = dict.fromkeys(operand.headers, _itself)
    layers = layered(kinds, operand.layers)
    return lambda packet: [
        int(fault.kind) for layer in layers(packet) for fault in packet.faults_of(layer)]


def _itself(layer: Any) -> Values:
    return (layer,)


def _payload(layer: Any) -> Values:
    _, _, end, limit, _ = bounds_of(layer)
    return (source_of(layer).cut(end, limit),) if limit > end else NONE


def _payload_length(layer: Any) -> Values:
    _, _, end, limit, _ = bounds_of(layer)
    return (max(0, limit - end),)
