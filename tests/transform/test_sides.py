"""Who is the client, by lists and by what the packets tell."""

from __future__ import annotations

import pytest

from dissectors import ARP, TCP, UDP, Ethernet, IPv4, IPv6
from rawlab.inject.batching import batch_of_octets
from rawlab.schema.draft import Draft
from rawlab.transform.sides import ClientSide

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
THERE = Ethernet(src=A, dst=B) / IPv4(src="10.0.0.1", dst="10.0.0.2")
BACK = Ethernet(src=B, dst=A) / IPv4(src="10.0.0.2", dst="10.0.0.1")


def sides(packets: list[Draft], *clients: str) -> list[int]:
    """In one batch, and in batches of one packet each."""
    octets = [bytes(packet) for packet in packets]
    whole = ClientSide(clients).of(batch_of_octets(octets, 1)).tolist()
    one_by_one = ClientSide(clients)
    assert [one_by_one.of(batch_of_octets([o], 1)).tolist()[0] for o in octets] == whole
    return whole


@pytest.mark.parametrize(("packets", "wanted"), [
    ([THERE / TCP(srcport=80, dstport=9000, flags="S"), BACK / TCP(srcport=9000, dstport=80)],
     [0, 1]),
    ([THERE / TCP(srcport=9000, dstport=9001, flags="SA"), BACK / TCP(srcport=9001, dstport=9000)],
     [1, 0]),
    ([THERE / UDP(srcport=53, dstport=9000), BACK / UDP(srcport=9000, dstport=53)], [1, 0]),
    ([THERE / UDP(srcport=9000, dstport=9001), BACK / UDP(srcport=9001, dstport=9000)], [0, 1]),
    ([THERE / b"", BACK / b""], [0, 1]),
    ([Ethernet(src=A) / ARP(src__hw_mac=A, dst__proto_ipv4="10.0.0.2"),
      THERE / UDP(srcport=9, dstport=9),
      Ethernet(src=B) / ARP(src__hw_mac=B, dst__proto_ipv4="10.0.0.1")], [0, 0, 1]),
], ids=["syn", "syn-ack", "low port", "first", "no ports", "arp"])
def test_packets_tell(packets: list[Draft], wanted: list[int]) -> None:
    assert sides(packets) == wanted


@pytest.mark.parametrize("client", ["10.0.0.2", "10.0.0.2/32", B, B.upper()])
def test_a_list_decides(client: str) -> None:
    packets = [THERE / TCP(dstport=80, flags="S"), BACK / TCP(srcport=80, dstport=0)]
    assert sides(packets, client) == [1, 0]


def test_who_is_not_in_the_list_is_told_by_the_packets() -> None:
    six = Ethernet() / IPv6(src="fd00::1", dst="fd00::2") / UDP(srcport=53, dstport=9000)
    assert sides([six], "10.0.0.1") == [1]
    assert sides([six], "fd00::1") == [0]
    with pytest.raises(ValueError, match="client 'x'"):
        ClientSide(["x"])
