"""GRE and enhanced GRE: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "no options",
        (
            "02000000 00020200 00000001 08004500 00360001 0000402f 74930101 01010202 "
            "02020000 0800 " + IPV4
        ),
        layers="eth ip gre ip udp",
        values={
            "gre.flags_and_version": "0x0000",
            "gre.flags.checksum": False,
            "gre.flags.routing": False,
            "gre.flags.key": False,
            "gre.flags.sequence_number": False,
            "gre.flags.strict_source_route": False,
            "gre.flags.recursion_control": 0,
            "gre.flags.reserved": 0,
            "gre.flags.version": 0,
            "gre.proto": "0x0800",
        },
    ),
    Case(
        "checksum, key and sequence number",
        (
            "02000000 00020200 00000001 08004500 00420001 0000402f 74870101 01010202 "
            "0202b000 080049e0 00000000 12340000 0009 " + IPV4
        ),
        layers="eth ip gre ip udp",
        values={
            "gre.flags_and_version": "0xb000",
            "gre.flags.checksum": True,
            "gre.flags.routing": False,
            "gre.flags.key": True,
            "gre.flags.sequence_number": True,
            "gre.flags.strict_source_route": False,
            "gre.flags.recursion_control": 0,
            "gre.flags.reserved": 0,
            "gre.flags.version": 0,
            "gre.proto": "0x0800",
            "gre.checksum": "0x49e0",
            "gre.offset": 0,
            "gre.key": "0x00001234",
            "gre.sequence_number": 9,
        },
    ),
    Case(
        "Ethernet inside",
        (
            "02000000 00020200 00000001 08004500 00440001 0000402f 74850101 01010202 "
            "02020000 65580200 00000002 02000000 00010800 " + IPV4
        ),
        layers="eth ip gre eth ip udp",
        values={
            "gre.flags_and_version": "0x0000",
            "gre.flags.checksum": False,
            "gre.flags.routing": False,
            "gre.flags.key": False,
            "gre.flags.sequence_number": False,
            "gre.flags.strict_source_route": False,
            "gre.flags.recursion_control": 0,
            "gre.flags.reserved": 0,
            "gre.flags.version": 0,
            "gre.proto": "0x6558",
        },
    ),
    Case(
        "PPTP",
        (
            "02000000 00020200 00000001 08004500 00440001 0000402f 74850101 01010202 "
            "02023081 880b0020 00070000 00010000 00020021 " + IPV4
        ),
        layers="eth ip gre ppp ip udp",
        values={
            "gre.flags_and_version": "0x3081",
            "gre.flags.checksum": False,
            "gre.flags.routing": False,
            "gre.flags.key": True,
            "gre.flags.sequence_number": True,
            "gre.flags.strict_source_route": False,
            "gre.flags.recursion_control": 0,
            "gre.flags.ack": True,
            "gre.flags.reserved": 0,
            "gre.flags.version": 1,
            "gre.proto": "0x880b",
            "gre.key.payload_length": 32,
            "gre.key.call_id": 7,
            "gre.sequence_number": 1,
            "gre.ack_number": 2,
            "ppp.protocol": "0x0021",
        },
    ),
    Case(
        "source routes stop the decoding",
        (
            "02000000 00020200 00000001 08004500 00460001 00004000 74b20101 01010202 "
            "02024000 08000000 00000002 04040a00 00010000 0000 " + IPV4
        ),
        layers="eth ip ipv6.hopopts",
    ),
    Case(
        "key cut",
        "02000000 00020200 00000001 08004500 00420001 0000402f 74870101 01010202 "
        "0202b000 080049e0 00000000",
        layers="eth ip gre",
        values={
            "gre.flags_and_version": "0xb000",
            "gre.flags.checksum": True,
            "gre.flags.routing": False,
            "gre.flags.key": True,
            "gre.flags.sequence_number": True,
            "gre.flags.strict_source_route": False,
            "gre.flags.recursion_control": 0,
            "gre.flags.reserved": 0,
            "gre.flags.version": 0,
            "gre.proto": "0x0800",
            "gre.checksum": "0x49e0",
            "gre.offset": 0,
        },
        faults=(
            ("OVERRUN", "ip", "len", 16, 66, 30),
            ("TRUNCATED", "gre", "key", 42, 4, 2),
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
