"""Fragments and segments, put together again by scapy."""

from __future__ import annotations

import pytest

from dissectors import TCP, UDP, Ethernet, IPv4, IPv6
from dissectors.ipv6_extensions import DestinationOptions, HopByHop
from dissectors.tcp_options import Timestamps
from rawlab.checksums import Status
from rawlab.fragments import fragment, segment
from rawlab.packet import Packet
from rawlab.schema import Draft

ENDS = {"src": "10.0.0.1", "dst": "10.0.0.2"}
DATA = bytes(range(256)) * 12


def sound(packets: list[Packet]) -> None:
    for packet in packets:
        assert packet.faults == ()
        assert all(found.status != Status.BAD for found in packet.checksums)


@pytest.mark.parametrize("mtu", [28, 68, 577, 1500])
def test_fragments_of_ipv4_are_the_whole_again(mtu: int) -> None:
    from scapy.layers.inet import IP, defragment

    whole = Ethernet() / IPv4(**ENDS, id=7) / UDP(srcport=1, dstport=9) / DATA
    found = fragment(whole, mtu)
    sound(found)
    assert all(len(packet) - 14 <= mtu for packet in found)
    (again,) = defragment([IP(packet.octets[14:]) for packet in found])
    assert bytes(again)[20:] == bytes(whole)[34:]


def test_fragments_of_a_fragment_go_on() -> None:
    first, second = fragment(IPv4(**ENDS, id=7) / UDP(dstport=9) / DATA, 2000)
    again = [packet for part in (first, second) for packet in fragment(part, 508)]
    offsets = [packet.ip.frag_offset for packet in again]
    assert offsets == sorted(set(offsets))
    payload = b"".join(packet.octets[20:] for packet in again)
    assert payload == first.octets[20:] + second.octets[20:]
    assert [packet.ip.flags.mf for packet in again] == [True] * (len(again) - 1) + [False]


@pytest.mark.parametrize("mtu", [96, 1280])
def test_fragments_of_ipv6_are_the_whole_again(mtu: int) -> None:
    from scapy.layers.inet6 import IPv6 as ScapyIPv6
    from scapy.layers.inet6 import defragment6

    whole = IPv6(src="::1", dst="::2") / UDP(srcport=1, dstport=9) / DATA
    found = fragment(whole, mtu, ident=5)
    sound(found)
    assert all(len(packet) <= mtu for packet in found)
    assert {packet["ipv6.fraghdr"].ident for packet in found} == {5}
    again = defragment6([ScapyIPv6(packet.octets) for packet in found])
    assert bytes(again)[40:] == bytes(whole)[40:]


def test_headers_for_every_hop_are_repeated_and_others_are_not() -> None:
    whole = (
        IPv6(src="::1", dst="::2") / HopByHop() / DestinationOptions() / UDP(dstport=9) / DATA)
    for packet in fragment(whole, 1280):
        names = [type(layer).__name__ for layer in packet.layers[:3]]
        assert names == ["IPv6", "HopByHop", "Fragment"]


@pytest.mark.parametrize(
    ("make", "mtu", "complaint"),
    [
        (lambda: Ethernet(type=0x88B5) / DATA, 100, "has no IP header"),
        (lambda: IPv4(**ENDS, flags="df") / UDP(dstport=9) / DATA, 100, "must not be fragmented"),
        (lambda: IPv4(**ENDS) / UDP(dstport=9) / DATA, 27, "leaves room for 7 octets"),
    ],
)
def test_what_cannot_be_fragmented_is_refused(make: object, mtu: int, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        fragment(make(), mtu)  # type: ignore[operator]


def test_what_fits_stays_whole() -> None:
    whole = Packet(bytes(IPv4(**ENDS) / UDP(dstport=9)), linktype=101)
    assert fragment(whole, 28) == [whole]


def test_segments_go_on_from_one_another() -> None:
    options = [Timestamps(tsval=5)]
    draft: Draft = Ethernet() / IPv4(**ENDS, id=65535) / TCP(
        srcport=1, dstport=80, seq=(1 << 32) - 1000, flags="FAPC", options=options) / DATA
    found = segment(draft, 1000)
    sound(found)
    assert [packet.tcp.seq_raw for packet in found] == [(1 << 32) - 1000, 0, 1000, 2000]
    assert [packet.ip.id for packet in found] == [65535, 0, 1, 2]
    names = [set(packet.tcp.flags.set_names()) for packet in found]
    assert names == [{"ack", "cwr"}, {"ack"}, {"ack"}, {"ack", "fin", "push"}]
    assert b"".join(packet.payload for packet in found) == DATA
    assert all(packet.tcp.options[0].tsval == 5 for packet in found)


def test_a_segment_without_data_stays_alone() -> None:
    (alone,) = segment(IPv4(**ENDS) / TCP(dstport=80, flags="S"), 1460)
    assert alone.tcp.flags == 2
