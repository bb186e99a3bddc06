"""Where the headers of packets end."""

from __future__ import annotations

from pathlib import Path

import pytest

import rawlab
from rawlab.packet import Packet
from rawlab.transform.payload import header_octets

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap"))


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_as_the_packets_say(path: Path) -> None:
    with rawlab.read(path) as capture:
        for batch in capture.batches():
            assert header_octets(batch).tolist() == [packet.payload_offset for packet in batch]


def test_an_unknown_link_type_has_no_headers() -> None:
    assert header_octets(Packet(b"abc", linktype=147)._owner).tolist() == [0]
