"""Packets of IPv6 and its extension headers, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV6 = 229

CASES = [
    Case(
        "udp inside",
        "6b912345000a110320010db800000000000000000000000120010db8000000000000000000000002"
        "00010002000a3bf96869",
        linktype=IPV6,
        layers="ipv6 udp",
        values={
            "ipv6.version": 6,
            "ipv6.tclass": "0x000000b9",
            "ipv6.flow": "0x012345",
            "ipv6.plen": 10,
            "ipv6.nxt": 17,
            "ipv6.hlim": 3,
            "ipv6.src": "2001:db8::1",
            "ipv6.dst": "2001:db8::2",
            "udp.srcport": 1,
        },
    ),
    Case(
        "longer than the octets",
        "600000000064114020010db800000000000000000000000120010db8000000000000000000000002"
        "00010002000a3bf96869",
        linktype=IPV6,
        layers="ipv6 udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 100,
            "ipv6.hlim": 64,
        },
        faults=(("OVERRUN", "ipv6", "plen", 4, 100, 10),),
    ),
    Case(
        "hop by hop",
        "600000000010004020010db800000000000000000000000120010db8000000000000000000000002"
        "1100050200000100000100020008a466",
        linktype=IPV6,
        layers="ipv6 ipv6.hopopts udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 16,
            "ipv6.nxt": 0,
            "ipv6.hlim": 64,
            "ipv6.hopopts.nxt": 17,
            "ipv6.hopopts.len": 0,
            "ipv6.opt.type": ["0x05", "0x01"],
            "ipv6.opt.length": [2, 0],
            "ipv6.opt.padn": "",
            "ipv6.opt.router_alert": 0,
        },
    ),
    Case(
        "destination options",
        "6000000000283c4020010db800000000000000000000000120010db8000000000000000000000002"
        "1103c91020010db800000000000000000000000900000b0209000104000000000001000200080000",
        linktype=IPV6,
        layers="ipv6 ipv6.dstopts udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 40,
            "ipv6.nxt": 60,
            "ipv6.hlim": 64,
            "ipv6.dstopts.nxt": 17,
            "ipv6.dstopts.len": 3,
            "ipv6.opt.type": ["0xc9", "0x00", "0x00", "0x0b", "0x01"],
            "ipv6.opt.length": [16, 2, 4],
            "ipv6.opt.padn": "00000000",
            "ipv6.opt.mipv6.home_address": "2001:db8::9",
        },
    ),
    Case(
        "jumbo",
        "600000000000004020010db800000000000000000000000120010db8000000000000000000000002"
        "1100c2040001117000010002000000016a756d626f",
        linktype=IPV6,
        layers="ipv6 ipv6.hopopts udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 0,
            "ipv6.nxt": 0,
            "ipv6.hlim": 64,
            "ipv6.hopopts.nxt": 17,
            "ipv6.hopopts.len": 0,
            "ipv6.opt.type": "0xc2",
            "ipv6.opt.length": 4,
            "ipv6.opt.jumbo": 70000,
        },
    ),
    Case(
        "routing 0",
        "6000000000302b4020010db800000000000000000000000120010db8000000000000000000000002"
        "110400020000000020010db800000000000000000000000320010db8000000000000000000000004"
        "000100020008a464",
        linktype=IPV6,
        layers="ipv6 ipv6.routing udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 48,
            "ipv6.nxt": 43,
            "ipv6.hlim": 64,
            "ipv6.routing.type": 0,
            "ipv6.routing.len": 4,
            "ipv6.routing.segleft": 2,
            "ipv6.routing.src.addr": ["2001:db8::3", "2001:db8::4"],
        },
    ),
    Case(
        "routing 2",
        "6000000000202b4020010db800000000000000000000000120010db8000000000000000000000002"
        "110202010000000020010db80000000000000000000000070001000200080000",
        linktype=IPV6,
        layers="ipv6 ipv6.routing udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 32,
            "ipv6.nxt": 43,
            "ipv6.hlim": 64,
            "ipv6.routing.type": 2,
            "ipv6.routing.len": 2,
            "ipv6.routing.segleft": 1,
            "ipv6.routing.mipv6.home_address": "2001:db8::7",
        },
    ),
    Case(
        "routing 3",
        "6000000000202b4020010db800000000000000000000000120010db8000000000000000000000002"
        "11020301e0000000000700000000000020010db8000000070001000200080000",
        linktype=IPV6,
        layers="ipv6 ipv6.routing udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 32,
            "ipv6.nxt": 43,
            "ipv6.hlim": 64,
            "ipv6.routing.type": 3,
            "ipv6.routing.len": 2,
            "ipv6.routing.segleft": 1,
            "ipv6.routing.rpl.cmprI": 14,
        },
    ),
    Case(
        "routing 4",
        "6000000000302b4020010db800000000000000000000000120010db8000000000000000000000002"
        "110404010100000520010db800000000000000000000000320010db8000000000000000000000004"
        "000100020008a465",
        linktype=IPV6,
        layers="ipv6 ipv6.routing udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 48,
            "ipv6.nxt": 43,
            "ipv6.hlim": 64,
            "ipv6.routing.type": 4,
            "ipv6.routing.len": 4,
            "ipv6.routing.segleft": 1,
            "ipv6.routing.srh.addr": ["2001:db8::3", "2001:db8::4"],
            "ipv6.routing.srh.last_entry": 1,
            "ipv6.routing.srh.tag": "0005",
        },
    ),
    Case(
        "routing unknown",
        "6000000000102b4020010db800000000000000000000000120010db8000000000000000000000002"
        "11006300010203040001000200080000",
        linktype=IPV6,
        layers="ipv6 ipv6.routing udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 16,
            "ipv6.nxt": 43,
            "ipv6.hlim": 64,
            "ipv6.routing.type": 99,
            "ipv6.routing.len": 0,
            "ipv6.routing.segleft": 0,
        },
    ),
    Case(
        "routing too long",
        "6000000000182b4020010db800000000000000000000000120010db8000000000000000000000002"
        "110900010000000020010db8000000000000000000000007",
        linktype=IPV6,
        layers="ipv6 ipv6.routing",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 24,
            "ipv6.nxt": 43,
            "ipv6.hlim": 64,
            "ipv6.routing.type": 0,
            "ipv6.routing.len": 9,
            "ipv6.routing.segleft": 1,
            "ipv6.routing.src.addr": "2001:db8::7",
        },
        faults=(("TRUNCATED", "ipv6.routing", "len", 40, 80, 24),),
    ),
    Case(
        "first fragment",
        "6000000000182c4020010db800000000000000000000000120010db8000000000000000000000002"
        "110000010000abcd000100020064d32d3132333435363738",
        linktype=IPV6,
        layers="ipv6 ipv6.fraghdr udp",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 24,
            "ipv6.nxt": 44,
            "ipv6.hlim": 64,
            "ipv6.fraghdr.nxt": 17,
            "ipv6.fraghdr.offset": 0,
            "ipv6.fraghdr.more": True,
            "ipv6.fraghdr.ident": "0x0000abcd",
        },
    ),
    Case(
        "later fragment",
        "6000000000102c4020010db800000000000000000000000120010db8000000000000000000000002"
        "110005c80000abcd3132333435363738",
        linktype=IPV6,
        layers="ipv6 ipv6.fraghdr",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 16,
            "ipv6.nxt": 44,
            "ipv6.hlim": 64,
            "ipv6.fraghdr.nxt": 17,
            "ipv6.fraghdr.offset": 185,
            "ipv6.fraghdr.more": False,
            "ipv6.fraghdr.ident": "0x0000abcd",
        },
    ),
    Case(
        "mobility",
        "600000000008874020010db800000000000000000000000120010db8000000000000000000000002"
        "3b00050012340000",
        linktype=IPV6,
        layers="ipv6 mip6",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 8,
            "ipv6.nxt": 135,
            "ipv6.hlim": 64,
            "mip6.proto": 59,
            "mip6.hlen": 0,
            "mip6.mhtype": 5,
            "mip6.csum": "0x1234",
        },
    ),
    Case(
        "no next header",
        "6000000000043b4020010db800000000000000000000000120010db800000000000000000000000272657374",
        linktype=IPV6,
        layers="ipv6",
        values={
            "ipv6.tclass": "0x00000000",
            "ipv6.flow": "0x000000",
            "ipv6.plen": 4,
            "ipv6.nxt": 59,
            "ipv6.hlim": 64,
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
