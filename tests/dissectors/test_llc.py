"""LLC and SNAP: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "SNAP with an Ethernet type",
        "01000ccc cccc0200 00000001 0026aaaa 03000000 0800 " + IPV4,
        layers="eth llc ip udp",
        values={
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
            "llc.oui": 0,
            "llc.type": "0x0800",
        },
    ),
    Case(
        "SNAP of Cisco",
        "01000ccc cccc0200 00000001 000caaaa 0300000c 200002b4 0000",
        layers="eth llc",
        values={
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
            "llc.oui": 12,
            "llc.cisco_pid": "0x2000",
        },
    ),
    Case(
        "spanning tree, unnumbered",
        "0180c200 00000200 00000001 00264242 03000000 00000000 00000000 00000000 "
        "00000000 00000000 00000000 01001400 02000f00",
        layers="eth llc",
        values={
            "llc.dsap": "0x42",
            "llc.ssap": "0x42",
            "llc.control": "0x0003",
        },
    ),
    Case(
        "information, numbered",
        "02000000 00020200 00000001 0006f0f1 0204abcd",
        layers="eth llc",
        values={
            "llc.dsap": "0xf0",
            "llc.ssap": "0xf1",
            "llc.control": "0x0402",
        },
    ),
    Case(
        "IPX without LLC",
        "02000000 00020200 00000001 0004ffff 0022",
        layers="eth",
    ),
    Case(
        "SNAP cut",
        "01000ccc cccc0200 00000001 0005aaaa 030000",
        layers="eth llc",
        values={
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
        },
        faults=(("TRUNCATED", "llc", "oui", 14, 8, 5),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
