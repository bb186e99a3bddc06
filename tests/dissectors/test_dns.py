"""Packets of DNS messages, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "query",
        "4500003d0001000040118e78c0000201c6336402138800350029a011123401000001000000000000"
        "03777777076578616d706c65036f72670000010001",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.id": "0x1234",
            "dns.flags": "0x0100",
            "dns.count.queries": 1,
            "dns.count.answers": 0,
            "dns.count.add_rr": 0,
            "dns.qry.name": "www.example.org",
            "dns.qry.type": 1,
            "dns.qry.class": "0x0001",
        },
    ),
    Case(
        "answer compressed",
        "4500005f0001000040118e56c0000201c633640200351388004b9acd123485800001000200000000"
        "03777777076578616d706c65036f72670000010001c00c000500010000003c000603777732c010c0"
        "2d000100010000003c0004c0000201",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.flags": "0x8580",
            "dns.count.answers": 2,
            "dns.qry.type": 1,
            "dns.resp.name": ["www.example.org", "ww2.example.org"],
            "dns.resp.type": [5, 1],
            "dns.resp.class": ["0x0001", "0x0001"],
            "dns.resp.ttl": [60, 60],
            "dns.resp.len": [6, 4],
            "dns.a": "192.0.2.1",
            "dns.cname": "ww2.example.org",
        },
    ),
    Case(
        "mx txt srv soa",
        "450000f80001000040118dbdc0000201c63364021388003500e4f914000181000000000300010000"
        "076578616d706c65036f726700000f00010000003c0014000a046d61696c076578616d706c65036f"
        "726700076578616d706c65036f726700001000010000003c0008036f6e650374776f045f73697004"
        "5f756470076578616d706c65036f726700002100010000003c00170001000213c403736970076578"
        "616d706c65036f726700076578616d706c65036f726700000600010000003c0037026e7307657861"
        "6d706c65036f7267000561646d696e076578616d706c65036f726700000000010000000200000003"
        "0000000400000005",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.id": "0x0001",
            "dns.flags": "0x8100",
            "dns.count.queries": 0,
            "dns.count.answers": 3,
            "dns.resp.name": ["example.org", "example.org", "_sip._udp.example.org", "example.org"],
            "dns.resp.type": [15, 16, 33, 6],
            "dns.resp.class": ["0x0001", "0x0001", "0x0001", "0x0001"],
            "dns.resp.ttl": [60, 60, 60, 60],
            "dns.resp.len": [20, 8, 23, 55],
            "dns.mx.preference": 10,
            "dns.mx.mail_exchange": "mail.example.org",
            "dns.txt": ["one", "two"],
            "dns.srv.port": 5060,
            "dns.srv.target": "sip.example.org",
            "dns.soa.mname": "ns.example.org",
            "dns.soa.rname": "admin.example.org",
            "dns.soa.minimum_ttl": 5,
        },
    ),
    Case(
        "edns",
        "450000440001000040118e71c0000201c6336402138800350030a6aa000101000001000000000001"
        "000001000100002904d000008000000c000a00083132333435363738",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.id": "0x0001",
            "dns.count.add_rr": 1,
            "dns.qry.name": "<Root>",
            "dns.qry.type": 1,
            "dns.resp.name": "<Root>",
            "dns.resp.type": 41,
            "dns.resp.len": 12,
            "dns.rr.udp_payload_size": 1232,
            "dns.opt.code": 10,
            "dns.opt.cookie.client": "3132333435363738",
        },
    ),
    Case(
        "dnssec",
        "450000c50001000040118df0c0000201c63364021388003500b1c932000181000000000400000000"
        "076578616d706c65036f726700002b00010000003c0006000108020102076578616d706c65036f72"
        "6700003000010000003c0007010103086b6579076578616d706c65036f726700002e00010000003c"
        "0022000108020000003c00000000000000000003076578616d706c65036f72670073696707657861"
        "6d706c65036f726700002f00010000003c00120161076578616d706c65036f726700000140",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.id": "0x0001",
            "dns.flags": "0x8100",
            "dns.count.queries": 0,
            "dns.count.answers": 4,
            "dns.resp.name": ["example.org", "example.org", "example.org", "example.org"],
            "dns.resp.type": [43, 48, 46, 47],
            "dns.resp.class": ["0x0001", "0x0001", "0x0001", "0x0001"],
            "dns.resp.ttl": [60, 60, 60, 60],
            "dns.resp.len": [6, 7, 34, 18],
            "dns.ds.key_id": "0x0001",
            "dns.ds.digest": "0102",
            "dns.dnskey.flags": "0x0101",
            "dns.dnskey.algorithm": 8,
            "dns.rrsig.key_tag": 3,
            "dns.rrsig.signers_name": "example.org",
            "dns.nsec.next_domain_name": "a.example.org",
        },
    ),
    Case(
        "aaaa, ptr, naptr, caa, https, unknown",
        "450000c20001000040118df3c0000201c63364021388003500aef332000181000000000600000000"
        "016100001c000100000001001020010db8000000000000000000000001016100000c000100000001"
        "000301620001610000230001000000010015000100020175074532552b7369700521782179210001"
        "6100010100010000000100118005697373756563612e6578616d706c650161000041000100000001"
        "00100001000003000201bb0001000302683201610003e7000100000001000378797a",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.id": "0x0001",
            "dns.flags": "0x8100",
            "dns.count.queries": 0,
            "dns.count.answers": 6,
            "dns.resp.name": ["a", "a", "a", "a", "a", "a"],
            "dns.resp.type": [28, 12, 35, 257, 65, 999],
            "dns.resp.class": ["0x0001", "0x0001", "0x0001", "0x0001", "0x0001", "0x0001"],
            "dns.resp.ttl": [1, 1, 1, 1, 1, 1],
            "dns.resp.len": [16, 3, 21, 17, 16, 3],
            "dns.aaaa": "2001:db8::1",
            "dns.ptr.domain_name": "b",
            "dns.naptr.flags": "u",
            "dns.naptr.service": "E2U+sip",
            "dns.naptr.replacement": "<Root>",
            "dns.caa.tag": "issue",
            "dns.svcb.svcpriority": 1,
            "dns.svcb.targetname": "<Root>",
            "dns.svcb.svcparam.key": [3, 1],
            "dns.svcb.svcparam.port": 443,
        },
    ),
    Case(
        "pointer to itself",
        "4500002e0001000040118e87c0000201c633640200351388001a2c82123401000001000000000000"
        "c00c00010001",
        linktype=IPV4,
        layers="ip udp dns",
        faults=(("MALFORMED", "dns", "qry.name", 40, 12, 12),),
    ),
    Case(
        "pointer forward",
        "4500002e0001000040118e87c0000201c633640200351388001a2c7e123401000001000000000000"
        "c01000010001",
        linktype=IPV4,
        layers="ip udp dns",
        faults=(("MALFORMED", "dns", "qry.name", 40, 12, 16),),
    ),
    Case(
        "more questions than there are",
        "4500002f0001000040118e86c0000201c633640200351388001be92b123401000003000000000000"
        "01610000010001",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.count.queries": 3,
            "dns.qry.name": "a",
            "dns.qry.type": 1,
        },
        faults=(("MALFORMED", "dns", "qry.name", 47, 1, 0),),
    ),
    Case(
        "data longer than the record",
        "450000390001000040118e7cc0000201c633640200351388002524d7123485800000000100000000"
        "016100000100010000003c0002c0000201",
        linktype=IPV4,
        layers="ip udp dns",
        values={
            "dns.flags": "0x8580",
            "dns.count.queries": 0,
            "dns.count.answers": 1,
            "dns.resp.name": "a",
            "dns.resp.type": 1,
            "dns.resp.class": "0x0001",
            "dns.resp.ttl": 60,
            "dns.resp.len": 2,
        },
        faults=(("OVERRUN", "dns", "a", 53, 4, 2),),
    ),
    Case(
        "over tcp",
        "4500004b0001000040068e75c0000201c6336402138800350000000100000000501820002ffd0000"
        "002112340100000100000000000003777777076578616d706c65036f72670000010001",
        linktype=IPV4,
        layers="ip tcp dns.stream dns",
        values={
            "dns.qry.type": 1,
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
