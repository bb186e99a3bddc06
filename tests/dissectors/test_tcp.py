"""Packets of TCP and its options, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "syn with options",
        "4500003c0001000040068e84c0000201c63364020fa00fa1000003e8000007d0a002200010cb0000"
        "020405b40402080a000000050000000001030307",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.srcport": 4000,
            "tcp.dstport": 4001,
            "tcp.seq_raw": 1000,
            "tcp.ack_raw": 2000,
            "tcp.hdr_len": 40,
            "tcp.flags": "0x0002",
            "tcp.window_size_value": 8192,
            "tcp.checksum": "0x10cb",
            "tcp.urgent_pointer": 0,
            "tcp.option_kind": [2, 4, 8, 1, 3],
            "tcp.option_len": [4, 2, 10, 3],
            "tcp.options.mss_val": 1460,
            "tcp.options.wscale.shift": 7,
            "tcp.options.timestamp.tsval": 5,
            "tcp.options.timestamp.tsecr": 0,
        },
    ),
    Case(
        "sack",
        "4500003c0001000040068e84c0000201c63364020fa00fa1000003e8000007d0a010200022730000"
        "0101051200000001000000020000000300000004",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.flags": "0x0010",
            "tcp.checksum": "0x2273",
            "tcp.option_kind": [1, 1, 5],
            "tcp.option_len": 18,
            "tcp.options.sack_le": [1, 3],
            "tcp.options.sack_re": [2, 4],
        },
    ),
    Case(
        "fast open",
        "450000340001000040068e8cc0000201c63364020fa00fa1000003e8000007d08002200016880000"
        "220a01020304050607080000",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.hdr_len": 32,
            "tcp.checksum": "0x1688",
            "tcp.option_kind": [34, 0],
            "tcp.option_len": 10,
            "tcp.options.tfo.cookie": "0102030405060708",
        },
    ),
    Case(
        "end of options",
        "450000340001000040068e8cc0000201c63364020fa00fa1000003e8000007d070c22000776b0000"
        "020405b40000000064617461",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.hdr_len": 28,
            "tcp.flags": "0x00c2",
            "tcp.checksum": "0x776b",
            "tcp.option_kind": [2, 0],
            "tcp.option_len": 4,
        },
    ),
    Case(
        "mptcp capable",
        "450000340001000040068e8cc0000201c63364020fa00fa1000003e8000000008002200020d50000"
        "1e0c01810102030405060708",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 32,
            "tcp.checksum": "0x20d5",
            "tcp.option_kind": 30,
            "tcp.option_len": 12,
            "tcp.options.mptcp.subtype": 0,
        },
    ),
    Case(
        "md5, uto, experimental, unknown",
        "450000480001000040068e78c0000201c63364020fa00fa1000003e800000000d02920005ef50003"
        "13120102030405060708090a0b0c0d0e0f101c048005fd04e2d4c8030a010000",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 52,
            "tcp.flags": "0x0029",
            "tcp.checksum": "0x5ef5",
            "tcp.urgent_pointer": 3,
            "tcp.option_kind": [19, 28, 253, 200, 1, 0],
            "tcp.option_len": [18, 4, 4, 3],
            "tcp.options.md5.digest": "0102030405060708090a0b0c0d0e0f10",
            "tcp.options.user_to_granularity": True,
            "tcp.options.user_to_val": 5,
            "tcp.options.experimental.exid": "0xe2d4",
        },
    ),
    Case(
        "option that overruns",
        "4500002c0001000040068e94c0000201c63364020fa00fa10000000000000000600220006d59000002040509",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.seq_raw": 0,
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 24,
            "tcp.checksum": "0x6d59",
            "tcp.option_kind": 2,
            "tcp.option_len": 4,
            "tcp.options.mss_val": 1289,
        },
    ),
    Case(
        "option length 0",
        "4500002c0001000040068e94c0000201c63364020fa00fa10000000000000000600220007266000002000000",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.seq_raw": 0,
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 24,
            "tcp.checksum": "0x7266",
            "tcp.option_kind": 2,
            "tcp.option_len": 0,
        },
        faults=(("LENGTH", "tcp", "option_len", 41, 2, 0),),
    ),
    Case(
        "option length long",
        "450000330001000040068e8dc0000201c63364020fa00fa1000000000000000060022000b5270000"
        "020800007061796c6f6164",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.seq_raw": 0,
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 24,
            "tcp.checksum": "0xb527",
            "tcp.option_kind": 2,
            "tcp.option_len": 8,
        },
        faults=(("OVERRUN", "tcp", "option_len", 41, 8, 4),),
    ),
    Case(
        "header length too small",
        "4500002f0001000040068e91c0000201c63364020fa00fa1000000000000000040022000d7330000"
        "7061796c6f6164",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.seq_raw": 0,
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 16,
        },
        faults=(("LENGTH", "tcp", "hdr_len", 32, 20, 16),),
    ),
    Case(
        "header length too large",
        "4500002f0001000040068e91c0000201c63364020fa00fa10000000000000000f002200027330000"
        "7061796c6f6164",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.seq_raw": 0,
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 60,
            "tcp.checksum": "0x2733",
        },
        faults=(("TRUNCATED", "tcp", "options", 40, 40, 7),),
    ),
    Case(
        "cut",
        "450000210001000040068e9fc0000201c63364020fa00fa1000000000000000050",
        linktype=IPV4,
        layers="ip tcp",
        values={
            "tcp.seq_raw": 0,
            "tcp.ack_raw": 0,
            "tcp.hdr_len": 20,
        },
        faults=(("TRUNCATED", "tcp", "flags", 20, 20, 13),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
