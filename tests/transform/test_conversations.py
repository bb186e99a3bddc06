"""Conversations: both directions, whatever stands before and inside, against plain reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rawlab
from dissectors import ICMP, TCP, UDP, IPv4, IPv6
from rawlab.packet import Packet
from rawlab.transform.conversations import Conversation, Conversations, End

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap"))


def plainly(packet: Packet) -> Conversation:
    """The conversation of a packet, read one header after the other."""
    network = None
    for layer in packet.layers:
        name = layer._declaration.name
        if network is None:
            if isinstance(layer, IPv4 | IPv6) and layer.dst is not None:
                network = layer
        elif name in ("tcp", "udp", "sctp", "udplite"):
            if layer.srcport is None or layer.dstport is None:
                break
            ends = [End(str(network.src), layer.srcport), End(str(network.dst), layer.dstport)]
            ends.sort(key=lambda end: (rawlab_octets(end.address), end.port))
            return Conversation(name, (ends[0], ends[1]))
        elif not (name.startswith("ipv6.") or name == "ah"):
            break
    if network is None:
        return Conversation("other", None)
    ends = [End(str(network.src), 0), End(str(network.dst), 0)]
    ends.sort(key=lambda end: rawlab_octets(end.address))
    return Conversation("ip" if isinstance(network, IPv4) else "ipv6", (ends[0], ends[1]))


def rawlab_octets(address: str) -> bytes:
    import ipaddress

    return ipaddress.ip_address(address).packed


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_as_read_plainly(path: Path) -> None:
    conversations = Conversations()
    seen: list[Conversation] = []
    with rawlab.read(path) as capture:
        for batch in capture.batches():
            for packet, number in zip(batch, conversations.of(batch).tolist(), strict=True):
                want = plainly(packet)
                assert conversations.found[number] == want, packet
                if want not in seen:
                    seen.append(want)
    assert conversations.found == seen, "numbered in the order of their first packets"


def test_an_icmp_error_is_not_of_the_conversation_that_it_quotes() -> None:
    with rawlab.read(CAPTURES[0].parent / "icmp.pcap") as capture:
        quoting = [p for p in capture if ICMP in p and (UDP in p or TCP in p)]
        assert quoting
        conversations = Conversations()
        for packet in quoting:
            (number,) = conversations.of(packet._owner.pick([packet.number - 1])).tolist()
            assert conversations.found[number].protocol == "ip"


def test_names_of_files() -> None:
    v4 = Conversation("udp", (End("10.0.0.1", 53), End("10.0.0.2", 5353)))
    assert v4.name == "udp-10.0.0.1.53-10.0.0.2.5353"
    v6 = Conversation("ipv6", (End("::1", 0), End("fe80::2", 0)))
    assert v6.name == "ipv6-__1-fe80__2"
    assert Conversation("other", None).name == "other"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.sampled_from([1, 101, 113]))
def test_any_octets(octets: bytes, linktype: int) -> None:
    packet = Packet(octets, linktype=linktype)
    conversations = Conversations()
    (number,) = conversations.of(packet._owner).tolist()
    assert conversations.found[number] == plainly(packet)
