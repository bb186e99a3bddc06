"""The grammar of `answers=`: what it says, for a protocol of one's own, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asking.layers import packet
from dissectors import ARP, DNS, ICMP, TCP, UDP, Ethernet, IPv4, IPv6
from dissectors.dns import Question
from dissectors.icmpv6 import ICMPv6
from rawlab.asking import NoAnswer, answers, reply_to
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import (
    U8,
    U16,
    DeclarationError,
    Flags,
    Header,
    MACAddress,
    anything,
    becomes,
    carried,
    either,
    equals,
    mirrored,
    on,
    quotes,
    same,
    usually,
)


class Call(
    Header,
    name="call",
    follows=on("ethertype", 0x88B5),
    answers=lambda h: (
        same(h.number),
        becomes(h.flags, {0: 1}, bits="response"),
        becomes(h.kind, {1: (2, 3), 7: 8}),
        equals(h.heard, h.said + carried),
        usually(h.said, 99),
    ),
):
    """A call, and what is said to it."""

    kind: U8 = U8(default=1)
    flags: Flags = Flags("response", "_:7", default=0)
    number: U16 = U16()
    said: U16 = U16(default=0)
    heard: U16 = U16(default=0)


REGISTRY = default_registry().extended()
REGISTRY.add(Call)
MA, MB = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
numbers = st.integers(0, 0xFFFF)
addresses = st.sampled_from(["10.0.0.1", "10.0.0.2", "192.0.2.7", "0.0.0.0", "224.0.0.1"])
addresses6 = st.sampled_from(["fd00::1", "fe80::2", "ff02::1", "::"])


def call(**values: Any) -> Packet:
    return packet(Ethernet(src=MA, dst=MB) / Call(**values) / b"hello", REGISTRY)


def test_a_reply_is_built_by_the_rule() -> None:
    draft = reply_to(call(number=7, said=10), payload=b"yes")
    reply = packet(draft, REGISTRY)
    assert (reply.eth.src, reply.eth.dst) == (MB, MA)
    header = reply[Call]
    assert (header.kind, header.flags.response, header.number) == (2, True, 7)
    assert (header.said, header.heard, reply.payload) == (99, 15, b"yes")
    assert answers(call(number=7, said=10), reply)
    assert not answers(call(number=8, said=10), reply)
    assert not answers(call(number=7, said=11), reply)


def test_a_value_of_several_may_answer_and_one_is_built() -> None:
    for kind, yes in ((1, False), (2, True), (3, True), (8, False)):
        reply = reply_to(call(number=7), call={"kind": kind})
        assert answers(call(number=7), packet(reply, REGISTRY)) is yes


def test_what_nothing_answers_is_no_request() -> None:
    with pytest.raises(NoAnswer, match=r"nothing answers call\.kind 5"):
        reply_to(call(number=7, kind=5))
    with pytest.raises(NoAnswer, match="nothing answers an error"):
        reply_to(packet(IPv4(dst="10.0.0.1") / ICMP(type=3)))


def test_a_change_of_what_is_not_there_is_the_callers_mistake() -> None:
    with pytest.raises(TypeError, match="did you mean 'number'"):
        reply_to(call(number=7), call={"nmber": 3})
    with pytest.raises(KeyError, match="udp"):
        reply_to(call(number=7), udp={"srcport": 3})


def test_a_header_without_a_rule_has_to_be_there() -> None:
    class Note(Header, name="note", follows=on("ethertype", 0x88B6)):
        """No rule."""

        text: U8 = U8()

    class Tag(Header, name="tag", follows=on("ethertype", 0x88B7), answers=anything):
        """It has no say."""

        text: U8 = U8()

    registry = REGISTRY.extended()
    registry.add(Note)
    registry.add(Tag)
    frame, back = Ethernet(src=MA, dst=MB), Ethernet(src=MB, dst=MA)
    other = packet(back / ARP(dst__proto_ipv4="10.0.0.1", src__hw_mac=MB), registry)
    assert answers(packet(frame / Note(text=1), registry), packet(back / Note(text=2), registry))
    assert not answers(packet(frame / Note(text=1), registry), other)
    assert answers(packet(frame / Tag(text=1), registry), other)


def declared(rule: Any) -> Any:
    class Wrong(Header, name="wrong", answers=rule):
        """Wrong."""

        a: U8 = U8()
        b: U16 = U16()
        mac: MACAddress = MACAddress()
        flags: Flags = Flags("x", "y:3", "_:4")

    return Wrong


MISTAKES: list[tuple[str, Any, str]] = [
    ("a field that is not there", lambda h: same(h.aa), "no field 'aa': did you mean 'a'"),
    ("no function", same(UDP.srcport), "takes a function of the class"),
    ("no term", lambda h: h.a == 3, "is made of mirrored"),
    ("another header's field", lambda h: same(UDP.srcport), "udp.srcport, which is no field"),
    ("kinds that differ", lambda h: mirrored(h.a, h.mac), "Wrong.a: is mirrored in mac"),
    ("no field", lambda h: same(), "needs a field"),
    ("one alternative", lambda h: either(same(h.a)), "needs two"),
    ("no integer", lambda h: either(same(h.a), becomes(h.flags, {0: 1}, bits="z")), "no bits 'z'"),
    ("too large", lambda h: becomes(h.a, {1: 256}), "256 in becomes"),
    ("too large for its bits", lambda h: becomes(h.flags, {0: 8}, bits="y"), "over 3 bits"),
    ("no values", lambda h: becomes(h.a, {}), "needs values"),
    ("an expression of text", lambda h: equals(h.a, "x"), "'x' cannot stand in an expression"),
    ("no condition", lambda h: quotes(3), "needs a condition"),  # type: ignore[arg-type]
    ("no fields at all", lambda h: same("a"), "names 'a', which is no field"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("rule", "complaint"), [m[1:] for m in MISTAKES],
                         ids=[m[0] for m in MISTAKES])
def test_a_wrong_rule_fails_when_the_class_is_made(rule: Any, complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint.replace("(", r"\(")) as caught:
        declared(rule)
    assert "Wrong" in str(caught.value)


def test_an_argument_that_nobody_knows() -> None:
    with pytest.raises(DeclarationError, match="did you mean 'answers'"):

        class Misspelt(Header, name="misspelt", answer=anything):
            """No such argument."""


@st.composite
def requests(draw: st.DrawFn) -> Packet:
    """Requests of all dissectors that declare what answers them."""
    port, other, number = draw(numbers), draw(numbers), draw(numbers)
    ip = IPv4(src=draw(addresses), dst=draw(addresses))
    ipv6 = IPv6(src=draw(addresses6), dst=draw(addresses6))
    network = draw(st.sampled_from([ip, ipv6]))
    name = draw(st.sampled_from(["a.example", "b.example"]))
    made = draw(st.sampled_from([
        ip / ICMP(type=draw(st.sampled_from([8, 13, 15, 17])), ident=port, seq=number),
        ip / ICMP(type=42, ident=port, ext__echo__seq=number & 0xFF),
        ipv6 / ICMPv6(echo__identifier=port, echo__sequence_number=number),
        ipv6 / ICMPv6(type=135, nd__ns__target_address=draw(addresses6)),
        network / UDP(srcport=port, dstport=other) / b"x",
        network / UDP(srcport=port, dstport=53) / DNS(id=number, queries=[Question(name=name)]),
        network / TCP(srcport=port, dstport=other, flags="S", seq_raw=number << 16 | other),
        network / TCP(srcport=port, dstport=other, flags="PA", seq_raw=number, ack_raw=port)
        / b"12345",
        network / TCP(srcport=port, dstport=other, flags="SA", seq_raw=number, ack_raw=port),
        ARP(src__hw_mac=MA, src__proto_ipv4=draw(addresses), dst__proto_ipv4=draw(addresses)),
    ]))  # fmt: skip
    framed = draw(st.booleans()) or not hasattr(made, "layers") or isinstance(made, ARP)
    return packet(Ethernet(src=MA, dst=MB) / made if framed else made, REGISTRY)


@given(requests())
def test_a_mirrored_reply_answers_its_request(request: Packet) -> None:
    assert answers(request, packet(reply_to(request), REGISTRY))


@given(requests(), requests())
def test_a_reply_to_another_request_does_not(request: Packet, other: Packet) -> None:
    """Where the two differ in what a reply has to repeat, as their rules say."""
    reply = packet(reply_to(other), REGISTRY)
    if not answers(request, reply):
        return
    mine, its = reply_to(request), reply_to(other)
    assert type(mine.headers[-1]) in {type(header) for header in its.headers}
    for name, attributes in (("icmp", ("ident", "seq")), ("dns", ("id",)),
                             ("udp", ("srcport", "dstport")), ("tcp", ("srcport", "dstport"))):
        if name in request and name in reply:
            sent, answered = request[name], other[name]
            for attribute in attributes:
                assert getattr(sent, attribute) == getattr(answered, attribute)


@given(requests(), st.binary(max_size=120), st.integers(0, 100))
def test_octets_of_any_kind_raise_nothing(request: Packet, octets: bytes, at: int) -> None:
    whole = bytes(packet(reply_to(request), REGISTRY).octets)
    for damaged in (octets, whole[:at] + octets):
        for linktype in (1, 101, 113, request.linktype):
            answers(request, Packet(damaged, linktype=linktype, registry=REGISTRY))
