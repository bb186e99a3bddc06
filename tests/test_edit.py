"""Packets that are built again from what was dissected: the same octets, or those edited."""

from __future__ import annotations

import pytest

from dissectors import DNS, GRE, TCP, UDP, DNSOverStream, Ethernet, IPv4
from dissectors.tcp_options import WindowScale
from rawlab.checksums import Status
from rawlab.files import read
from rawlab.packet import Packet
from rawlab.schema import FieldValue, Header, field_values
from rawlab.schema.compute import Count, Length
from rawlab.schema.draft import Draft, Layer
from rawlab.schema.redraft import redraft
from samples import captured, corpus_files

ENDS = {"src": "10.0.0.1", "dst": "10.0.0.2"}
MOST = 400
"""Packets of each file."""


def packets() -> list[Packet]:
    """Packets of the project's captures and, where it is there, of the corpus."""
    return [Packet(octets, linktype=linktype) for octets, linktype in captured()]


def corpus_packets() -> list[Packet]:
    found = []
    for file in corpus_files():
        try:
            with read(file) as capture:
                found += [packet for packet, _ in zip(capture, range(MOST), strict=False)]
        except (OSError, ValueError):
            continue
    return found


def honest(packet: Packet) -> bool:
    """Nothing in it is wrong, so what is computed is what was there."""
    return not packet.faults and all(v.status != Status.BAD for v in packet.checksums)


def check_same(found: list[Packet], least: int = 100) -> None:
    checked = 0
    for packet in found:
        if not packet.layers:
            continue
        assert packet.edit(keep=["*"]).octets == packet.octets
        if honest(packet):
            assert packet.edit().octets == packet.octets
            checked += 1
    assert checked > least


def test_captured_packets_are_built_the_same() -> None:
    check_same(packets())


def test_packets_of_the_corpus_are_built_the_same() -> None:
    check_same(corpus_packets())


@pytest.mark.parametrize("size", [61, 43, 30])
def test_cut_packets_are_built_the_same(size: int) -> None:
    cut = [Packet(p.octets[:size], length=p.length, linktype=p.linktype) for p in packets()]
    check_same(cut, least=10)


def counts(value: FieldValue) -> bool:
    """Whether a value is computed; a length that says nothing, as 0 may, is not."""
    compute = value.field.compute
    return isinstance(compute, Count) or (
        isinstance(compute, Length) and value.value != compute.unless)


def fresh(header: Header) -> Header:
    """A header made anew from the values of `header`, but for what is computed."""
    return type(header)(**{
        v.field.attribute: v.value for v in field_values(header)
        if v.field.seal is None and not counts(v)
    })


def test_headers_made_from_their_values_read_the_same() -> None:
    checked = 0
    for packet in packets():
        draft = redraft(packet.layers) if packet.layers else None
        if draft is None or not honest(packet) or any(layer.before for layer in draft.layers):
            continue
        layers = [Layer(fresh(layer.header), trailer=layer.trailer) for layer in draft.layers]
        octets = bytes(Draft(tuple(layers), draft.payload))
        again = Packet(octets, linktype=packet.linktype)
        for old, new in zip(packet.layers, again.layers, strict=True):
            if differing(old, new):  # names are written without compression; 0 is no checksum
                no_sum = getattr(old, "checksum", None) == 0
                assert "dns" in packet or no_sum, (packet, differing(old, new))
        checked += 1
    assert checked > 100


def differing(old: Header, new: Header) -> set[str]:
    assert type(old) is type(new)
    found = set()
    for one, other in zip(field_values(old), field_values(new), strict=True):
        assert one.name == other.name
        if not one.items and one.value != other.value:
            found.add(one.name)
    return found


def packet_of(payload: bytes = b"hello") -> Packet:
    return Packet(bytes(Ethernet() / IPv4(**ENDS, ttl=9) / UDP(srcport=1, dstport=2) / payload))


def test_computed_values_are_computed_again() -> None:
    packet = packet_of()
    edited = packet.edit(ip={"ttl": 3}, udp={"payload": b"something longer"})
    assert edited.octets == bytes(
        Ethernet() / IPv4(**ENDS, ttl=3) / UDP(srcport=1, dstport=2) / b"something longer")
    assert packet.ip.ttl == 9
    assert (edited.number, edited.length) == (packet.number, edited.caplen)


def test_values_are_left_as_they_were_on_request() -> None:
    packet = packet_of()
    edited = packet.edit(ip={"ttl": 3}, udp={"dstport": 7}, keep=["udp.checksum"])
    assert edited.udp.checksum == packet.udp.checksum
    assert edited.ip.checksum != packet.ip.checksum
    kept = packet.edit({IPv4: {"ttl": 3}}, keep=["*"])
    assert kept.ip.checksum == packet.ip.checksum


def test_a_bad_checksum_stays_bad_on_request_alone() -> None:
    packet = packet_of().edit(udp={"checksum": 0x1234})
    assert packet.checksums[-1].status == Status.BAD
    assert packet.edit(keep=["udp.checksum"]).udp.checksum == 0x1234
    assert packet.edit().checksums[-1].status == Status.GOOD


def test_the_second_of_two_layers_is_named_by_itself() -> None:
    inner = IPv4(src="10.1.0.1", dst="10.1.0.2")
    packet = Packet(bytes(Ethernet() / IPv4(**ENDS) / inner / UDP(dstport=9)))
    edited = packet.edit({packet.layers[2]: {"ttl": 1}})
    assert [layer.ttl for layer in edited.layers if isinstance(layer, IPv4)] == [64, 1]
    assert all(v.status == Status.GOOD for v in edited.checksums)


def test_fields_that_are_not_edited_keep_their_octets() -> None:
    octets = bytes(IPv4(**ENDS) / TCP(dstport=80, options=[WindowScale(wscale__shift=7)]))
    odd = bytearray(octets)
    odd[43] = 0xAA  # padding that is not zero
    packet = Packet(odd, linktype=101)
    assert packet.edit(tcp={"window": 5}).octets[40:44] == b"\3\3\7\xaa"


def test_a_part_of_a_packet_has_its_checksum_changed_by_as_much() -> None:
    whole = packet_of(bytes(range(200)))
    cut = Packet(whole.octets[:80], length=whole.length)
    edited = cut.edit(ip={"src": "10.9.9.9"}, udp={"dstport": 99})
    wanted = whole.edit(ip={"src": "10.9.9.9"}, udp={"dstport": 99})
    assert edited.octets == wanted.octets[:80]
    assert edited.length == whole.length


def test_what_is_not_there_cannot_be_edited() -> None:
    with pytest.raises(KeyError, match="tcp"):
        packet_of().edit(tcp={"seq": 1})
    with pytest.raises(TypeError, match="no field 'tll': did you mean 'ttl'"):
        packet_of().edit(ip={"tll": 1})
    with pytest.raises(ValueError, match=r"ip.ttl: 256 is not within"):
        packet_of().edit(ip={"ttl": 256})


def test_bits_that_have_two_names_are_edited_by_either() -> None:
    packet = packet_of()
    assert packet.edit(ip={"flags": "df"}).ip.flags == 2
    assert packet.edit(ip={"flags": "mf"}).ip.flags.mf
    tunnel = Packet(bytes(IPv4(**ENDS) / GRE(key=5) / IPv4(**ENDS)), linktype=101)
    edited = tunnel.edit(gre={"flags__sequence_number": True, "sequence_number": 9})
    assert (edited.gre.key, edited.gre.sequence_number) == (5, 9)
    bare = tunnel.edit(gre={"flags__key": False})
    assert (bare.gre.key, len(bare)) == (None, len(tunnel) - 4)


def test_messages_that_follow_one_another_are_edited_each() -> None:
    """Two messages of a stream, and the beginning of a third, in one segment."""
    messages = [bytes(DNSOverStream() / DNS(id=number)) for number in (1, 2)]
    octets = bytes(Ethernet() / IPv4(**ENDS) / TCP(srcport=53, dstport=53)
                   / (b"".join(messages) + b"\0"))
    packet = Packet(octets)
    assert len(packet.layers) == 8
    assert packet.edit().octets == packet.edit(keep=["*"]).octets == octets
    cut = Packet(octets[:-8], length=len(octets))
    assert cut.edit().octets == octets[:-8]
    second = packet.edit({packet.layers[6]: {"id": 9}})
    assert [layer.id for layer in second.layers if isinstance(layer, DNS)] == [1, 9]
    assert second.edit({second.layers[6]: {"id": 2}}).octets == octets
    first = packet.edit(dns={"id": 7, "payload": b"more"})
    assert first.layers[3].length == 16
    assert all(v.status == Status.GOOD for v in (*first.checksums, *second.checksums))
