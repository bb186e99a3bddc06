"""Packets of the authentication header, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "over udp",
        "450000340001000040338e5fc0000201c63364021104000000000100000000090001020304050607"
        "08090a0b0001000200080000",
        linktype=IPV4,
        layers="ip ah udp",
        values={
            "ah.next_header": 17,
            "ah.length": 4,
            "ah.reserved": "0000",
            "ah.spi": "0x00000100",
            "ah.sequence": 9,
            "ah.icv": "000102030405060708090a0b",
            "udp.dstport": 2,
        },
    ),
    Case(
        "length too small",
        "450000280001000040338e6bc0000201c63364021100000000000100000000090001000200080000",
        linktype=IPV4,
        layers="ip ah",
        values={
            "ah.next_header": 17,
            "ah.length": 0,
            "ah.reserved": None,
            "ah.spi": None,
        },
        faults=(("LENGTH", "ah", "length", 21, 12, 8),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
