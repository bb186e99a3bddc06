"""Linux cooked capture: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "sent by us",
        "00040001 00060200 00000001 00000800 " + IPV4,
        linktype=113,
        layers="sll ip udp",
        values={
            "sll.pkttype": 4,
            "sll.hatype": 1,
            "sll.halen": 6,
            "sll.src.eth": "02:00:00:00:00:01",
            "sll.etype": "0x0800",
        },
    ),
    Case(
        "IPv4 addresses, of a tunnel",
        "00000300 00040a00 00010000 00000800 " + IPV4,
        linktype=113,
        layers="sll ip udp",
        values={
            "sll.pkttype": 0,
            "sll.hatype": 768,
            "sll.halen": 4,
            "sll.src.ipv4": "10.0.0.1",
            "sll.etype": "0x0800",
        },
    ),
    Case(
        "GRE device",
        "0000030a 00040a00 00010000 00000800 " + IPV4,
        linktype=113,
        layers="sll ip udp",
        values={
            "sll.pkttype": 0,
            "sll.hatype": 778,
            "sll.halen": 4,
            "sll.src.ipv4": "10.0.0.1",
            "sll.gretype": "0x0800",
        },
    ),
    Case(
        "LLC frame",
        "00000001 00060200 00000001 00000004 42420300 000000",
        linktype=113,
        layers="sll llc",
        values={
            "sll.pkttype": 0,
            "sll.hatype": 1,
            "sll.halen": 6,
            "sll.src.eth": "02:00:00:00:00:01",
            "sll.ltype": "0x0004",
        },
    ),
    Case(
        "version 2",
        "08000000 00000014 00010006 02000000 00010000 " + IPV4,
        linktype=276,
        layers="sll ip udp",
        values={
            "sll.ifindex": 20,
            "sll.hatype": 1,
            "sll.pkttype": 0,
            "sll.halen": 6,
            "sll.src.eth": "02:00:00:00:00:01",
            "sll.etype": "0x0800",
        },
    ),
    Case(
        "cut",
        "00040001 00060200",
        linktype=113,
        layers="sll",
        values={
            "sll.pkttype": 4,
            "sll.hatype": 1,
            "sll.halen": 6,
        },
        faults=(("TRUNCATED", "sll", "src.eth", 0, 16, 8),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
