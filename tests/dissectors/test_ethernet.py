"""Ethernet II and IEEE 802.3: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "an Ethernet type",
        "02000000 00020200 00000001 0800 " + IPV4,
        layers="eth ip udp",
        values={
            "eth.dst": "02:00:00:00:00:02",
            "eth.src": "02:00:00:00:00:01",
            "eth.type": "0x0800",
        },
    ),
    Case(
        "a length: IEEE 802.3 and LLC",
        "0180c200 00000200 00000001 00264242 03000000 00000000 00000000 00000000 "
        "00000000 00000000 00000000 01001400 02000f00",
        layers="eth llc",
        values={
            "eth.dst": "01:80:c2:00:00:00",
            "eth.src": "02:00:00:00:00:01",
            "eth.len": 38,
        },
    ),
    Case(
        "a length that nothing stands behind",
        "ffffffff ffff0200 00000001 05dc",
        layers="eth",
        values={
            "eth.dst": "ff:ff:ff:ff:ff:ff",
            "eth.src": "02:00:00:00:00:01",
            "eth.len": 1500,
        },
        faults=(("OVERRUN", "eth", "len", 12, 1500, 0),),
    ),
    Case(
        "neither a type nor a length",
        "ffffffff ffff0200 00000001 05f0",
        layers="eth",
        values={
            "eth.dst": "ff:ff:ff:ff:ff:ff",
            "eth.src": "02:00:00:00:00:01",
            "eth.invalid_lentype": "0x05f0",
        },
    ),
    Case(
        "cut after 13 octets",
        "ffffffff ffff0200 00000001 08",
        layers="eth",
        values={
            "eth.dst": "ff:ff:ff:ff:ff:ff",
            "eth.src": "02:00:00:00:00:01",
        },
        faults=(("TRUNCATED", "eth", "type", 0, 14, 13),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
