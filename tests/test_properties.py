"""What holds for any octets, under every protocol of the default registry."""

from __future__ import annotations

import pickle
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawlab.batch import Batch
from rawlab.engine.view import bounds_of
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import FieldValue, Header, Registry, field_values, fields_of, header_name
from rawlab.schema.declaration import declaration_of
from samples import batch_of, captured, linktypes, mutated, noise

KINDS = {
    "captured": lambda: list(captured()),
    "mutated": lambda: list(mutated(1, 6)),
    "noise": lambda: list(noise(2, 120)),
}
STREAMS = {h for e, h in default_registry().follows() if e.stream}


@cache
def batch(kind: str) -> Batch:
    return batch_of(KINDS[kind]())


def check_packet(packet: Packet) -> None:
    """All that holds of one packet."""
    at = 0
    stop = packet.caplen
    for layer in packet.layers:
        origin, start, end, limit, captured_to = bounds_of(layer)
        assert at <= start - origin <= end - origin <= stop, layer
        assert captured_to - origin == packet.caplen
        at = start - origin if type(layer) in STREAMS else end - origin
        assert limit <= captured_to
        check_fields(layer, start - origin, packet)
    assert 0 <= packet.payload_offset <= packet.caplen
    assert len(packet.payload) + len(packet.trailer) <= packet.caplen
    for fault in packet.faults:
        assert fault.layer in {header_name(type(layer)) for layer in packet.layers}
        assert 0 <= fault.offset <= packet.caplen, fault
        assert fault.want != fault.got or fault.kind.name in ("MALFORMED", "OVERFLOW", "DIVISION")
        if fault.field:
            assert fault.field in known_fields(fault.layer), fault


@cache
def known_fields(layer: str) -> set[str]:
    """The names of fields that a fault of the header `layer` may tell."""
    registry = default_registry()
    prefix = layer + "."
    private = [f.name for h in registry for f in declaration_of(h).fields]
    names = {name.removeprefix(prefix) for name in (*registry.field_names(), *private)}
    return names | {name.removeprefix("_") for name in names}


def check_fields(layer: Header, start: int, packet: Packet) -> None:
    """A layer's values lie inside the packet, and both ways to read them agree."""
    values = field_values(layer)
    by_attribute = {value.field.attribute: value.value for value in values}
    for field in fields_of(type(layer)):
        got = getattr(layer, field.attribute)
        assert got == by_attribute.get(field.attribute), (field, got)
    for value in values:
        check_value(value, start, packet.caplen)


def check_value(value: FieldValue, start: int, stop: int) -> None:
    first, last = value.octet_range
    assert start <= first <= last <= stop, value
    assert value.field.show(value.value) is not None
    assert value.field.describe(value.value) is not None
    for item in value.items:
        assert first <= item.octet_range[0] <= item.octet_range[1] <= last
        for inner in item.items:
            check_value(inner, start, stop)


@pytest.mark.parametrize("kind", KINDS)
def test_layers_fields_and_faults_lie_inside(kind: str) -> None:
    for packet in batch(kind):
        check_packet(packet)


@settings(max_examples=150)
@given(
    octets=st.binary(max_size=200),
    linktype=st.sampled_from(linktypes()),
    missing=st.integers(0, 100),
)
def test_any_octets(octets: bytes, linktype: int, missing: int) -> None:
    check_packet(Packet(octets, linktype=linktype, length=len(octets) + missing))


def told(packet: Packet) -> tuple[object, ...]:
    """All that is known of a packet, apart from where it lies."""
    layers = [(header_name(type(layer)), bounds_of(layer)[1:4]) for layer in packet.layers]
    origin = [bounds_of(layer)[0] for layer in packet.layers][:1]
    moved = [(name, *[at - origin[0] for at in bounds]) for name, bounds in layers]
    return moved, packet.faults, packet.payload, packet.trailer


@pytest.mark.parametrize("kind", KINDS)
def test_packets_do_not_depend_on_those_before_them(kind: str) -> None:
    """What was decoded earlier may make decoding faster, and changes nothing."""
    fresh = Registry(default_registry())
    whole = batch(kind)
    twice = batch_of(list(reversed(KINDS[kind]())), fresh)
    for packet in whole:
        alone = Packet(packet.octets, linktype=packet.linktype, length=packet.length)
        assert told(alone) == told(packet)
    for position in range(0, len(whole), 7):
        packet = whole[position]
        other = Registry(default_registry()) if position % 70 == 0 else fresh
        alone = Packet(
            packet.octets, linktype=packet.linktype, length=packet.length, registry=other
        )
        assert told(alone) == told(packet)
    for packet in twice:
        assert len(packet.layers) >= 0


def test_values_survive_pickling() -> None:
    for packet in list(batch("captured"))[::5]:
        for layer in packet.layers:
            for value in field_values(layer):
                if not value.items:
                    assert pickle.loads(pickle.dumps(value.value)) == value.value
