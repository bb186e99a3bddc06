"""Cisco HDLC and SLARP: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "IPv4",
        "0f000800 " + IPV4,
        linktype=104,
        layers="chdlc ip udp",
        values={
            "chdlc.address": "0x0f",
            "chdlc.control": "0x00",
            "chdlc.protocol": "0x0800",
        },
    ),
    Case(
        "keepalive",
        "8f008035 00000002 00000001 00000000 ffff",
        linktype=104,
        layers="chdlc slarp",
        values={
            "chdlc.address": "0x8f",
            "chdlc.control": "0x00",
            "chdlc.protocol": "0x8035",
            "slarp.ptype": 2,
            "slarp.mysequence": 1,
            "slarp.yoursequence": 0,
            "slarp.reliability": "0xffff",
        },
    ),
    Case(
        "on a PPP link type",
        "0f000800 " + IPV4,
        linktype=50,
        layers="chdlc ip udp",
        values={
            "chdlc.address": "0x0f",
            "chdlc.control": "0x00",
            "chdlc.protocol": "0x0800",
        },
    ),
    Case(
        "cut",
        "0f0008",
        linktype=104,
        layers="chdlc",
        values={
            "chdlc.address": "0x0f",
            "chdlc.control": "0x00",
        },
        faults=(("TRUNCATED", "chdlc", "protocol", 0, 4, 3),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
