"""Whatever text is given for a filter: it is one, or the mistake is told in one line."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from rawlab.filter import FilterError, compile_filter
from rawlab.packet import Packet
from samples import batch_of, captured

OPERANDS = """ip ip.src ip.addr tcp.port dns.qry.name eth.src tcp.payload frame frame.len frame.time
udp ip.ttl tcp.flags.syn ipv6.src udp.fault arp.opcode tcp.options 10.0.0.0/8 5 -1 0x1f ff:ff "text"
r"\\d" 'A' '\\x41' ::1 2026-01-01 1.5 True nosuch eth.src[0:3] ip[0] frame[-2:]
ip.src#1 tcp.port#[1-2] len(ip) count(ip.addr) max(ip.ttl,5) string(ip.src)
upper(dns.qry.name) abs(ip.ttl) {ip.ttl+1} (udp.length) ${ip.src}
ip.flags frame.protocols""".split()
OPERATORS = "== != < <= > >= === !== ~ eq contains matches & + - * / %".split()
REST = """and or not xor in any all ( ) { } {1,2} {1..5} [0] # , .. len( . ! @ \\ " ' [ =
\N{MICRO SIGN} AND tcp.prt""".split()

SIDES = st.sampled_from(OPERANDS)
VALUES = st.recursive(
    SIDES, lambda inner: st.builds("{} {} {}".format, inner, st.sampled_from("&+-*/%"), SIDES),
    max_leaves=3)
RELATIONS = st.one_of(
    VALUES,
    st.builds("{} {} {}".format, VALUES, st.sampled_from(OPERATORS), VALUES),
    st.builds("{} {} {} {}".format, st.sampled_from(["any", "all"]), SIDES,
              st.sampled_from(OPERATORS), SIDES),
    st.builds("{} in {{{}, {}..{}}}".format, SIDES, SIDES, SIDES, SIDES),
)
TESTS = st.recursive(
    RELATIONS,
    lambda inner: st.builds("{} {} {}".format, inner,
                            st.sampled_from(["and", "or", "xor", "&&", "and not"]), inner)
    | st.builds("not ({})".format, inner),
    max_leaves=4)
NONSENSE = st.builds(
    str.join, st.sampled_from(["", " "]),
    st.lists(st.sampled_from(OPERANDS + OPERATORS + REST) | st.text(max_size=2), max_size=8))


@cache
def packets() -> list[Packet]:
    return list(batch_of(list(captured())[::19]))


def check(text: str) -> bool:
    """Whether `text` is a filter; that it works, or what is told of it, is held here."""
    mistake = None
    try:
        wanted = compile_filter(text)
    except FilterError as error:
        mistake = error
    if mistake is None:
        assert {wanted.matches(packet) for packet in packets()} <= {True, False}
        return True
    assert str(mistake).isprintable()
    assert 0 <= mistake.position <= len(text)
    assert mistake.pointed.count("\n") == 2
    return False


@settings(max_examples=400)
@given(text=TESTS)
def test_shaped_like_a_filter(text: str) -> None:
    check(text)


@settings(max_examples=300)
@given(text=NONSENSE)
def test_nonsense(text: str) -> None:
    check(text)


def test_both_kinds_occur() -> None:
    found = [check(f"{left} {op} {right}")
             for left in OPERANDS[::2] for op in OPERATORS[::3] for right in OPERANDS[::3]]
    assert 0.02 < sum(found) / len(found) < 0.9
