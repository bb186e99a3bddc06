"""PPP over Ethernet: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "session",
        "02000000 00020200 00000001 88641100 00170020 0021 " + IPV4,
        layers="eth pppoe ppp ip udp",
        values={
            "pppoe.version": 1,
            "pppoe.type": 1,
            "pppoe.code": "0x00",
            "pppoe.session_id": "0x0017",
            "pppoe.payload_length": 32,
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "session, compressed protocol",
        "02000000 00020200 00000001 88641100 0017001f 21 " + IPV4,
        layers="eth pppoe ppp ip udp",
        values={
            "pppoe.version": 1,
            "pppoe.type": 1,
            "pppoe.code": "0x00",
            "pppoe.session_id": "0x0017",
            "pppoe.payload_length": 31,
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "discovery: initiation",
        "ffffffff ffff0200 00000001 88631109 00000010 01010000 01030008 c0ffee00 00000001",
        layers="eth pppoe",
        values={
            "pppoe.version": 1,
            "pppoe.type": 1,
            "pppoe.code": "0x09",
            "pppoe.session_id": "0x0000",
            "pppoe.payload_length": 16,
            "pppoed.tag": ["0x0101", "0x0103"],
            "pppoed.tag_length": [0, 8],
            "pppoed.tags.service_name": "",
            "pppoed.tags.host_uniq": b"\xc0\xff\xee\x00\x00\x00\x00\x01",
        },
    ),
    Case(
        "link type of its own",
        "11000017 00200021 " + IPV4,
        linktype=51,
        layers="pppoe ppp ip udp",
        values={
            "pppoe.version": 1,
            "pppoe.type": 1,
            "pppoe.code": "0x00",
            "pppoe.session_id": "0x0017",
            "pppoe.payload_length": 32,
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "tag runs over the length",
        "ffffffff ffff0200 00000001 88631109 00000006 01030008 c0ff",
        layers="eth pppoe",
        values={
            "pppoe.version": 1,
            "pppoe.type": 1,
            "pppoe.code": "0x09",
            "pppoe.session_id": "0x0000",
            "pppoe.payload_length": 6,
            "pppoed.tag": "0x0103",
            "pppoed.tag_length": 8,
        },
        faults=(("TRUNCATED", "pppoe", "tags", 24, 8, 2),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
