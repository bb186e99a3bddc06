"""VLAN tags: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "one tag",
        "02000000 00020200 00000001 81007005 0800 " + IPV4,
        layers="eth vlan ip udp",
        values={
            "vlan.priority": 3,
            "vlan.dei": True,
            "vlan.id": 5,
            "vlan.etype": "0x0800",
        },
    ),
    Case(
        "service tag and customer tag",
        "02000000 00020200 00000001 88a800c8 810007d1 0800 " + IPV4,
        layers="eth ieee8021ad vlan ip udp",
        values={
            "ieee8021ad.priority": 0,
            "ieee8021ad.dei": False,
            "ieee8021ad.id": 200,
            "ieee8021ad.etype": "0x8100",
            "vlan.priority": 0,
            "vlan.dei": False,
            "vlan.id": 2001,
            "vlan.etype": "0x0800",
        },
    ),
    Case(
        "a length in place of the type",
        "02000000 00020200 00000001 81000005 00074242 03000000 00",
        layers="eth vlan llc",
        values={
            "vlan.priority": 0,
            "vlan.dei": False,
            "vlan.id": 5,
            "vlan.len": 7,
        },
    ),
    Case(
        "tag cut after 3 octets",
        "02000000 00020200 00000001 8100a005 08",
        layers="eth vlan",
        values={
            "vlan.priority": 5,
            "vlan.dei": False,
            "vlan.id": 5,
        },
        faults=(("TRUNCATED", "vlan", "etype", 14, 4, 3),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
