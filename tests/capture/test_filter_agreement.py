"""A capture filter lets through live what it selects of a file of the same traffic."""

from __future__ import annotations

import pytest

from capture.frames import arrived, frame, tag
from capture.namespaces import Wire
from rawlab.files.capture_filter import CaptureFilter
from samples import batch_of

TRAFFIC = (
    frame(1), frame(2, tags=tag(5)), frame(3, tags=tag(6)), frame(4, 600),
    frame(5, 600, tags=tag(5, 3)), frame(6, tags=tag(7) + tag(5)),
)  # fmt: skip


@pytest.mark.parametrize("expression", ["vlan 5", "not vlan", "vlan", "greater 500", "not vlan 5"])
def test_live_and_on_the_file(wire: Wire, expression: str) -> None:
    with wire.namespace.sniff(wire.near, filter=expression) as sniffer, wire.sender() as sender:
        for octets in TRAFFIC:
            sender.send(octets)
        live = [packet.octets for packet in arrived(sniffer)]
    batch = batch_of([(octets, 1) for octets in TRAFFIC])
    for position, octets in enumerate(TRAFFIC):
        batch.index[2, position] = len(octets)  # WIRE_LENGTH: all of it was captured
    assert live == [packet.octets for packet in CaptureFilter(expression).select(batch)]
    assert live
