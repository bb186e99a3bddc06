"""PPP and what may be left out of it: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "address, control, protocol",
        "ff030021 " + IPV4,
        linktype=9,
        layers="ppp ip udp",
        values={
            "ppp.address": "0xff",
            "ppp.control": "0x03",
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "protocol alone",
        "0021 " + IPV4,
        linktype=9,
        layers="ppp ip udp",
        values={
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "compressed protocol",
        "21 " + IPV4,
        linktype=9,
        layers="ppp ip udp",
        values={
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "address, control, compressed protocol",
        "ff0321 " + IPV4,
        linktype=9,
        layers="ppp ip udp",
        values={
            "ppp.address": "0xff",
            "ppp.control": "0x03",
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "HDLC link type",
        "ff030021 " + IPV4,
        linktype=50,
        layers="ppp ip udp",
        values={
            "ppp.address": "0xff",
            "ppp.control": "0x03",
            "ppp.protocol": "0x0021",
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
