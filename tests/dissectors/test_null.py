"""BSD loopback: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, IPV6, Case, check_reads

CASES = [
    Case(
        "little-endian",
        "02000000 " + IPV4,
        linktype=0,
        layers="null ip udp",
        values={
            "null.family": 2,
        },
    ),
    Case(
        "big-endian",
        "00000002 " + IPV4,
        linktype=0,
        layers="null ip udp",
        values={
            "null.family": 2,
        },
    ),
    Case(
        "IPv6, little-endian",
        "1e000000 " + IPV6,
        linktype=0,
        layers="null ipv6 udp",
        values={
            "null.family": 30,
        },
    ),
    Case(
        "loop",
        "00000002 " + IPV4,
        linktype=108,
        layers="null ip udp",
        values={
            "null.family": 2,
        },
    ),
    Case(
        "loop, IPv6",
        "0000001c " + IPV6,
        linktype=108,
        layers="null ipv6 udp",
        values={
            "null.family": 28,
        },
    ),
    Case(
        "an Ethernet type for a family",
        "00000800 " + IPV4,
        linktype=0,
        layers="null ip udp",
        values={
            "null.type": "0x0800",
        },
    ),
    Case(
        "cut",
        "020000",
        linktype=108,
        layers="null",
        faults=(("TRUNCATED", "null", "family", 0, 4, 3),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
