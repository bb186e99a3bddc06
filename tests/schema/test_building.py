"""Building packets from declarations: what is computed, what is kept, what is refused."""

from __future__ import annotations

import ipaddress

import pytest

from dissectors import ARP, DNS, GRE, ICMP, LLC, SCTP, TCP, UDP, VLAN, Ethernet, IPv4, IPv6
from dissectors.dns import Question
from dissectors.dns_records import A
from dissectors.icmp import ICMPType
from dissectors.icmpv6_options import SourceLinkAddress
from dissectors.ipv6_extensions import HopByHop
from dissectors.ipv6_options import IPv6Option
from dissectors.tcp_options import MaximumSegmentSize, NoOperation, TCPOption, WindowScale
from rawlab.packet import Packet
from rawlab.schema import (
    U8,
    U16,
    Custom,
    Draft,
    Group,
    Header,
    Items,
    Octets,
    One,
    Pad,
    Signed,
    Text,
    Unsigned,
    Varint,
    count_of,
    header,
    length_of,
)

ENDS = {"src": "10.0.0.1", "dst": "10.0.0.2"}


def read(draft: Draft) -> Packet:
    packet = Packet(bytes(draft), linktype=draft.linktype)
    assert packet.faults == ()
    assert all(found.status != 0 for found in packet.checksums)
    return packet


def test_lengths_numbers_and_checksums_are_computed() -> None:
    packet = read(Ethernet() / IPv4(**ENDS) / UDP(srcport=7, dstport=9) / b"hi")
    assert packet.octets.hex(" ", 2) == (
        "ffff ffff ffff 0000 0000 0000 0800 4500 001e 0000 0000 4011 66cd 0a00 0001 0a00 0002 "
        "0007 0009 000a 835e 6869"
    )


def test_what_is_given_is_kept_even_a_lie() -> None:
    octets = bytes(IPv4(**ENDS, proto=6, len=29, checksum=0xBEEF) / UDP(dstport=9, length=4) / b"x")
    packet = Packet(octets, linktype=101)
    assert (packet.ip.proto, packet.ip.len, packet.ip.checksum) == (6, 29, 0xBEEF)
    assert octets[24:26] == b"\0\4"


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: UDP(dstport=70_000), "udp.dstport: 70000 is not within 0 to 65535 (16 bits)"),
        (lambda: UDP(dstport=-1), "udp.dstport: -1 is not within"),
        (lambda: UDP(dstport=9) / bytes(70_000), "udp.length: 70008 is not within 0 to 65535"),
        (lambda: IPv4(dst="10.0.0.256"), "ip.dst: "),
        (lambda: IPv6(dst="10.0.0.1"), "ipv6.dst: "),
        (lambda: Ethernet(dst="02:00"), "eth.dst: '02:00' is no link-layer address"),
        (lambda: TCP(dstport=1, hdr_len=21), "tcp.hdr_len: 21 is no multiple of 4"),
        (lambda: TCP(dstport=1, flags="syn,akc"), "tcp.flags: no flag 'akc': did you mean 'ack'?"),
        (lambda: ARP(opcode="replay", src__hw_mac=0, dst__proto_ipv4=0), "did you mean 'reply'"),
        (lambda: UDP(srcport=1), "udp.dstport has to be given"),
        (lambda: Ethernet() / b"x", "eth.type or eth.len"),
        (lambda: ICMP(type=3, ident=5), "icmp.ident is there only where"),
        (lambda: DNS(queries=[Question(name="a" * 64)]), "a label of"),
    ],
)
def test_what_cannot_be_represented_is_refused(make: object, complaint: str) -> None:
    with pytest.raises(ValueError) as raised:
        bytes(make())  # type: ignore[operator]
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: UDP(dstport="http"), "udp.dstport is an integer, not str"),
        (lambda: TCP(dstport=1, options=[Question(name="x")]), "tcp.options holds TCPOption"),
        (lambda: UDP(dprot=1), "did you mean 'dport'?"),
        (lambda: UDP(dstport=9) / "text", "unsupported operand"),
    ],
)
def test_values_of_another_kind_are_refused(make: object, complaint: str) -> None:
    with pytest.raises(TypeError) as raised:
        bytes(make())  # type: ignore[operator]
    assert complaint in str(raised.value)


def test_options_are_padded_to_the_words_of_the_header() -> None:
    options = (MaximumSegmentSize(mss_val=1460), NoOperation(), WindowScale(wscale__shift=7))
    packet = read(IPv4(**ENDS) / TCP(dstport=80, flags="S", options=options[:2]))
    assert packet.tcp.hdr_len == 28
    assert packet.tcp.options[0].mss_val == 1460
    packet = read(IPv4(**ENDS) / TCP(dstport=80, flags="S", options=options))
    assert (packet.tcp.hdr_len, packet.tcp.flags) == (28, 2)
    assert bytes(packet.tcp)[-8:].hex() == "020405b401030307"


def test_an_option_of_no_known_kind_is_given_by_its_data() -> None:
    packet = read(IPv4(**ENDS) / TCP(dstport=80, options=[TCPOption(kind=77, data=b"\1\2")]))
    assert bytes(packet.tcp)[20:].hex() == "4d040102"


def test_ipv6_options_are_padded_to_eight_octets() -> None:
    alert = IPv6Option(type=5, data=b"\0\0")
    packet = read(IPv6(src="::1", dst="::2") / HopByHop(options=[alert]) / UDP(dstport=9) / b"x")
    assert (packet.ipv6.nxt, packet.ipv6.plen) == (0, 17)
    hop_by_hop = packet["ipv6.hopopts"]
    assert (hop_by_hop.nxt, hop_by_hop.len) == (17, 0)


def test_counts_and_names() -> None:
    message = DNS(
        id=7,
        queries=[Question(name="example.org", type=1)],
        answers=[A(name="example.org", ttl=60, a="192.0.2.1")],
    )
    packet = read(IPv4(**ENDS) / UDP(srcport=4000) / message)
    assert packet.udp.dstport == 53
    assert (packet.dns.count__queries, packet.dns.count__answers) == (1, 1)
    assert packet.dns.answers[0].a == ipaddress.IPv4Address("192.0.2.1")
    assert packet.dns.answers[0].resp__len == 4


def test_the_number_of_what_follows_is_found_in_any_stack() -> None:
    packet = read(
        Ethernet() / VLAN(id=5) / IPv6(src="::1", dst="::2") / IPv4(**ENDS) / GRE()
        / Ethernet() / IPv4(**ENDS) / SCTP(dstport=9)
    )
    assert (packet.eth.type, packet.vlan.etype) == (0x8100, 0x86DD)
    assert (packet.ipv6.nxt, packet.gre.proto) == (4, 0x6558)


def test_a_length_stands_where_ethernet_has_a_type() -> None:
    packet = read(Ethernet() / LLC(dsap=0x42, ssap=0x42) / b"hello")
    assert (packet.eth.type, packet.eth.len) == (None, 8)


def test_what_a_given_field_needs_is_set() -> None:
    packet = read(IPv4(**ENDS) / GRE(key=5, proto=0x0800) / b"")
    assert packet.gre.flags__key
    assert not packet.gre.flags__checksum
    packet = read(IPv4(**ENDS) / ICMP(redir_gw="10.0.0.9") / IPv4(**ENDS))
    assert packet.icmp.type == 5


def test_what_a_given_field_needs_is_left_to_a_default_that_allows_it() -> None:
    assert bytes(ICMP(ident=7, seq=1))[0] == ICMPType.ECHO
    assert bytes(ICMP(originate_timestamp=5))[0] == ICMPType.TIMESTAMP


def test_a_variant_of_two_conditions_is_known_by_its_class() -> None:
    assert bytes(SourceLinkAddress(src_linkaddr="02:00:00:00:00:01")).hex() == "0101020000000001"


def test_a_header_prints_values_given_as_text() -> None:
    assert repr(TCP(dstport=80, flags="S")) == "TCP(dstport=80, flags=0x0002)"
    assert repr(TCP(dstport=80, flags="XY")) == "TCP(dstport=80, flags='XY')"


def test_a_checksum_of_zero_is_written_as_all_ones() -> None:
    for number in range(65536):
        octets = bytes(IPv4(**ENDS) / UDP(srcport=number, dstport=9))
        if octets[26:28] == b"\xff\xff":
            read(IPv4(**ENDS) / UDP(srcport=number, dstport=9))
            return
    pytest.fail("none of all source ports gives a checksum of 0")


def test_a_frame_is_padded_behind_what_it_carries() -> None:
    frame = (Ethernet() / IPv4(**ENDS) / UDP(dstport=9) / b"x").padded(60)
    packet = read(frame)
    assert (len(packet), packet.ip.len, packet.trailer) == (60, 29, bytes(17))
    assert len(frame.padded(40)) == 60


def test_building_has_no_side_effect() -> None:
    draft = IPv4(**ENDS) / UDP(dstport=9) / b"x"
    assert bytes(draft) == bytes(draft)
    assert len(draft / b"y") == len(draft) + 1
    with pytest.raises(ValueError, match="cannot follow octets"):
        draft / UDP(dstport=9)


class Inner(Group, name="odd.inner"):
    """A part with a length of its own."""

    size: U8 = U8(compute=length_of(header))
    word: U16 = U16(order="little")


class Reversed(Custom[str]):
    """Text that is written backwards, after its length."""

    def read(self, message: memoryview, start: int, end: int) -> tuple[str, int]:
        size = message[start]
        return bytes(message[start + 1 : start + 1 + size])[::-1].decode(), start + 1 + size

    def write(self, value: str, written: bytes) -> bytes:
        return bytes([len(value)]) + value.encode()[::-1]


class Odd(Header, name="odd"):
    """A header of all kinds of fields."""

    kind: U8 = U8()
    low: Unsigned = Unsigned(bits=3, order="little")
    high: Unsigned = Unsigned(bits=13, order="little")
    below: Signed = Signed(bits=4)
    count: Unsigned = Unsigned(bits=4, compute=count_of(lambda h: h.parts))
    words: U8 = U8()
    extra: U16 = U16(when=kind == 2)
    text: Text = Text(until=b"\0")
    number: Varint = Varint()
    name: Reversed = Reversed()
    pad: Pad = Pad(align=4)
    one: One[Inner] = One(Inner, length=3)
    parts: Items[Inner] = Items(Inner, count=count, align=4)
    body: Octets = Octets(length=words * 2 + 1)


def test_all_kinds_of_fields() -> None:
    octets = bytes(Odd(
        kind=2, low=5, high=0x1234, below=-3, extra=9, text="ab", number=300, name="xyz",
        one=Inner(word=1), parts=[Inner(word=2), Inner(word=3)], body=b"12345",
    ))  # fmt: skip
    assert octets.hex(" ") == (
        "02 a5 91 d2 02 00 09 61 62 00 41 2c 03 7a 79 78 03 01 00 03 02 00 00 03 03 00 00 "
        "31 32 33 34 35"
    )


def test_what_does_not_fit_its_length_is_refused() -> None:
    values = {"kind": 1, "low": 0, "high": 0, "below": 0, "text": "", "number": 0, "name": "",
              "one": Inner(word=1)}  # fmt: skip
    assert bytes(Odd(**values, body=b"1")).endswith(b"1")
    with pytest.raises(ValueError, match=r"odd.body: 2 octets, where its length counts 2 each"):
        bytes(Odd(**values, body=b"12"))
    with pytest.raises(ValueError, match=r"odd.text: its delimiter .* stands inside"):
        bytes(Odd(**{**values, "text": "a\0"}, body=b"1"))
    with pytest.raises(ValueError, match=r"odd.below: -9 is not within -8 to 7"):
        bytes(Odd(**{**values, "below": -9}, body=b"1"))
    with pytest.raises(ValueError, match=r"odd.count: 16 is not within 0 to 15"):
        bytes(Odd(**values, parts=[Inner(word=1)] * 16, body=b"1"))
