"""What answers what: tables of pairs, among them those that look like it and are not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from asking.layers import packet
from dissectors import ARP, DNS, ICMP, SCTP, TCP, UDP, VLAN, Ethernet, IPv4, IPv6
from dissectors.dns import Question
from dissectors.icmpv6 import ICMPv6
from dissectors.ipv6_extensions import DestinationOptions
from rawlab.asking import answers
from rawlab.asking.index import Index
from rawlab.packet import Packet
from rawlab.schema import Draft

A, B, ROUTER, OTHER = "10.0.0.1", "10.0.0.2", "10.9.9.9", "10.0.0.3"
A6, B6, R6 = "fd00::1", "fd00::2", "fd00::9"
MA, MB = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
there = IPv4(src=A, dst=B)
back = IPv4(src=B, dst=A)
there6 = IPv6(src=A6, dst=B6)
back6 = IPv6(src=B6, dst=A6)


def quoted(draft: Draft, octets: int = 28) -> bytes:
    """As much of a packet as an error quotes."""
    return bytes(draft)[:octets]


def tcp(src: int, dst: int, flags: str, seq: int = 0, ack: int = 0) -> TCP:
    return TCP(srcport=src, dstport=dst, flags=flags, seq_raw=seq, ack_raw=ack)


UNREACHABLE = there / UDP(srcport=5, dstport=6) / b"hello"
ECHO = there / ICMP(ident=7, seq=1) / b"data"
SYN = there / tcp(9, 80, "S", 100)
DATA = there / tcp(9, 80, "PA", 100, 500) / b"hello"
QUERY = there / UDP(srcport=99, dstport=53) / DNS(id=77, queries=[Question(name="a.example")])
SOLICIT = IPv6(src=A6, dst="ff02::1:ff00:2") / ICMPv6(type=135, nd__ns__target_address=B6)
PADDED = there6 / DestinationOptions() / UDP(srcport=5, dstport=6)


@dataclass(frozen=True)
class Case:
    name: str
    request: Draft
    reply: Draft
    yes: bool

    def __str__(self) -> str:
        return f"{self.name}: {'yes' if self.yes else 'no'}"


def dns(ident: int, name: str | None, response: bool = True) -> Draft:
    questions = [Question(name=name)] if name else []
    return back / UDP(srcport=53, dstport=99) / DNS(
        id=ident, flags=0x8180 if response else 0x0100, queries=questions)


CASES = [
    Case("echo", ECHO, back / ICMP(type=0, ident=7, seq=1), True),
    Case("echo, its octets changed on the way back", ECHO,
         back / ICMP(type=0, ident=7, seq=1) / b"other", True),
    Case("echo of another ident", ECHO, back / ICMP(type=0, ident=8, seq=1), False),
    Case("echo of another seq", ECHO, back / ICMP(type=0, ident=7, seq=2), False),
    Case("the request itself", ECHO, ECHO, False),
    Case("an echo the other way", ECHO, back / ICMP(type=8, ident=7, seq=1), False),
    Case("a reply of another kind", ECHO, back / ICMP(type=14, ident=7, seq=1), False),
    Case("a reply from elsewhere", ECHO,
         IPv4(src=OTHER, dst=A) / ICMP(type=0, ident=7, seq=1), False),
    Case("a reply to somebody else", ECHO,
         IPv4(src=B, dst=OTHER) / ICMP(type=0, ident=7, seq=1), False),
    Case("a broadcast asks", IPv4(src=A, dst="255.255.255.255") / ICMP(ident=7),
         IPv4(src=OTHER, dst=A) / ICMP(type=0, ident=7), True),
    Case("a multicast asks", IPv4(src=A, dst="224.0.0.1") / ICMP(ident=7),
         IPv4(src=OTHER, dst=A) / ICMP(type=0, ident=7), True),
    Case("asked without an address", IPv4(dst=B) / ICMP(ident=7), back / ICMP(type=0, ident=7),
         True),
    Case("timestamp", there / ICMP(type=13, ident=1), back / ICMP(type=14, ident=1), True),
    Case("a packet answers a frame", Ethernet(src=MA, dst=MB) / ECHO,
         back / ICMP(type=0, ident=7, seq=1), True),
    Case("a frame answers a packet", ECHO,
         Ethernet(src=MB, dst=MA) / back / ICMP(type=0, ident=7, seq=1), True),
    Case("a frame from another station", Ethernet(src=MA, dst=MB) / ECHO,
         Ethernet(src="02:00:00:00:00:0c", dst=MA) / back / ICMP(type=0, ident=7, seq=1), False),
    Case("the tag is missing", Ethernet(src=MA, dst=MB) / VLAN(id=5) / ECHO,
         Ethernet(src=MB, dst=MA) / back / ICMP(type=0, ident=7, seq=1), False),
    Case("unreachable", UNREACHABLE, back / ICMP(type=3, code=3) / quoted(UNREACHABLE), True),
    Case("a router on the way", UNREACHABLE,
         IPv4(src=ROUTER, dst=A) / ICMP(type=11) / quoted(UNREACHABLE), True),
    Case("an error to somebody else", UNREACHABLE,
         IPv4(src=ROUTER, dst=OTHER) / ICMP(type=11) / quoted(UNREACHABLE), False),
    Case("an error about another port", UNREACHABLE,
         back / ICMP(type=3, code=3) / quoted(there / UDP(srcport=5, dstport=7)), False),
    Case("an error about another protocol", UNREACHABLE,
         back / ICMP(type=3, code=3) / quoted(there / tcp(5, 6, "S")), False),
    Case("an error that quotes an address only", UNREACHABLE,
         back / ICMP(type=3, code=3) / quoted(UNREACHABLE, 20), True),
    Case("an error that quotes another protocol's address only", UNREACHABLE,
         back / ICMP(type=3, code=3) / quoted(ECHO, 20), False),
    Case("an error without a quote", UNREACHABLE, back / ICMP(type=3, code=3), False),
    Case("an error about an echo", ECHO, IPv4(src=ROUTER, dst=A) / ICMP(type=11) / quoted(ECHO),
         True),
    Case("an error about another echo", ECHO,
         IPv4(src=ROUTER, dst=A) / ICMP(type=11) / quoted(there / ICMP(ident=7, seq=9)), False),
    Case("an error about a SYN", SYN, IPv4(src=ROUTER, dst=A) / ICMP(type=11) / quoted(SYN), True),
    Case("an error about another SYN", SYN,
         IPv4(src=ROUTER, dst=A) / ICMP(type=11) / quoted(there / tcp(9, 80, "S", 101)), False),
    Case("nothing answers an error", back / ICMP(type=3) / quoted(ECHO),
         there / ICMP(type=0), False),
    Case("SYN accepted", SYN, back / tcp(80, 9, "SA", 900, 101), True),
    Case("SYN accepted, another number", SYN, back / tcp(80, 9, "SA", 900, 102), False),
    Case("SYN refused", SYN, back / tcp(80, 9, "RA", 0, 101), True),
    Case("SYN refused, another number", SYN, back / tcp(80, 9, "RA", 0, 7), False),
    Case("SYN and a bare ACK", SYN, back / tcp(80, 9, "A", 0, 100), False),
    Case("other ports", SYN, back / tcp(81, 9, "SA", 900, 101), False),
    Case("data acknowledged", DATA, back / tcp(80, 9, "A", 500, 105), True),
    Case("data acknowledged with data", DATA, back / tcp(80, 9, "PA", 500, 105) / b"x", True),
    Case("a part acknowledged", DATA, back / tcp(80, 9, "A", 500, 103), False),
    Case("data refused", DATA, back / tcp(80, 9, "R", 500), True),
    Case("a reset from nowhere", DATA, back / tcp(80, 9, "R", 499), False),
    Case("FIN acknowledged", there / tcp(9, 80, "FA", 100, 500),
         back / tcp(80, 9, "A", 500, 101), True),
    Case("numbers wrap round", there / tcp(9, 80, "S", 0xFFFFFFFF),
         back / tcp(80, 9, "SA", 5, 0), True),
    Case("nothing answers a reset", there / tcp(9, 80, "R", 100), back / tcp(80, 9, "A", 0, 100),
         False),
    Case("DNS", QUERY, dns(77, "a.example"), True),
    Case("DNS without the question", QUERY, dns(77, None), True),
    Case("DNS of another id", QUERY, dns(78, "a.example"), False),
    Case("DNS of another question", QUERY, dns(77, "b.example"), False),
    Case("a DNS query back", QUERY, dns(77, "a.example", response=False), False),
    Case("what is no DNS at all", QUERY, back / UDP(srcport=53, dstport=99) / b"?", False),
    Case("ARP", Ethernet(src=MA) / ARP(src__hw_mac=MA, src__proto_ipv4=A, dst__proto_ipv4=B),
         Ethernet(src=MB, dst=MA) / ARP(opcode=2, src__hw_mac=MB, src__proto_ipv4=B,
                                        dst__hw_mac=MA, dst__proto_ipv4=A), True),
    Case("ARP of another address",
         Ethernet(src=MA) / ARP(src__hw_mac=MA, src__proto_ipv4=A, dst__proto_ipv4=B),
         Ethernet(src=MB, dst=MA) / ARP(opcode=2, src__hw_mac=MB, src__proto_ipv4=OTHER,
                                        dst__hw_mac=MA, dst__proto_ipv4=A), False),
    Case("an ARP request", Ethernet(src=MA) / ARP(src__hw_mac=MA, src__proto_ipv4=A,
                                                  dst__proto_ipv4=B),
         Ethernet(src=MB, dst=MA) / ARP(src__hw_mac=MB, src__proto_ipv4=B, dst__hw_mac=MA,
                                        dst__proto_ipv4=A), False),
    Case("SCTP", there / SCTP(srcport=1, dstport=2), back / SCTP(srcport=2, dstport=1), True),
    Case("ping6", there6 / ICMPv6(echo__identifier=3),
         back6 / ICMPv6(type=129, echo__identifier=3), True),
    Case("neighbour", SOLICIT,
         back6 / ICMPv6(type=136, nd__na__target_address=B6), True),
    Case("another neighbour", SOLICIT,
         back6 / ICMPv6(type=136, nd__na__target_address=R6), False),
    Case("extension headers have no say", PADDED, back6 / UDP(srcport=6, dstport=5), True),
    Case("an error of IPv6", PADDED,
         IPv6(src=R6, dst=A6) / ICMPv6(type=3) / bytes(PADDED), True),
    Case("an error of IPv6 about another", PADDED,
         IPv6(src=R6, dst=A6) / ICMPv6(type=3) / bytes(there6 / UDP(srcport=5, dstport=9)), False),
    Case("another kind of payload", Ethernet(src=MA, dst=MB, type=0x88B5) / b"x",
         Ethernet(src=MB, dst=MA, type=0x88B6) / b"y", False),
    Case("the same kind of payload", Ethernet(src=MA, dst=MB, type=0x88B5) / b"x",
         Ethernet(src=MB, dst=MA, type=0x88B5) / b"y", True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_answers(case: Case) -> None:
    assert answers(packet(case.request), packet(case.reply)) is case.yes


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_table_of_requests_finds_just_those(case: Case) -> None:
    index: Index[str] = Index()
    index.add(packet(IPv4(src=A, dst=ROUTER) / UDP(srcport=1, dstport=1)).layers, "other")
    index.add(packet(case.request).layers, "it")
    assert list(index.find(packet(case.reply).layers)) == (["it"] if case.yes else [])


@pytest.mark.parametrize("case", [case for case in CASES if case.yes], ids=str)
def test_a_reply_that_is_cut_raises_nothing(case: Case) -> None:
    request, octets = packet(case.request), bytes(case.reply)
    found = [answers(request, Packet(octets[:end], linktype=case.reply.linktype))
             for end in range(len(octets) + 1)]
    assert found[-1]
    assert not any(found[:14])


def test_a_reply_is_told_by_the_fields_that_are_there() -> None:
    octets = bytes(dns(77, "a.example"))
    found = [answers(packet(QUERY), Packet(octets[:end], linktype=228)) for end in range(40)]
    assert found.index(True) == 20 + 8 + 4, "id and flags are there"
