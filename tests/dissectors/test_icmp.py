"""Packets of ICMP, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "echo",
        "450000200001000040018ea5c0000201c63364020800192c0001000270696e67",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 8,
            "icmp.code": 0,
            "icmp.checksum": "0x192c",
            "icmp.ident": 1,
            "icmp.seq": 2,
            "ip.src": "192.0.2.1",
        },
    ),
    Case(
        "unreachable",
        "450000380001000040018e8dc0000201c63364020303fce500000000450000280001000040118e8d"
        "c6336402c00002010001000200140000",
        linktype=IPV4,
        layers="ip icmp ip udp",
        values={
            "icmp.type": 3,
            "icmp.code": 3,
            "icmp.checksum": "0xfce5",
            "icmp.length": 0,
            "ip.src": ["192.0.2.1", "198.51.100.2"],
            "udp.dstport": 2,
        },
        faults=(
            ("OVERRUN", "ip", "len", 30, 40, 28),
            ("OVERRUN", "udp", "length", 52, 20, 8),
        ),
    ),
    Case(
        "fragmentation needed",
        "450000380001000040018e8dc0000201c63364020304f72b00000578450001900001000040068d30"
        "c6336402c0000201000500060000004d",
        linktype=IPV4,
        layers="ip icmp ip tcp",
        values={
            "icmp.type": 3,
            "icmp.code": 4,
            "icmp.checksum": "0xf72b",
            "icmp.mtu": 1400,
            "icmp.length": 0,
            "ip.src": ["192.0.2.1", "198.51.100.2"],
            "tcp.seq_raw": 77,
        },
        faults=(
            ("OVERRUN", "ip", "len", 30, 400, 28),
            ("TRUNCATED", "tcp", "ack_raw", 48, 20, 8),
        ),
    ),
    Case(
        "redirect",
        "450000380001000040018e8dc0000201c633640205012451c00002fe4500001c0001000040118e99"
        "c6336402c000020100010002000813a4",
        linktype=IPV4,
        layers="ip icmp ip udp",
        values={
            "icmp.type": 5,
            "icmp.code": 1,
            "icmp.checksum": "0x2451",
            "icmp.redir_gw": "192.0.2.254",
            "ip.src": ["192.0.2.1", "198.51.100.2"],
            "udp.dstport": 2,
        },
    ),
    Case(
        "time exceeded with length",
        "450000380001000040018e8dc0000201c63364020b000000001100004500001c000100000111cd99"
        "c6336402c000020100010002000813a4",
        linktype=IPV4,
        layers="ip icmp ip udp",
        values={
            "icmp.type": 11,
            "icmp.checksum": "0x0000",
            "icmp.length": 17,
            "ip.src": ["192.0.2.1", "198.51.100.2"],
            "udp.dstport": 2,
        },
    ),
    Case(
        "parameter problem",
        "450000300001000040018e95c0000201c63364020c00dfff14000000450000140001000040008eb2"
        "c6336402c0000201",
        linktype=IPV4,
        layers="ip icmp ip",
        values={
            "icmp.type": 12,
            "icmp.checksum": "0xdfff",
            "icmp.length": 0,
            "icmp.pointer": 20,
            "ip.src": ["192.0.2.1", "198.51.100.2"],
        },
    ),
    Case(
        "timestamp",
        "450000280001000040018e9dc0000201c63364020d00f29800010002000000640000000000000000",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 13,
            "icmp.checksum": "0xf298",
            "icmp.originate_timestamp": 100,
            "icmp.receive_timestamp": 0,
            "icmp.transmit_timestamp": 0,
        },
    ),
    Case(
        "address mask",
        "450000200001000040018ea5c0000201c63364021200eefb00010002ffffff00",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 18,
            "icmp.checksum": "0xeefb",
            "icmp.address_mask": "255.255.255.0",
        },
    ),
    Case(
        "router advertisement",
        "450000240001000040018ea1c0000201c63364020900f8e601020708c000020100000000",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 9,
            "icmp.checksum": "0xf8e6",
            "icmp.num_addrs": 1,
            "icmp.addr_entry_size": 2,
            "icmp.lifetime": 1800,
            "icmp.router_address": "192.0.2.1",
            "icmp.pref_level": 0,
        },
    ),
    Case(
        "router solicitation",
        "4500001c0001000040018ea9c0000201c63364020a00f5ff00000000",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 10,
            "icmp.checksum": "0xf5ff",
        },
    ),
    Case(
        "extended echo",
        "4500001c0001000040018ea9c0000201c63364022a00d5fc00010101",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 42,
            "icmp.checksum": "0xd5fc",
            "icmp.ext.echo.seq": 1,
            "icmp.ext.echo.req.local": True,
        },
    ),
    Case(
        "extended echo reply",
        "4500001c0001000040018ea9c0000201c63364022b00d5fc00010166",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 43,
            "icmp.checksum": "0xd5fc",
            "icmp.ext.echo.seq": 1,
            "icmp.ext.echo.rsp.state": 3,
            "icmp.ext.echo.rsp.ipv4": True,
        },
    ),
    Case(
        "cut",
        "450000190001000040018eacc0000201c63364020800f7ff00",
        linktype=IPV4,
        layers="ip icmp",
        values={
            "icmp.type": 8,
            "icmp.checksum": "0xf7ff",
        },
        faults=(("TRUNCATED", "icmp", "ident", 24, 2, 1),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
