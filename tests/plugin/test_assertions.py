"""assert_packet and expect: what passes, what fails, and what the report says."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors import DNS, TCP, UDP, Ethernet, IPv4, IPv6
from dissectors.tcp_options import MaximumSegmentSize, NoOperation, TCPOption, WindowScale
from rawlab import Packet
from rawlab.testing import ANY, assert_packet, between, expect, matching, one_of, where
from rawlab.testing.comparing import compare

SYN = (
    Ethernet(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    / IPv4(src="10.0.0.1", dst="10.0.0.2", ttl=9)
    / TCP(srcport=4000, dstport=80, flags="S", seq=7,
          options=[MaximumSegmentSize(mss_val=1460), NoOperation(), WindowScale(wscale__shift=7)])
)
TUNNEL = (
    Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2") / IPv4(src="10.9.0.1", dst="10.9.0.2")
    / UDP(srcport=1, dstport=9) / bytes(range(100))
)
SIX = Ethernet() / IPv6(src="fd00::1", dst="fd00::2") / UDP(srcport=1, dstport=9) / bytes(4)


def packet(draft: Any) -> Packet:
    return Packet(bytes(draft))


@dataclass(frozen=True)
class Case:
    name: str
    draft: Any
    pattern: Any
    report: tuple[str, ...] = ()
    """Lines that the report has; none: it passes."""

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("a class", SYN, TCP),
    Case("a header that sets nothing", SYN, TCP()),
    Case("flags by letters", SYN, TCP(flags="S")),
    Case("flags by name", SYN, TCP(flags="syn")),
    Case("a name that only building knows", SYN, TCP(seq=7)),
    Case("an address as text", SYN, IPv4(src="10.0.0.1")),
    Case("an address in another spelling", SIX, IPv6(src="fd00:0:0::1")),
    Case("a stack", SYN, IPv4(src="10.0.0.1") / TCP(dstport=80)),
    Case("the inner header of a tunnel", TUNNEL, IPv4(src="10.9.0.1") / UDP()),
    Case("a payload", TUNNEL, UDP() / bytes(range(100))),
    Case("any value", SYN, TCP(seq=ANY)),
    Case("a range", SYN, TCP(srcport=range(4000, 4001))),
    Case("bounds", SYN, TCP(srcport=between(4000, 4000))),
    Case("one of several, as building takes them", SYN, TCP(flags=one_of("SA", "S"))),
    Case("a network", SYN, IPv4(src=ip_network("10.0.0.0/8"))),
    Case("a function", SYN, TCP(seq=lambda seq: seq % 2)),
    Case("an expression", SYN, IPv4(src=matching(r"^10\."))),
    Case("an option among others", SYN, TCP(options=[WindowScale(wscale__shift=7)])),
    Case("an option by a name of its base", SYN, TCP(options=[TCPOption(kind=2)])),
    Case("options in their order", SYN, TCP(options=[MaximumSegmentSize(), WindowScale()])),
    Case("a header of another packet", SYN, packet(SYN).tcp),
    Case("flags differ", SYN, TCP(flags="SA", ack=1, dstport=80), (
        "packet 1 is not TCP(flags='SA', ack_raw=1, dstport=80): 2 of 3 fields differ",
        "  ! tcp.flags    want 0x0012 (ack, syn), got 0x0002 (syn)",
        "  ! tcp.ack_raw  want 1, got 0",
        "    tcp.dstport  80",
    )),
    Case("another layer", SYN, UDP(dstport=80), (
        "packet 1 is not UDP(dstport=80): it has other layers",
        "  ! layers  want udp, got eth / ip / tcp",
    )),
    Case("headers that do not follow each other", SYN, Ethernet() / TCP(), (
        "  ! layers  want eth / tcp, got eth / ip / tcp",
    )),
    Case("an option's value", SYN, TCP(options=[MaximumSegmentSize(mss_val=1400)]), (
        "  ! tcp.options.mss_val  want 1400 octets, got 1460 octets",
    )),
    Case("options out of order", SYN, TCP(options=[WindowScale(), MaximumSegmentSize()]), (
        "  ! tcp.options  want WindowScale(), MaximumSegmentSize(),"
        " got MaximumSegmentSize(mss_val=1460), NoOperation(), WindowScale(wscale__shift=7)",
    )),
    Case("no options are wanted", SYN, TCP(options=[]), (
        "  ! tcp.options  want none, got MaximumSegmentSize(mss_val=1460), NoOperation(),"
        " WindowScale(wscale__shift=7)",
    )),
    Case("out of bounds", SYN, TCP(srcport=between(1, 9)), (
        "  ! tcp.srcport  want 1 to 9, got 4000",
    )),
    Case("a function says no", SYN, TCP(seq=where(lambda seq: seq > 9, "a large number")), (
        "  ! tcp.seq_raw  want a large number, got 7",
    )),
    Case("of a tunnel's headers the nearest is told", TUNNEL,
         IPv4(src="10.9.0.1", dst="10.9.0.9"), ("  ! ip.dst  want 10.9.0.9, got 10.9.0.2",)),
    Case("a long payload", TUNNEL, UDP() / (bytes(range(90)) + b"x" + bytes(9)), (
        "  ! payload  want 86 octets, 56575859 78000000 00000000 0000,"
        " got 86 octets, 56575859 5a5b5c5d 5e5f6061 6263",
    )),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_assert_packet(case: Case) -> None:
    held = packet(case.draft)
    if not case.report:
        assert assert_packet(held, case.pattern) is held
        return
    with pytest.raises(AssertionError) as caught:
        assert_packet(held, case.pattern)
    lines = str(caught.value).splitlines()
    assert [line for line in case.report if line not in lines] == [], str(caught.value)


def test_a_draft_is_built() -> None:
    assert_packet(SYN, IPv4(len=48))


def test_no_packet() -> None:
    with pytest.raises(AssertionError, match=r"no packet \(None\), but wanted: TCP\(flags='SA'\)"):
        assert_packet(None, TCP(flags="SA"))


@pytest.mark.parametrize(("given", "pattern", "words"), [
    (b"\0", TCP, "a packet is wanted, not bytes"),
    (SYN, "tcp", "expected is a header"),
    (SYN, TCP(flags=1.5), "tcp.flags is an integer, not float"),
])
def test_what_is_no_packet_or_pattern(given: Any, pattern: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        assert_packet(given, pattern)


@pytest.mark.parametrize("pattern", [TCP(dstport=70000), UDP(dstport=70000)], ids=repr)
def test_a_value_that_cannot_be_is_refused(pattern: Any) -> None:
    """Whether or not the packet has the layer: else the assertion would be a trap."""
    with pytest.raises(ValueError, match="70000 is not within 0 to 65535"):
        assert_packet(SYN, pattern)


def test_text_of_a_packet_is_escaped() -> None:
    draft = Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2") / UDP(srcport=1, dstport=53) / DNS()
    held = packet(draft / b"")
    with pytest.raises(AssertionError) as caught:
        assert_packet(held, UDP() / b"\x1b[31m")
    assert "\x1b" not in str(caught.value)


@given(st.binary(max_size=120))
def test_no_octets_stop_a_comparison(octets: bytes) -> None:
    """Damaged packets are compared as far as they can be read."""
    for pattern in (TCP(flags="SA", options=[MaximumSegmentSize(mss_val=1)]), DNS(id=1),
                    IPv4(src="10.0.0.1") / UDP(dstport=53) / b"x"):
        for start in (b"", bytes(SYN)[:34], bytes(TUNNEL)[:62]):
            held = Packet(start + octets)
            report = "\n".join(compare(held, pattern).lines())
            assert report.replace("\n", "").isprintable()


class TestExpect:
    packets = (SYN, TUNNEL, SIX)

    def test_others_may_stand_between(self) -> None:
        found = expect(self.packets, [TCP(flags="S"), IPv6()])
        assert [one.layers[1].version for one in found] == [4, 6]  # type: ignore[attr-defined]

    def test_order_counts(self) -> None:
        with pytest.raises(AssertionError, match=r"2 of 2: no packet after packet 1 is TCP"):
            expect(self.packets, [IPv6, TCP])

    def test_the_closest_is_told(self) -> None:
        with pytest.raises(AssertionError, match=r"! udp\.dstport  want 10, got 9"):
            expect(self.packets, [UDP(srcport=1, dstport=10)])

    def test_only_these(self) -> None:
        expect(self.packets, [TCP, UDP, UDP], only=True)
        with pytest.raises(AssertionError, match="1 packets more"):
            expect(self.packets, [TCP, UDP], only=True)
        with pytest.raises(AssertionError, match="the next:"):
            expect(self.packets, [TCP, IPv6], only=True)

    def test_no_packets(self) -> None:
        with pytest.raises(AssertionError, match="there are no packets"):
            expect([], [TCP])
