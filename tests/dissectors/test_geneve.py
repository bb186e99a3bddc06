"""Geneve: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "a critical option, Ethernet inside",
        (
            "02000000 00020200 00000001 08004500 00580001 00004011 748f0101 01010202 "
            "02020457 17c10044 552a0240 65580000 0a000102 8001dead beef0200 00000002 "
            "02000000 00010800 " + IPV4
        ),
        layers="eth ip udp geneve eth ip udp",
        values={
            "geneve.version": 0,
            "geneve.flags": "0x40",
            "geneve.proto_type": "0x6558",
            "geneve.vni": "0x00000a",
            "geneve.reserved": "0x00",
            "geneve.option.class": "0x0102",
            "geneve.option.type": "0x80",
            "geneve.option.flags.reserved": 0,
            "geneve.option.length": 4,
            "geneve.option.data": b"\xde\xad\xbe\xef",
        },
    ),
    Case(
        "no option, IPv4 inside",
        (
            "02000000 00020200 00000001 08004500 00420001 00004011 74a50101 01010202 "
            "02020457 17c1002e df920000 08000000 0a00 " + IPV4
        ),
        layers="eth ip udp geneve ip udp",
        values={
            "geneve.version": 0,
            "geneve.flags": "0x00",
            "geneve.proto_type": "0x0800",
            "geneve.vni": "0x00000a",
            "geneve.reserved": "0x00",
        },
    ),
    Case(
        "an option runs over the options",
        "02000000 00020200 00000001 08004500 002c0001 00004011 00000101 01010202 "
        "02020457 17c10018 00000140 08000000 0a000102 800f0000 0000",
        layers="eth ip udp geneve ip",
        values={
            "geneve.version": 0,
            "geneve.flags": "0x40",
            "geneve.proto_type": "0x0800",
            "geneve.vni": "0x00000a",
            "geneve.reserved": "0x00",
            "geneve.option.class": "0x0102",
            "geneve.option.type": "0x80",
            "geneve.option.flags.reserved": 0,
            "geneve.option.length": 60,
        },
        faults=(
            ("OVERRUN", "geneve", "options", 54, 60, 0),
            ("VALUE", "ip", "version", 54, 4, 0),
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
