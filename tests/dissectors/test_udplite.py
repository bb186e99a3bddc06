"""Packets of UDP-Lite, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "plain",
        "4500001d0001000040888e21c0000201c6336402000100020008000078",
        linktype=IPV4,
        layers="ip udplite",
        values={
            "udplite.srcport": 1,
            "udplite.dstport": 2,
            "udplite.checksum_coverage": 8,
            "udplite.checksum": "0x0000",
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
