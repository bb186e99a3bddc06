"""Packets of ESP, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "clear part",
        "450000250001000040328e6fc0000201c63364020000123400000005656e63727970746564",
        linktype=IPV4,
        layers="ip esp",
        values={
            "esp.spi": "0x00001234",
            "esp.sequence": 5,
        },
    ),
    Case(
        "over udp",
        "4500002d0001000040118e88c0000201c633640211941194001900000000123400000005656e6372"
        "7970746564",
        linktype=IPV4,
        layers="ip udp esp",
        values={
            "esp.spi": "0x00001234",
            "esp.sequence": 5,
        },
    ),
    Case(
        "ike over udp is none",
        "450000220001000040118e93c0000201c633640211941194000e0000000000001234",
        linktype=IPV4,
        layers="ip udp",
    ),
    Case(
        "cut",
        "4500001b0001000040328e79c0000201c633640200001234000000",
        linktype=IPV4,
        layers="ip esp",
        values={
            "esp.spi": "0x00001234",
        },
        faults=(("TRUNCATED", "esp", "sequence", 20, 8, 7),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
