"""dpkt's packets from ours and back."""

from __future__ import annotations

from pathlib import Path

import pytest

import rawlab
from dissectors import UDP, Ethernet, IPv4
from rawlab.packet import Packet
from samples import CAPTURES

dpkt = pytest.importorskip("dpkt", reason="needs dpkt")


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_packets_and_back(capture: Path) -> None:
    for packet in rawlab.read(capture):
        try:
            theirs = rawlab.to_dpkt(packet)
        except ValueError:  # dpkt reads no packet that is damaged
            continue
        assert theirs.time_ns == packet.time_ns
        if bytes(theirs) == packet.octets:  # dpkt drops padding and computes anew
            assert rawlab.from_dpkt(theirs) == packet


def test_fields_are_the_same() -> None:
    draft = Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2") / UDP(dstport=53) / b"hello"
    theirs = rawlab.to_dpkt(draft)
    assert isinstance(theirs, dpkt.ethernet.Ethernet)
    assert (theirs.data.data.dport, theirs.data.data.data) == (53, b"hello")
    assert rawlab.from_dpkt([theirs], time_ns=5)[0].time_ns == 5


def test_versions_of_ip() -> None:
    draft = IPv4(dst="10.0.0.2") / UDP(dstport=53)
    assert isinstance(rawlab.to_dpkt(draft), dpkt.ip.IP)
    assert rawlab.from_dpkt(rawlab.to_dpkt(draft)).udp.dstport == 53


def test_what_dpkt_cannot_read() -> None:
    with pytest.raises(ValueError, match="link type 147"):
        rawlab.to_dpkt(Packet(b"x", linktype=147))
    with pytest.raises(ValueError, match="cannot read"):
        rawlab.to_dpkt(Packet(b"x", linktype=1))
    with pytest.raises(ValueError, match="linktype="):
        rawlab.from_dpkt(dpkt.udp.UDP())
