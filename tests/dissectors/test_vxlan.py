"""VXLAN: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "a frame",
        (
            "02000000 00020200 00000001 08004500 00500001 00004011 74970101 01010202 "
            "02020457 12b5003c 7a7c0c00 00030000 64000200 00000002 02000000 00010800 " + IPV4
        ),
        layers="eth ip udp vxlan eth ip udp",
        values={
            "vxlan.flags": "0x0c00",
            "vxlan.flag_g": False,
            "vxlan.flag_i": True,
            "vxlan.flag_d": False,
            "vxlan.flag_a": False,
            "vxlan.gbp": 3,
            "vxlan.vni": 100,
            "vxlan.reserved8": 0,
        },
    ),
    Case(
        "group policy",
        (
            "02000000 00020200 00000001 08004500 00500001 00004011 74970101 01010202 "
            "02020457 12b5003c fe6f8808 00070000 64000200 00000002 02000000 00010800 " + IPV4
        ),
        layers="eth ip udp vxlan eth ip udp",
        values={
            "vxlan.flags": "0x8808",
            "vxlan.flag_g": True,
            "vxlan.flag_i": True,
            "vxlan.flag_d": False,
            "vxlan.flag_a": True,
            "vxlan.gbp": 7,
            "vxlan.vni": 100,
            "vxlan.reserved8": 0,
        },
    ),
    Case(
        "generic, IPv4 inside",
        (
            "02000000 00020200 00000001 08004500 00420001 00004011 74a50101 01010202 "
            "02020457 12b6002e 869c0c00 00010000 6400 " + IPV4
        ),
        layers="eth ip udp vxlan ip udp",
        values={
            "vxlan.flags": "0x0c",
            "vxlan.ver": 0,
            "vxlan.i_bit": 1,
            "vxlan.p_bit": 1,
            "vxlan.o_bit": 0,
            "vxlan.reserved_16": 0,
            "vxlan.next_proto": 1,
            "vxlan.vni": 100,
            "vxlan.reserved8": 0,
        },
    ),
    Case(
        "cut after the flags",
        "02000000 00020200 00000001 08004500 00200001 00004011 00000101 01010202 "
        "02020457 12b5000c 00000800 0000",
        layers="eth ip udp vxlan",
        values={
            "vxlan.flags": "0x0800",
            "vxlan.flag_g": False,
            "vxlan.flag_i": True,
            "vxlan.flag_d": False,
            "vxlan.flag_a": False,
            "vxlan.gbp": 0,
        },
        faults=(("TRUNCATED", "vxlan", "vni", 42, 8, 4),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
