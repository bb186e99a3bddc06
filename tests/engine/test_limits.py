"""What is bounded: layers, spans, nesting, progress; and that bounds are met in little time."""

from __future__ import annotations

import time

import pytest

from declared import USER0, dissect, faults_of, registry_of
from rawlab.engine import numbers as n
from rawlab.engine.program import Machine
from rawlab.packet import Packet
from rawlab.schema import (
    U8,
    Group,
    Header,
    Items,
    Octets,
    Registry,
    field_values,
    on,
    stream,
    table,
)
from rawlab.schema.field import Field


class Item(Group, name="item"):
    """An octet."""

    value: U8 = U8()


class Many(Header, name="many"):
    """As many items as there are octets."""

    items: Items[Item] = Items(Item)


def test_too_many_items_are_a_fault() -> None:
    packet = dissect(bytes(20_000), Many)
    began = time.monotonic()
    (fault,) = faults_of(packet)
    assert (fault[:3], fault[4]) == (("LIMIT", "many", "item.value"), n.MAX_SPANS)
    assert len(packet.many.items) == n.MAX_SPANS // 2
    assert time.monotonic() - began < 2
    fits = dissect(bytes(n.MAX_SPANS // 2 - 1), Many)
    assert (fits.faults, len(fits.many.items)) == ((), n.MAX_SPANS // 2 - 1)


class Again(Header, name="again", follows=(on("linktype", USER0), on("again.kind", 0))):
    """Carries itself."""

    kind: U8 = U8(opens="again.kind")


def test_too_many_layers_are_a_fault() -> None:
    packet = Packet(bytes(100_000), linktype=USER0, registry=Registry([Again]))
    assert len(packet.layers) == n.MAX_LAYERS
    assert faults_of(packet) == [
        ("LIMIT", "again", "", n.MAX_LAYERS, n.MAX_LAYERS, n.MAX_LAYERS + 1)
    ]
    assert len(packet.payload) == 100_000 - n.MAX_LAYERS
    octets = bytes(n.MAX_LAYERS - 1) + b"\1"
    fits = Packet(octets, linktype=USER0, registry=Registry([Again]))
    assert (len(fits.layers), fits.faults) == (n.MAX_LAYERS, ())


class Segment(Header, name="segment", follows=on("linktype", USER0)):
    """A part of a stream."""

    port: U8 = U8(opens=table("port", stream=True))


class Vacant(Header, name="vacant", follows=stream("port", 0)):
    """A message of no octets, which would follow itself for ever."""

    body: Octets = Octets(length=0)


def test_messages_of_no_octets_end() -> None:
    packet = Packet(bytes(10), linktype=USER0, registry=Registry([Segment, Vacant]))
    assert len(packet.layers) <= n.MAX_LAYERS
    packet.faults  # noqa: B018


def nested(depth: int) -> type[Header]:
    """A header of groups within groups."""
    inner: Field[object] = Items(Item)  # type: ignore[assignment]
    for level in range(depth):
        group = type(f"G{level}", (Group,), {"g": inner}, name=f"g{level}")
        inner = Items(group)  # type: ignore[assignment]
    return type("Nested", (Header,), {"__doc__": "Nested.", "g": inner}, name="nested")


def test_too_deep_nesting_is_a_fault() -> None:
    assert dissect("0102", nested(n.MAX_DEPTH - 1)).faults == ()
    (fault,) = faults_of(dissect("0102", nested(n.MAX_DEPTH)))
    assert (fault[0], fault[4:]) == ("LIMIT", (n.MAX_DEPTH, n.MAX_DEPTH + 1))


def test_too_many_fields_are_refused_at_once() -> None:
    fields = {f"f{i}": U8() for i in range(n.MAX_SLOTS + 1)}
    with pytest.raises(TypeError, match=f"{n.MAX_SLOTS} fields"):
        type("Wide", (Header,), fields, name="wide")
    fits = type("Fits", (Header,), {f"f{i}": U8() for i in range(n.MAX_SLOTS)}, name="fits")
    assert len(field_values(dissect(bytes(n.MAX_SLOTS), fits).fits)) == n.MAX_SLOTS


def test_a_machine_reads_only_inside_what_it_is_given() -> None:
    machine = Machine(registry_of(Many).tables())
    for bounds in ((-1, 2, 2), (0, 3, 2), (2, 1, 4), (0, 4, 5)):
        with pytest.raises(ValueError, match="outside"):
            machine.start(b"abcd", 0, *bounds)


def test_a_list_that_counts_to_more_than_there_is() -> None:
    class Counted(Header, name="counted"):
        """A count that nobody could fulfil."""

        count: U8 = U8()
        items: Items[Item] = Items(Item, count=count << 40)

    began = time.monotonic()
    (fault,) = faults_of(dissect(b"\xff" + bytes(100), Counted))
    assert fault[0] in ("TRUNCATED", "OVERRUN")
    assert time.monotonic() - began < 1
