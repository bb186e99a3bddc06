"""Packets of ICMPv6: errors, echo, listeners, neighbours, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV6 = 229

CASES = [
    Case(
        "echo",
        "60000000000c3a4020010db800000000000000000000000120010db8000000000000000000000002"
        "800033381234000770696e67",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 128,
            "icmpv6.code": 0,
            "icmpv6.checksum": "0x3338",
            "icmpv6.echo.identifier": "0x1234",
            "icmpv6.echo.sequence_number": 7,
        },
    ),
    Case(
        "unreachable",
        "6000000000383a4020010db800000000000000000000000120010db8000000000000000000000002"
        "0104d60a00000000600000000028114020010db800000000000000000000000220010db800000000"
        "00000000000000010001000200280001",
        linktype=IPV6,
        layers="ipv6 icmpv6 ipv6 udp",
        values={
            "icmpv6.type": 1,
            "icmpv6.code": 4,
            "icmpv6.checksum": "0xd60a",
            "udp.dstport": 2,
        },
        faults=(
            ("OVERRUN", "ipv6", "plen", 52, 40, 8),
            ("OVERRUN", "udp", "length", 92, 40, 8),
        ),
    ),
    Case(
        "too big",
        "6000000000383a4020010db800000000000000000000000120010db8000000000000000000000002"
        "02002be900000500600000000008114020010db800000000000000000000000220010db800000000"
        "0000000000000001000100020008a466",
        linktype=IPV6,
        layers="ipv6 icmpv6 ipv6 udp",
        values={
            "icmpv6.type": 2,
            "icmpv6.checksum": "0x2be9",
            "icmpv6.mtu": 1280,
            "udp.dstport": 2,
        },
    ),
    Case(
        "time exceeded",
        "6000000000383a4020010db800000000000000000000000120010db8000000000000000000000002"
        "03002fe900000000600000000008114020010db800000000000000000000000220010db800000000"
        "0000000000000001000100020008a466",
        linktype=IPV6,
        layers="ipv6 icmpv6 ipv6 udp",
        values={
            "icmpv6.type": 3,
            "icmpv6.checksum": "0x2fe9",
            "udp.dstport": 2,
        },
    ),
    Case(
        "parameter problem",
        "6000000000303a4020010db800000000000000000000000120010db8000000000000000000000002"
        "0400a964000000066000000000003b4020010db800000000000000000000000220010db800000000"
        "0000000000000001",
        linktype=IPV6,
        layers="ipv6 icmpv6 ipv6",
        values={
            "icmpv6.type": 4,
            "icmpv6.checksum": "0xa964",
            "icmpv6.pointer": 6,
        },
    ),
    Case(
        "router solicitation",
        "6000000000103aff20010db800000000000000000000000120010db8000000000000000000000002"
        "85001c3e000000000101020000000001",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 133,
            "icmpv6.checksum": "0x1c3e",
            "icmpv6.opt.type": 1,
            "icmpv6.opt.length": 1,
            "icmpv6.opt.src_linkaddr": "02:00:00:00:00:01",
        },
    ),
    Case(
        "router advertisement",
        "6000000000583aff20010db800000000000000000000000120010db8000000000000000000000002"
        "8600f59200c802580000000000000000030440c0ffffffffffffffff0000000020010db800010000"
        "000000000000000005010000000005dc190300000000003c20010db8000000000000000000000053"
        "c801313233343536",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 134,
            "icmpv6.checksum": "0xf592",
            "icmpv6.nd.ra.flag": "0xc8",
            "icmpv6.nd.ra.cur_hop_limit": 0,
            "icmpv6.nd.ra.router_lifetime": 600,
            "icmpv6.opt.type": [3, 5, 25, 200],
            "icmpv6.opt.length": [4, 1, 3, 1],
            "icmpv6.opt.prefix": "2001:db8:1::",
            "icmpv6.opt.prefix.length": 64,
            "icmpv6.opt.mtu": 1500,
            "icmpv6.opt.rdnss": "2001:db8::53",
        },
    ),
    Case(
        "neighbour solicitation",
        "6000000000203aff20010db800000000000000000000000120010db8000000000000000000000002"
        "8700ec720000000020010db80000000000000000000000020101020000000001",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 135,
            "icmpv6.checksum": "0xec72",
            "icmpv6.nd.ns.target_address": "2001:db8::2",
            "icmpv6.opt.type": 1,
            "icmpv6.opt.length": 1,
            "icmpv6.opt.src_linkaddr": "02:00:00:00:00:01",
        },
    ),
    Case(
        "neighbour advertisement",
        "6000000000203aff20010db800000000000000000000000120010db8000000000000000000000002"
        "88000a71e000000020010db80000000000000000000000020201020000000002",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 136,
            "icmpv6.checksum": "0x0a71",
            "icmpv6.nd.na.flag": "0xe0000000",
            "icmpv6.nd.na.target_address": "2001:db8::2",
            "icmpv6.opt.type": 2,
            "icmpv6.opt.length": 1,
            "icmpv6.opt.target_linkaddr": "02:00:00:00:00:02",
        },
    ),
    Case(
        "redirect",
        "6000000000583aff20010db800000000000000000000000120010db8000000000000000000000002"
        "8900c4c20000000020010db800000000000000000000000320010db8000000000000000000000004"
        "04060000000000006000000000003b4020010db800000000000000000000000220010db800000000"
        "0000000000000001",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 137,
            "icmpv6.checksum": "0xc4c2",
            "icmpv6.nd.rd.target_address": "2001:db8::3",
            "icmpv6.rd.na.destination_address": "2001:db8::4",
            "icmpv6.opt.type": 4,
            "icmpv6.opt.length": 6,
        },
    ),
    Case(
        "option of length 0",
        "6000000000103aff20010db800000000000000000000000120010db8000000000000000000000002"
        "85001c3f000000000100020000000001",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 133,
            "icmpv6.checksum": "0x1c3f",
            "icmpv6.opt.type": 1,
            "icmpv6.opt.length": 0,
        },
        faults=(("LENGTH", "icmpv6", "opt.length", 49, 2, 0),),
    ),
    Case(
        "option that overruns",
        "6000000000103aff20010db800000000000000000000000120010db8000000000000000000000002"
        "85001c3d000000000102020000000001",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 133,
            "icmpv6.checksum": "0x1c3d",
            "icmpv6.opt.type": 1,
            "icmpv6.opt.length": 2,
        },
        faults=(("TRUNCATED", "icmpv6", "opt.length", 49, 16, 8),),
    ),
    Case(
        "listener query 1",
        "6000000000183a0120010db800000000000000000000000120010db8000000000000000000000002"
        "82001f4c03e80000ff020000000000000000000000000001",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 130,
            "icmpv6.checksum": "0x1f4c",
            "icmpv6.mld.multicast_address": "ff02::1",
            "icmpv6.mld.maximum_response_delay": 1000,
        },
    ),
    Case(
        "listener report 1",
        "6000000000183a0120010db800000000000000000000000120010db8000000000000000000000002"
        "8300233100000000ff0200000000000000000001ff000002",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 131,
            "icmpv6.checksum": "0x2331",
            "icmpv6.mld.multicast_address": "ff02::1:ff00:2",
            "icmpv6.mld.maximum_response_delay": 0,
        },
    ),
    Case(
        "listener query 2",
        "60000000002c3a0120010db800000000000000000000000120010db8000000000000000000000002"
        "8200e73403e80000ff0200000000000000000000000000050a3c000120010db80000000000000000"
        "00000009",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 130,
            "icmpv6.checksum": "0xe734",
            "icmpv6.mld.multicast_address": "ff02::5",
            "icmpv6.mld.source_address": "2001:db8::9",
            "icmpv6.mld.flag": "0x0a",
        },
    ),
    Case(
        "listener report 2",
        "6000000000403a0120010db800000000000000000000000120010db8000000000000000000000002"
        "8f00e0390000000204000000ff02000000000000000000000000000505000001ff02000000000000"
        "000000000000000620010db8000000000000000000000009",
        linktype=IPV6,
        layers="ipv6 icmpv6",
        values={
            "icmpv6.type": 143,
            "icmpv6.checksum": "0xe039",
            "icmpv6.mldr.nb_mcast_records": 2,
            "icmpv6.mldr.mar.record_type": [4, 5],
            "icmpv6.mldr.mar.multicast_address": ["ff02::5", "ff02::6"],
            "icmpv6.mldr.mar.source_address": "2001:db8::9",
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
