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
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
