"""One packet: its layers, what they leave over, its faults, and how it behaves as a value."""

from __future__ import annotations

import ipaddress
import pickle

import pytest

from dissectors import DNS, TCP, UDP, Ethernet, IPv4
from rawlab.batch import Batch, Interface, new_index
from rawlab.engine import numbers as n
from rawlab.packet import Packet
from rawlab.schema import Fault, Kind, Registry, header_name

FRAME = bytes.fromhex(
    "020000000002 020000000001 0800"
    "4500001e 00010000 40116ecc 0a000001 0a000002"
    "00070009 000a0000 6869"
    "0000ffff"
)
"""Two octets over UDP, IPv4 and Ethernet, and a trailer of four."""
NS = 1_600_000_000_123_456_789


@pytest.fixture
def packet() -> Packet:
    interface = Interface("eth7", linktype=1)
    return Packet(FRAME, time_ns=NS, length=1500, number=7, interface=interface)


def test_what_the_capture_tells(packet: Packet) -> None:
    assert (packet.number, packet.time_ns, packet.caplen, packet.length, packet.linktype) == (
        7, NS, len(FRAME), 1500, 1
    )  # fmt: skip
    assert (packet.interface.name, packet.octets, len(packet)) == ("eth7", FRAME, len(FRAME))
    assert bytes(packet) == FRAME


def test_layers_by_name_and_by_class(packet: Packet) -> None:
    assert [type(layer) for layer in packet.layers] == [Ethernet, IPv4, UDP]
    udp = packet.udp
    assert packet[UDP] is udp
    assert packet["udp"] is udp
    assert packet.get(UDP) is udp
    assert packet.get("udp") is udp
    assert packet.layers[2] is udp
    assert (UDP in packet, "udp" in packet, TCP in packet, "tcp" in packet) == (
        True, True, False, False
    )  # fmt: skip
    assert (packet.get(TCP), packet.get("tcp"), packet.get("nonsense")) == (None, None, None)
    assert packet[UDP].dstport == 9
    assert packet.ip.src == ipaddress.IPv4Address("10.0.0.1")


def test_a_layer_that_is_not_there(packet: Packet) -> None:
    with pytest.raises(KeyError, match="packet 7 has no layer 'tcp', but eth, ip, udp"):
        packet[TCP]
    with pytest.raises(KeyError, match="no protocol is called 'upd'; did you mean 'udp'"):
        packet["upd"]
    with pytest.raises(AttributeError, match="packet 7 has no layer 'tcp'"):
        packet.tcp  # noqa: B018
    with pytest.raises(AttributeError):
        packet.nonsense  # noqa: B018
    assert not hasattr(packet, "dns")
    assert packet.get(DNS) is None


def test_dotted_names_are_attributes_too() -> None:
    octets = "6000000000100040" + "fe80" + "00" * 13 + "01" + "fe80" + "00" * 13 + "02"
    octets += "3a00050200000100" + "8000000000010001"
    packet = Packet(bytes.fromhex(octets), linktype=229)
    assert packet.ipv6__hopopts is packet["ipv6.hopopts"]
    assert "ipv6__hopopts" in dir(packet)


def test_what_the_layers_leave_over(packet: Packet) -> None:
    assert (packet.payload, packet.payload_offset) == (b"hi", 42)
    assert packet.trailer == bytes.fromhex("0000ffff")
    unknown = Packet(b"abc", linktype=146)
    assert (unknown.layers, unknown.payload, unknown.trailer) == ((), b"abc", b"")
    empty = Packet(b"")
    assert (empty.payload, empty.octets, len(empty.faults)) == (b"", b"", 1)


def test_a_damaged_packet_is_a_packet() -> None:
    packet = Packet(FRAME[:40], length=len(FRAME))
    assert [header_name(type(layer)) for layer in packet.layers] == ["eth", "ip", "udp"]
    assert packet.faults == (Fault(Kind.TRUNCATED, "udp", "checksum", 34, 8, 6),)
    assert (packet.udp.srcport, packet.udp.length, packet.udp.checksum) == (7, 10, None)
    assert "1 fault" in repr(packet)
    assert str(packet.faults[0]) == "TRUNCATED udp.checksum at octet 34: want 8, got 6"


def test_eight_octets_of_tcp_in_an_icmp_error() -> None:
    quoted = "45000028000040004006 0000 0a000001 0a000002 1f90 0050 01020304"
    octets = "45000038000000004001 0000 0a000002 0a000001 0301 0000 00000000" + quoted
    packet = Packet(bytes.fromhex(octets), linktype=228)
    tcp = packet[TCP]
    assert (tcp.srcport, tcp.dstport, tcp.seq_raw, tcp.ack_raw) == (8080, 80, 0x01020304, None)


def test_the_same_packet_is_equal(packet: Packet) -> None:
    same = Packet(FRAME, time_ns=NS, length=1500)
    other = Packet(FRAME, time_ns=NS + 1, length=1500)
    assert packet == same
    assert hash(packet) == hash(same)
    assert packet != other
    assert packet != FRAME
    assert packet.udp == same.udp
    assert packet.udp != packet.ip


def test_a_packet_can_be_pickled(packet: Packet) -> None:
    again = pickle.loads(pickle.dumps(packet))
    assert again == packet
    assert (again.number, again.interface, again.udp.dstport) == (7, packet.interface, 9)
    assert len(pickle.dumps(packet)) < 500


def test_a_packet_of_another_registry_can_be_pickled() -> None:
    packet = Packet(FRAME, registry=Registry([Ethernet, IPv4]))
    again = pickle.loads(pickle.dumps(packet))
    assert [type(layer) for layer in again.layers] == [Ethernet, IPv4]


def test_repr_tells_the_layers(packet: Packet) -> None:
    assert repr(packet) == "<Packet 7 eth/ip/udp 48 octets of 1500>"
    assert repr(Packet(b"", linktype=146)) == "<Packet 1 ? 0 octets>"
    assert repr(packet.udp) == "UDP(srcport=7, dstport=9, length=10, checksum=0x0000)"


def batch_of(*packets: bytes, junk: bytes = b"junk") -> Batch:
    """Packets of Ethernet in one buffer, with junk between them."""
    index = new_index(len(packets) + 3)  # more room than packets
    octets = bytearray()
    for i, packet in enumerate(packets):
        octets += junk
        row = (len(octets), len(packet), len(packet), i, 0, 1)
        for which, value in enumerate(row):
            index[which, i] = value
        octets += packet
    return Batch(octets + junk, index, len(packets), (Interface("a"),), first_number=100)


def test_packets_of_a_batch() -> None:
    batch = batch_of(FRAME, FRAME[:20], b"", FRAME)
    assert (len(batch), len(list(batch))) == (4, 4)
    assert [packet.number for packet in batch] == [100, 101, 102, 103]
    assert [packet.octets for packet in batch] == [FRAME, FRAME[:20], b"", FRAME]
    assert [len(packet.layers) for packet in batch] == [3, 2, 1, 3]
    assert batch[-1] == batch[3]
    assert batch[3].payload == b"hi"
    assert batch[0].faults == ()
    assert [len(packet.faults) for packet in batch] == [0, 1, 1, 0]
    assert batch[1].faults[0].offset == 14  # counted from the packet's first octet
    for position in (4, -5):
        with pytest.raises(IndexError):
            batch[position]
    assert list(batch.time_ns) == [0, 1, 2, 3]
    assert list(batch.caplen) == [48, 20, 0, 48]


def test_keep_owns_its_octets() -> None:
    batch = batch_of(FRAME)
    kept = batch.keep()
    memoryview(batch.octets)[:] = bytes(len(batch.octets))
    assert kept[0].octets == FRAME
    assert kept.keep() is kept


def test_an_index_has_six_rows() -> None:
    index = new_index(5)
    assert (index.format, index.shape) == ("q", (n.ROWS, 5))
