"""A program is printed as `tcpdump -d`, `-dd` and `-ddd` print it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from rawlab.files.capture_filter import compile_for
from rawlab.text.bpf_listing import listing

EXPRESSIONS = [
    "", "ip", "vlan 5 and ip", "tcp[tcpflags] & tcp-syn != 0", "ether[0:4] * len = 5 / ip[1]",
    "ip[1] << 3 >> 2 ^ ip[2] % ip[3] | 5 - ip[4] + (ip[3]&15) == -ip[5]", "ip6 proto 0",
    "net 10.0.0.0/8 or host 1.2.3.4 or ip6 host ::1", "portrange 3-9", "ip protochain 6",
    "greater 100", "ip[len] = 4", "not (udp port 53 or icmp6)", "ether host 02:00:00:00:00:01",
    "vlan and mpls 5", "pppoes and tcp port 80", "ip[0] & 0xf > 5 and ip[6:2] & 0x1fff = 0",
    "tcp src port 80 and (tcp[13] = 0x12 or tcp[13] = 2)", "less 60", "(ip[2:2] * 3) / 7 > 100",
    "ip[ip[3]:2] < ip[2:2]", "ether multicast", "icmp6[0] ^ 3 = icmp6[1]", "ip[8] % 3 = 1",
]  # fmt: skip


@pytest.mark.parametrize("form", [1, 2, 3])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_prints_what_tcpdump_prints(expression: str, form: int) -> None:
    program = shutil.which("tcpdump")
    if program is None:
        pytest.skip("tcpdump is missing")
    pytest.importorskip("cypcap")
    done = subprocess.run(
        [program, "-y", "EN10MB", "-" + "d" * form, expression],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert listing(compile_for(expression, 1), form) == done.stdout


def test_places_beside_the_packet_have_names() -> None:
    """What only a program for an interface has, and this one's instructions tcpdump never makes."""
    program = [(0x30, 0, 0, 0xFFFFF030), (0x20, 0, 0, 0xFFFFF008), (0x20, 0, 0, 0xFFFFFFFE),
               (0x1D, 1, 0, 0), (0x81, 0, 0, 0), (0xFF, 0, 0, 7), (0x16, 0, 0, 0)]
    assert listing(program).splitlines() == [
        "(000) ldb      [vlanp]",
        "(001) ld       [ifidx]",
        "(002) ld       [-2]",
        "(003) jeq      x                jt 5\tjf 4",
        "(004) ldx      #pktlen",
        "(005) unimp    0xff",
        "(006) ret      ",
    ]
