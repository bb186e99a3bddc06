"""Exchanges with real hosts: their kernels, servers on them, and responders."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

import rawlab
from dissectors import ARP, DNS, ICMP, TCP, UDP, Ethernet, IPv4, IPv6
from dissectors.dns import Question
from dissectors.dns_records import A
from dissectors.icmpv6 import ICMPv6
from lab.pair import Pair
from rawlab.asking import Unreachable
from rawlab.asking.exchange import exchange_all_async, exchange_async
from rawlab.inject import SendError
from rawlab.inject.route import NoRoute
from rawlab.packet import Packet
from rawlab.schema import U8, U16, Draft, Header, becomes, on, same

A4, B4, NOBODY = "10.0.1.1", "10.0.1.2", "10.0.1.77"
A6, B6 = "fd00:0:0:1::1", "fd00:0:0:1::2"
MA, MB, MC = "02:00:00:00:01:01", "02:00:00:00:01:02", "02:00:00:00:00:77"
there = IPv4(src=A4, dst=B4)
frame = Ethernet(src=MA, dst=MB)


class Knock(
    Header, name="knock", follows=on("udp.port", 9911),
    answers=lambda h: (becomes(h.kind, {1: 2}), same(h.number)),
):  # fmt: skip
    """Somebody's own protocol."""

    kind: U8 = U8(default=1)
    number: U16 = U16()


REGISTRY = rawlab.default_registry().extended()
REGISTRY.add(Knock)


@pytest.mark.parametrize(
    "request_",
    [
        frame / there / ICMP(ident=7, seq=1) / b"hello",
        there / ICMP(ident=7, seq=1) / b"hello",
        IPv4(dst=B4) / ICMP(ident=7),
        frame / IPv6(src=A6, dst=B6) / ICMPv6(echo__identifier=7) / b"hello",
        IPv6(src=A6, dst=B6) / ICMPv6(echo__identifier=7),
    ],
    ids=repr,
)
def test_the_kernel_answers_an_echo(pair: Pair, request_: Draft) -> None:
    for interface in ("eth0", None):
        before = time.time_ns()
        reply = rawlab.exchange(request_, interface=interface, opener=pair.a.socket, retries=2)
        assert reply is not None
        assert reply.payload == (b"hello" if bytes(request_).endswith(b"hello") else b"")
        assert before <= reply.sent_ns <= reply.received_ns <= time.time_ns()
        assert reply.rtt_ns == reply.received_ns - reply.sent_ns
        assert reply.request.octets == bytes(request_)
        assert reply.tries >= 1


def test_errors_answer_what_they_quote(pair: Pair) -> None:
    for request in (there / UDP(srcport=5, dstport=9) / b"x", frame / there / UDP(dstport=9)):
        reply = rawlab.exchange(request, opener=pair.a.socket, retries=2)
        assert reply is not None
        assert (reply.icmp.type, reply.icmp.code) == (3, 3)
    reply = rawlab.exchange(IPv6(src=A6, dst=B6) / UDP(dstport=9), opener=pair.a.socket, retries=2)
    assert reply is not None
    assert (reply.icmpv6.type, reply.icmpv6.code) == (1, 4)


def test_a_connection_is_refused_or_accepted(pair: Pair) -> None:
    server = pair.b.socket()
    server.bind((B4, 8000))
    server.listen()
    with server:
        for port, flags in ((8000, "SA"), (8001, "RA")):
            reply = rawlab.exchange(there / TCP(srcport=999, dstport=port, flags="S", seq_raw=7),
                                    opener=pair.a.socket, retries=2)
            assert reply is not None
            assert reply.tcp.flags == TCP.flags.number(flags)
            assert reply.tcp.ack_raw == 8


def test_a_dns_server(pair: Pair) -> None:
    server = pair.b.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((B4, 53))
    server.settimeout(10)

    def serve() -> None:
        octets, peer = server.recvfrom(512)
        query = Packet(octets, linktype=147, registry=_dns_alone())
        name = query.dns.queries[0].name
        wrong, right = (
            DNS(id=ident, flags=0x8180, queries=[Question(name=name)],
                answers=[A(name=name, a="192.0.2.80")])
            for ident in (query.dns.id ^ 1, query.dns.id))
        for answer in (wrong, right):
            server.sendto(bytes(answer), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    query = there / UDP(srcport=5300, dstport=53) / DNS(id=77, queries=[Question(name="a.example")])
    reply = rawlab.exchange(query, opener=pair.a.socket, timeout_s=5)
    thread.join()
    server.close()
    assert reply is not None
    assert reply.dns.id == 77
    assert str(reply.dns.answers[0].a) == "192.0.2.80"


def _dns_alone() -> rawlab.Registry:
    registry = rawlab.default_registry().extended()
    registry.decode_as("linktype==147,dns")
    return registry


def test_nobody_answers(pair: Pair) -> None:
    began = time.monotonic()
    request = frame / IPv4(src=A4, dst=NOBODY) / ICMP()
    assert rawlab.exchange(request, opener=pair.a.socket, timeout_s=0.1, retries=2) is None
    assert time.monotonic() - began >= 0.3


def test_a_responder_for_an_address_that_nobody_has(pair: Pair) -> None:
    def rule(packet: Packet) -> Draft | None:
        if ARP in packet and str(packet[ARP].dst__proto_ipv4) == NOBODY:
            return rawlab.reply_to(packet, eth={"src": MC}, arp={"src__hw_mac": MC})
        if ICMP in packet and str(packet.ip.dst) == NOBODY:
            return rawlab.reply_to(packet)
        return None

    with rawlab.respond("eth0", rule, promiscuous=True, opener=pair.b.socket) as responder:
        draft = rawlab.with_defaults(Ethernet() / IPv4(dst=NOBODY) / ICMP(ident=3),
                                     opener=pair.a.socket)
        assert draft.headers[0].dst == MC
        reply = rawlab.exchange(draft, opener=pair.a.socket, retries=2)
        assert reply is not None
        assert (reply.eth.src, str(reply.ip.src), reply.icmp.type) == (MC, NOBODY, 0)
    assert responder.answered >= 2


def test_a_protocol_of_ones_own_and_a_reply_that_comes_late(pair: Pair) -> None:
    seen: list[int] = []

    def rule(packet: Packet) -> Draft | None:
        if Knock not in packet or packet[Knock].kind != 1:
            return None
        seen.append(packet[Knock].number)
        return None if len(seen) == 1 else rawlab.reply_to(packet)

    request = frame / there / UDP(srcport=5, dstport=9911) / Knock(number=44)
    # The kernel of b would say that nobody listens at the port, which answers as well.
    listener = pair.b.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((B4, 9911))
    with listener, rawlab.respond("eth0", rule, opener=pair.b.socket, registry=REGISTRY):
        once = rawlab.exchange(request, opener=pair.a.socket, registry=REGISTRY, timeout_s=0.2)
        assert once is None
        reply = rawlab.exchange(request, opener=pair.a.socket, registry=REGISTRY, timeout_s=2)
        assert reply is not None
        assert (reply[Knock].kind, reply[Knock].number, reply.tries) == (2, 44, 1)
        seen.clear()
        again = rawlab.exchange(request, opener=pair.a.socket, registry=REGISTRY, timeout_s=0.3,
                                retries=3)
        assert again is not None
        assert again.tries == 2
        assert seen == [44, 44]


def test_a_thousand_at_once_and_some_that_nobody_answers(pair: Pair) -> None:
    many = [frame / there / ICMP(ident=9, seq=number) for number in range(1000)]
    lost = [frame / IPv4(src=A4, dst=NOBODY) / ICMP(ident=9, seq=number) for number in range(10)]
    done = rawlab.exchange_all([*many, *lost], window=200, timeout_s=0.5, retries=2,
                               interface="eth0", opener=pair.a.socket)
    assert [request.icmp.seq for request, _ in done.pairs] == list(range(1000))
    assert all(reply.icmp.seq == request.icmp.seq for request, reply in done.pairs)
    assert [str(request.ip.dst) for request in done.unanswered] == [NOBODY] * 10
    assert (done.refused, done.dropped) == (0, 0)


def test_two_that_answer_are_a_reply_and_a_duplicate(pair: Pair) -> None:
    def rule(packet: Packet) -> Draft | None:
        return rawlab.reply_to(packet) if ICMP in packet else None

    with rawlab.respond("eth0", rule, opener=pair.b.socket):  # besides b's kernel
        done = rawlab.exchange_all([frame / there / ICMP(ident=5)], linger_s=0.5,
                                   opener=pair.a.socket, retries=2)
    assert len(done.pairs) == 1
    assert len(done.replies[0].duplicates) >= 1


def test_a_rate_is_kept(pair: Pair) -> None:
    requests = [there / ICMP(ident=5, seq=number) for number in range(20)]
    done = rawlab.exchange_all(requests, rate_pps=100, opener=pair.a.socket)
    times = [reply.sent_ns for reply in done.replies]
    assert len(times) == 20
    assert times[-1] - times[0] >= 0.18e9


async def test_in_an_event_loop(pair: Pair) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    one, none, many = await asyncio.gather(
        exchange_async(there / ICMP(ident=1), opener=pair.a.socket, retries=2),
        exchange_async(frame / IPv4(src=A4, dst=NOBODY) / ICMP(), opener=pair.a.socket,
                       timeout_s=0.3),
        exchange_all_async([there / ICMP(ident=2, seq=n) for n in range(50)],
                           opener=pair.a.socket, retries=2),
    )
    ticking.cancel()
    assert one is not None
    assert none is None
    assert len(many.pairs) == 50
    assert ticks > 5


async def test_cancelling_ends_it(pair: Pair) -> None:
    request = frame / IPv4(src=A4, dst=NOBODY) / ICMP()
    before = threading.active_count()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(
            exchange_async(request, opener=pair.a.socket, timeout_s=60), timeout=0.2)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert threading.active_count() <= before


def test_what_the_system_knows_is_asked_for(pair: Pair) -> None:
    draft = rawlab.with_defaults(Ethernet() / IPv4(dst=B4) / UDP(dstport=9), opener=pair.a.socket)
    made = Packet(bytes(draft))
    assert (made.eth.src, made.eth.dst, str(made.ip.src)) == (MA, MB, A4)
    draft = rawlab.with_defaults(Ethernet() / IPv6(dst=B6) / UDP(dstport=9), opener=pair.a.socket)
    made = Packet(bytes(draft))
    assert (made.eth.src, made.eth.dst, str(made.ipv6.src)) == (MA, MB, A6)
    draft = rawlab.with_defaults(Ethernet() / ARP(dst__proto_ipv4=B4), opener=pair.a.socket)
    made = Packet(bytes(draft))
    assert (made.eth.dst, made.arp.src__hw_mac, str(made.arp.src__proto_ipv4)) == (
        "ff:ff:ff:ff:ff:ff", MA, A4)
    draft = rawlab.with_defaults(Ethernet(src=MC) / IPv4(src="10.0.1.9", dst="224.0.0.5") / b"",
                                 interface="eth0", opener=pair.a.socket)
    made = Packet(bytes(draft))
    assert (made.eth.src, made.eth.dst, str(made.ip.src)) == (MC, "01:00:5e:00:00:05", "10.0.1.9")


def test_what_the_system_does_not_know_is_said(pair: Pair) -> None:
    with pytest.raises(NoRoute, match=r"no route to 192\.0\.2\.1: Network is unreachable"):
        rawlab.with_defaults(IPv4(dst="192.0.2.1") / ICMP(), opener=pair.a.socket)
    with pytest.raises(Unreachable, match=rf"{NOBODY} does not answer ARP on eth0"):
        rawlab.with_defaults(Ethernet() / IPv4(dst=NOBODY) / ICMP(), opener=pair.a.socket,
                             timeout_s=0.1, retries=1)
    with pytest.raises(ValueError, match="names a destination"):
        rawlab.with_defaults(Ethernet() / b"x", opener=pair.a.socket)
    with pytest.raises(ValueError, match="name the interface"):
        rawlab.exchange(Ethernet(type=0x88B5) / b"x", opener=pair.a.socket)
    with pytest.raises(OSError, match=r"no interface is named 'eth7'; did you mean eth0\?"):
        rawlab.exchange(frame / there / ICMP(), interface="eth7", opener=pair.a.socket)
    with pytest.raises(SendError, match="refused the request: Message too long; it is larger"):
        rawlab.exchange(there / ICMP() / bytes(3000), opener=pair.a.socket)
    with pytest.raises(ValueError, match="begin with the same header"):
        rawlab.exchange_all([frame / there / ICMP(), there / ICMP()], opener=pair.a.socket)


@pytest.mark.parametrize(("name", "value"), [
    ("timeout_s", 0), ("retries", -1), ("window", 0), ("rate_pps", 0), ("linger_s", -1)])
def test_a_wrong_bound_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        rawlab.exchange_all([], **{name: value})  # type: ignore[arg-type]


def test_what_a_rule_raises_is_raised_when_the_responder_closes(pair: Pair) -> None:
    def rule(packet: Packet) -> Draft | None:
        raise ZeroDivisionError("mine")

    def ask() -> None:
        with rawlab.respond("eth0", rule, opener=pair.b.socket):
            rawlab.exchange(there / ICMP(), opener=pair.a.socket, retries=2)
            time.sleep(0.2)

    with pytest.raises(ZeroDivisionError, match="mine"):
        ask()


def test_a_responder_ends_after_its_count(pair: Pair) -> None:
    def rule(packet: Packet) -> Draft | None:
        return rawlab.reply_to(packet) if ICMP in packet else None

    responder = rawlab.respond("eth0", rule, count=1, timeout_s=20, opener=pair.b.socket)
    rawlab.exchange(there / ICMP(), opener=pair.a.socket, retries=2)
    responder.run()
    responder.close()
    assert responder.answered == 1
