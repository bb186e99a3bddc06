"""Packets of UDP, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "checksum 0",
        "4500001d0001000040118e98c0000201c6336402000100020009000078",
        linktype=IPV4,
        layers="ip udp",
        values={
            "udp.srcport": 1,
            "udp.dstport": 2,
            "udp.length": 9,
            "udp.checksum": "0x0000",
        },
    ),
    Case(
        "length short",
        "4500001d0001000040118e98c0000201c6336402000100020004000078",
        linktype=IPV4,
        layers="ip udp",
        values={
            "udp.srcport": 1,
            "udp.dstport": 2,
            "udp.length": 4,
            "udp.checksum": None,
        },
        faults=(("LENGTH", "udp", "length", 24, 8, 4),),
    ),
    Case(
        "length long",
        "4500001d0001000040118e98c0000201c6336402000100020028000078",
        linktype=IPV4,
        layers="ip udp",
        values={
            "udp.srcport": 1,
            "udp.dstport": 2,
            "udp.length": 40,
            "udp.checksum": "0x0000",
        },
        faults=(("OVERRUN", "udp", "length", 24, 40, 9),),
    ),
    Case(
        "cut",
        "4500001a0001000040118e9bc0000201c6336402000100020009",
        linktype=IPV4,
        layers="ip udp",
        values={
            "udp.srcport": 1,
            "udp.dstport": 2,
            "udp.length": 9,
        },
        faults=(("TRUNCATED", "udp", "checksum", 20, 8, 6),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
