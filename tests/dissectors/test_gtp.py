"""GTP user plane: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, IPV6, Case, check_reads

CASES = [
    Case(
        "user packet",
        (
            "02000000 00020200 00000001 08004500 00420001 00004011 74a50101 01010202 "
            "02020868 0868002e b98930ff 001e0000 1234 " + IPV4
        ),
        layers="eth ip udp gtp ip udp",
        values={
            "gtp.flags": "0x30",
            "gtp.flags.version": 1,
            "gtp.flags.payload": 1,
            "gtp.flags.reserved": 0,
            "gtp.flags.e": False,
            "gtp.flags.s": False,
            "gtp.flags.pn": False,
            "gtp.message": "0xff",
            "gtp.length": 30,
            "gtp.teid": "0x00001234",
        },
    ),
    Case(
        "sequence number",
        (
            "02000000 00020200 00000001 08004500 005a0001 00004011 748d0101 01010202 "
            "02020868 08680046 31ed32ff 00360000 12340007 0000 " + IPV6
        ),
        layers="eth ip udp gtp ipv6 udp",
        values={
            "gtp.flags": "0x32",
            "gtp.flags.version": 1,
            "gtp.flags.payload": 1,
            "gtp.flags.reserved": 0,
            "gtp.flags.e": False,
            "gtp.flags.s": True,
            "gtp.flags.pn": False,
            "gtp.message": "0xff",
            "gtp.length": 54,
            "gtp.teid": "0x00001234",
            "gtp.seq_number": "0x0007",
        },
    ),
    Case(
        "one extension header",
        (
            "02000000 00020200 00000001 08004500 004a0001 00004011 749d0101 01010202 "
            "02020868 08680036 aaec34ff 00260000 12340000 00850100 0900 " + IPV4
        ),
        layers="eth ip udp gtp ip udp",
        values={
            "gtp.flags": "0x34",
            "gtp.flags.version": 1,
            "gtp.flags.payload": 1,
            "gtp.flags.reserved": 0,
            "gtp.flags.e": True,
            "gtp.flags.s": False,
            "gtp.flags.pn": False,
            "gtp.message": "0xff",
            "gtp.length": 38,
            "gtp.teid": "0x00001234",
            "gtp.ext_hdr.next": ["0x85", "0x00"],
            "gtp.ext_hdr.length": 1,
            "gtp.ext_hdr.content": b"\x00\t",
        },
    ),
    Case(
        "two extension headers",
        (
            "02000000 00020200 00000001 08004500 004e0001 00004011 74990101 01010202 "
            "02020868 0868003a 418834ff 002a0000 12340000 00400108 68850110 0900 " + IPV4
        ),
        layers="eth ip udp gtp ip udp",
        values={
            "gtp.flags": "0x34",
            "gtp.flags.version": 1,
            "gtp.flags.payload": 1,
            "gtp.flags.reserved": 0,
            "gtp.flags.e": True,
            "gtp.flags.s": False,
            "gtp.flags.pn": False,
            "gtp.message": "0xff",
            "gtp.length": 42,
            "gtp.teid": "0x00001234",
            "gtp.ext_hdr.next": ["0x40", "0x85", "0x00"],
            "gtp.ext_hdr.length": [1, 1],
            "gtp.ext_hdr.content": [b"\x08h", b"\x10\t"],
        },
    ),
    Case(
        "echo request",
        "02000000 00020200 00000001 08004500 002a0001 00004011 74bd0101 01010202 "
        "02020868 08680016 a8e43201 00060000 00000001 00000e00",
        layers="eth ip udp gtp",
        values={
            "gtp.flags": "0x32",
            "gtp.flags.version": 1,
            "gtp.flags.payload": 1,
            "gtp.flags.reserved": 0,
            "gtp.flags.e": False,
            "gtp.flags.s": True,
            "gtp.flags.pn": False,
            "gtp.message": "0x01",
            "gtp.length": 6,
            "gtp.teid": "0x00000000",
            "gtp.seq_number": "0x0001",
        },
    ),
    Case(
        "extension header of no length",
        "02000000 00020200 00000001 08004500 002c0001 00004011 00000101 01010202 "
        "02020457 08680018 000034ff 00080000 12340000 00850000 0000",
        layers="eth ip udp gtp",
        values={
            "gtp.flags": "0x34",
            "gtp.flags.version": 1,
            "gtp.flags.payload": 1,
            "gtp.flags.reserved": 0,
            "gtp.flags.e": True,
            "gtp.flags.s": False,
            "gtp.flags.pn": False,
            "gtp.message": "0xff",
            "gtp.length": 8,
            "gtp.teid": "0x00001234",
            "gtp.ext_hdr.next": "0x85",
            "gtp.ext_hdr.length": 0,
        },
        faults=(("VALUE", "gtp", "ext_hdr.length", 54, 1, 0),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
