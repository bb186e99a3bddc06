"""The engine's BPF does what libpcap's does: any program, any expression, any packet."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawlab.batch import Batch
from rawlab.engine import bpf_codes as b
from rawlab.engine.bpf import Program
from rawlab.engine.bpf_codes import BRANCHES, DIVIDING, KNOWN, RETURNS, SCRATCH, SHIFTING
from rawlab.files.capture_filter import Instructions, compile_for
from rawlab.schema.tables import matrix
from samples import batch_of, captured, mutated, noise

cypcap = pytest.importorskip("cypcap")

EXPRESSIONS = """
    ip; ip6; arp; not ip; tcp; udp port 53; port 80 or port 443; src port 80; dst portrange 1-1023
    host 10.0.0.1; net 10.0.0.0/8; src net 192.168.0.0/16 and not dst net 192.168.0.0/16
    ip6 host 2001:db8::1; ip6 net fe80::/10; ether host 02:00:00:00:00:01; ether broadcast
    multicast; ip broadcast; len > 100; greater 64; less 60; len - 14 = ip[2:2]; tcp[13] & 2 != 0
    tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and tcp[2:2] > 1024; icmp[icmptype] = icmp-echo
    (ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2) != 0; udp[4:2] > 100; ip[6:2] & 0x1fff != 0
    vlan; vlan 5; vlan and ip; vlan and vlan and ip; mpls; pppoes and ip; ip proto 47; ip6 proto 58
    ip protochain 6; ip6 protochain 17; ip[8] < 5; ether[0] & 1 = 1; ether[12:2] > 0x600; sctp
    ip[ip[0]:2] * 3 / 7 % 5 = 2; ip[1] << 3 >> 2 ^ ip[2] | 5 > ip[3]; len * len / ip[8] > 9; iso
    ip[9] / ip[8] > 0; ip[9] % ip[8] = 1; 4 * len - ip[4:4] > 77; icmp6 and ip6[40] = 135; stp
""".replace("\n", ";")
EXPRESSION_LIST = [text.strip() for text in EXPRESSIONS.split(";") if text.strip()]


def verdicts(program: Instructions, batch: Batch, linktype: int) -> list[int]:
    """What the engine says of the packets of one link type; UNASKED of others."""
    found = bytearray([b.UNASKED]) * len(batch)
    checked = Program(matrix(program, b.INSTRUCTION_COLUMNS))
    left = checked.run(batch.octets, batch.index, len(batch), linktype, found)
    assert left == found.count(b.UNASKED)
    return list(found)


def libpcap_verdicts(program: Instructions, batch: Batch, linktype: int) -> list[int]:
    """What libpcap's interpreter says of the packets of one link type; UNASKED of others."""
    text = ",".join(" ".join(map(str, row)) for row in program)
    loaded = cypcap.BpfProgram.loads(f"{len(program)},{text}")
    return [
        int(loaded.offline_filter(cypcap.Pkthdr(caplen=caplen, len=length),
                                  bytes(batch.octets[start : start + caplen])))
        if kind == linktype else b.UNASKED
        for start, caplen, length, kind in zip(
            batch.offset, batch.caplen, batch.length, batch.linktype, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSION_LIST)
def test_an_expression_selects_what_libpcap_selects(expression: str) -> None:
    batch = batch_of([*captured(), *mutated(31, 2), *noise(32, 8)])
    for linktype in (1, 101, 113, 276):
        try:
            program = compile_for(expression, linktype)
        except ValueError:
            continue  # libpcap does not have it for this link type
        assert verdicts(program, batch, linktype) == libpcap_verdicts(program, batch, linktype)


VALUES = st.sampled_from([0, 1, 2, 3, 4, 14, 15, 31, 32, 33, 0xFFFFFFFF, 0x80000000]) | st.integers(
    0, 2**32 - 1
)
NEAR = st.integers(0, 40) | st.sampled_from([0xFFFFF000, 0xFFFFFFFF, 0x7FFFFFFF])
LOADS = frozenset((
    b.LD_WORD_ABS, b.LD_HALF_ABS, b.LD_BYTE_ABS, b.LD_WORD_IND, b.LD_HALF_IND, b.LD_BYTE_IND,
    b.LDX_MSH,
))  # fmt: skip
BODY = sorted(KNOWN - {b.JA, b.LDX_LEN})


@st.composite
def programs(draw: st.DrawFn) -> Instructions:
    """Any program of up to twenty instructions, after which all scratch memory has been set."""
    count = draw(st.integers(1, 20))
    rows: Instructions = [(b.ST, 0, 0, word) for word in range(b.MEMORY)]
    for i in range(count):
        code = draw(st.sampled_from([*BODY, b.JA]))
        left = count - i - 1
        yes = no = 0
        k = draw(NEAR if code in LOADS else VALUES)
        if code in BRANCHES:
            yes, no = draw(st.integers(0, left)), draw(st.integers(0, left))
        elif code == b.JA:
            k = draw(st.integers(0, left))
        elif code in SCRATCH:
            k = draw(st.integers(0, b.MEMORY - 1))
        elif code in DIVIDING:
            k = max(k, 1)
        elif code in SHIFTING:
            k &= 31
        rows.append((code, yes, no, k))
    rows.append((draw(st.sampled_from(sorted(RETURNS))), 0, 0, draw(VALUES)))
    return rows


@settings(max_examples=300)
@given(program=programs(), octets=st.binary(max_size=40))
def test_any_program_decides_as_libpcap_does(program: Instructions, octets: bytes) -> None:
    batch = batch_of([(octets, 1)])
    assert verdicts(program, batch, 1) == libpcap_verdicts(program, batch, 1)


def test_the_length_is_that_on_the_wire() -> None:
    batch = batch_of([(bytes(20), 1), (bytes(20), 1)])
    batch.index[2, 1] = 1 << 40  # WIRE_LENGTH: more than 32 bits hold
    assert verdicts([(b.LD_LEN, 0, 0, 0), (b.JGT_K, 0, 1, 20), (b.RET_K, 0, 0, 1),
                     (b.RET_K, 0, 0, 0)], batch, 1) == [0, 1]


def test_scratch_memory_begins_as_zeros_for_each_packet() -> None:
    program = [(b.LD_MEM, 0, 0, 3), (b.JEQ_K, 0, 3, 0), (b.LD_IMM, 0, 0, 9), (b.ST, 0, 0, 3),
               (b.RET_K, 0, 0, 1), (b.RET_K, 0, 0, 0)]
    assert verdicts(program, batch_of([(b"a", 1)] * 3), 1) == [1, 1, 1]


def test_a_loop_that_a_packet_keeps_running_ends() -> None:
    program = [(b.LD_IMM, 0, 0, 1), (b.JA, 0, 0, 0xFFFFFFFE), (b.RET_K, 0, 0, 1)]
    assert verdicts(program, batch_of([(b"a", 1)]), 1) == [b.REJECTED]


def test_no_octets_end_or_escape_a_chain_of_headers() -> None:
    """`protochain` is a loop over what the packet says: whatever that is, it ends."""
    chance = random.Random(5)
    program = compile_for("ip protochain 6", 1)
    frames = [bytes(12) + b"\x08\x00" + bytes([0x45]) + bytes(8) + b"\x33" + chance.randbytes(90)
              for _ in range(300)]  # fmt: skip
    assert set(verdicts(program, batch_of([(f, 1) for f in frames]), 1)) <= {0, 1}


WRONG = [
    ("no instruction", []),
    ("no return", [(b.LD_IMM, 0, 0, 1)]),
    ("a jump outside", [(b.JEQ_K, 1, 0, 1), (b.RET_K, 0, 0, 0)]),
    ("a jump outside", [(b.JEQ_K, 0, 255, 1), (b.RET_K, 0, 0, 0)]),
    ("a far jump", [(b.JA, 0, 0, 1), (b.RET_K, 0, 0, 0)]),
    ("a jump before the first", [(b.JA, 0, 0, 0xFFFFFFFE), (b.RET_K, 0, 0, 0)]),
    ("no such code", [(0xFF, 0, 0, 0), (b.RET_K, 0, 0, 0)]),
    ("too large an operand", [(b.LD_IMM, 0, 0, 1 << 32), (b.RET_K, 0, 0, 0)]),
    ("a negative operand", [(b.LD_IMM, 0, 0, -1), (b.RET_K, 0, 0, 0)]),
    ("no such memory", [(b.ST, 0, 0, 16), (b.RET_K, 0, 0, 0)]),
    ("a shift of all bits", [(b.LSH_K, 0, 0, 32), (b.RET_K, 0, 0, 0)]),
    ("division by zero", [(b.DIV_K, 0, 0, 0), (b.RET_K, 0, 0, 0)]),
]


@pytest.mark.parametrize("program", [row[1] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_program_is_not_run(program: Instructions) -> None:
    with pytest.raises(ValueError, match="BPF program"):
        Program(matrix(program, b.INSTRUCTION_COLUMNS))
