"""MPLS label stacks: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, IPV6, Case, check_reads

CASES = [
    Case(
        "two labels over IPv4",
        "02000000 00020200 00000001 88470001 00400006 4b3f " + IPV4,
        layers="eth mpls mpls ip udp",
        values={
            "mpls.label": [16, 100],
            "mpls.exp": [0, 5],
            "mpls.bottom": [0, 1],
            "mpls.ttl": [64, 63],
        },
    ),
    Case(
        "one label over IPv6",
        "02000000 00020200 00000001 88470001 0140 " + IPV6,
        layers="eth mpls ipv6 udp",
        values={
            "mpls.label": 16,
            "mpls.exp": 0,
            "mpls.bottom": 1,
            "mpls.ttl": 64,
        },
    ),
    Case(
        "Ethernet below the bottom is not guessed",
        (
            "02000000 00020200 00000001 88470001 01400000 00000200 00000002 02000000 "
            "00010800 " + IPV4
        ),
        layers="eth mpls",
        values={
            "mpls.label": 16,
            "mpls.exp": 0,
            "mpls.bottom": 1,
            "mpls.ttl": 64,
        },
    ),
    Case(
        "label cut",
        "02000000 00020200 00000001 88470006 40",
        layers="eth mpls",
        values={
            "mpls.label": 100,
            "mpls.exp": 0,
            "mpls.bottom": 0,
        },
        faults=(("TRUNCATED", "mpls", "ttl", 14, 4, 3),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
