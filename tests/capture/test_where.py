"""Display filters over packets as they come."""

from __future__ import annotations

import asyncio

import pytest

from capture.frames import frame
from capture.namespaces import Wire, both_backends
from rawlab.filter import FilterError


@both_backends
def test_for(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        found = sniffer.where("eth.type == 0x88b5").where("frame[17] & 1")
        for number in range(20):
            sender.send(frame(number))
        sniffer.finish()
        packets = list(found)
        assert sniffer.counts.captured == 20
    assert [packet.octets for packet in packets] == [frame(n) for n in range(1, 20, 2)]
    assert [packet.number for packet in packets] == list(range(2, 21, 2))


@both_backends
def test_async_for(wire: Wire) -> None:
    async def gather() -> list[bytes]:
        return [packet.octets async for packet in sniffer.where("frame.len == 100")]

    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        for number in range(9):
            sender.send(frame(number, 100 if number % 3 == 0 else 60))
        sniffer.finish()
        packets = asyncio.run(gather())
    assert packets == [frame(n, 100) for n in (0, 3, 6)]


@both_backends
def test_batches_and_columns(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, wire.sender() as sender:
        for number in range(9):
            sender.send(frame(number, 60 + number))
        sniffer.finish()
        pieces = list(sniffer.where("frame.len > 65").column_batches("frame.number", "frame.len"))
    numbers = [int(n) for piece in pieces for n in piece["frame.number"]]
    assert numbers == [7, 8, 9]
    assert [int(n) for piece in pieces for n in piece["frame.len"]] == [66, 67, 68]


def test_a_wrong_filter_says_so_before_anything_is_captured(wire: Wire) -> None:
    with wire.namespace.sniff(wire.near) as sniffer, pytest.raises(FilterError):
        sniffer.where("eth.typ == 1")
