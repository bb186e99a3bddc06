"""Packets of ARP, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

CASES = [
    Case(
        "request",
        "02000000000202000000000108060001080006040001020000000001c0000201000000000000c0000202",
        layers="eth arp",
        values={
            "arp.hw.type": 1,
            "arp.proto.type": "0x0800",
            "arp.hw.size": 6,
            "arp.proto.size": 4,
            "arp.opcode": 1,
            "arp.src.hw_mac": "02:00:00:00:00:01",
            "arp.src.proto_ipv4": "192.0.2.1",
            "arp.dst.hw_mac": "00:00:00:00:00:00",
            "arp.dst.proto_ipv4": "192.0.2.2",
        },
    ),
    Case(
        "other sizes",
        "020000000002020000000001080600200800080400020102030405060708c0000201111213141516"
        "1718c0000202",
        layers="eth arp",
        values={
            "arp.hw.type": 32,
            "arp.proto.type": "0x0800",
            "arp.hw.size": 8,
            "arp.proto.size": 4,
            "arp.opcode": 2,
            "arp.src.hw": "0102030405060708",
            "arp.src.proto_ipv4": "192.0.2.1",
            "arp.dst.hw": "1112131415161718",
            "arp.dst.proto_ipv4": "192.0.2.2",
        },
    ),
    Case(
        "other protocol",
        "0200000000020200000000010806000186dd0602000902000000000101020200000000020304",
        layers="eth arp",
        values={
            "arp.hw.type": 1,
            "arp.proto.type": "0x86dd",
            "arp.hw.size": 6,
            "arp.proto.size": 2,
            "arp.opcode": 9,
            "arp.src.hw_mac": "02:00:00:00:00:01",
            "arp.src.proto": "0102",
            "arp.dst.hw_mac": "02:00:00:00:00:02",
            "arp.dst.proto": "0304",
        },
    ),
    Case(
        "cut",
        "02000000000202000000000108060001080006040001020000000001c000",
        layers="eth arp",
        values={
            "arp.hw.type": 1,
            "arp.proto.type": "0x0800",
            "arp.hw.size": 6,
            "arp.proto.size": 4,
            "arp.opcode": 1,
            "arp.src.hw_mac": "02:00:00:00:00:01",
        },
        faults=(("TRUNCATED", "arp", "src.proto_ipv4", 28, 4, 2),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
