"""Packets of SCTP chunks and parameters, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "init",
        "4500004c0001000040848df6c0000201c6336402000a000b010203041afe00210100002c00000007"
        "000003e8000200030000000900050008c0000201000c0006000500000009000800000005",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.srcport": 10,
            "sctp.dstport": 11,
            "sctp.verification_tag": "0x01020304",
            "sctp.chunk_type": 1,
            "sctp.chunk_flags": "0x00",
            "sctp.chunk_length": 44,
            "sctp.init_initiate_tag": "0x00000007",
            "sctp.init_credit": 1000,
            "sctp.parameter_type": ["0x0005", "0x000c", "0x0009"],
            "sctp.parameter_length": [8, 6, 8],
            "sctp.parameter_ipv4_address": "192.0.2.1",
            "sctp.parameter_cookie_preservative_incr": 5,
        },
    ),
    Case(
        "init ack",
        "450000540001000040848deec0000201c6336402000a000b01020304c56c482d0200003400000007"
        "000003e800020003000000090006001420010db80000000000000000000000010007000961626364"
        "65000000",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.chunk_type": 2,
            "sctp.chunk_length": 52,
            "sctp.initack_initial_tsn": 9,
            "sctp.parameter_type": ["0x0006", "0x0007"],
            "sctp.parameter_length": [20, 9],
            "sctp.parameter_ipv6_address": "2001:db8::1",
            "sctp.parameter_state_cookie": "6162636465",
        },
    ),
    Case(
        "sack and data",
        "450000500001000040848df2c0000201c6336402000a000b01020304b0aed95e0300001800000064"
        "000001f40001000100020003000000630003001500000005000100020000002e68656c6c6f000000",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.chunk_type": [3, 0],
            "sctp.chunk_flags": ["0x00", "0x03"],
            "sctp.chunk_length": [24, 21],
            "sctp.data_tsn_raw": 5,
            "sctp.data_sid": "0x0001",
            "sctp.data_ssn": 2,
            "sctp.data_payload_proto_id": 46,
            "sctp.data_b_bit": True,
            "sctp.sack_cumulative_tsn_ack_raw": 100,
            "sctp.sack_gap_block_start": 2,
            "sctp.sack_duplicate_tsn": 99,
        },
    ),
    Case(
        "heartbeat",
        "450000300001000040848e12c0000201c6336402000a000b0102030474e0be040400001000010009"
        "3132333435000000",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.chunk_type": 4,
            "sctp.chunk_length": 16,
            "sctp.parameter_type": "0x0001",
            "sctp.parameter_length": 9,
            "sctp.parameter_heartbeat_information": "3132333435",
        },
    ),
    Case(
        "abort with cause",
        "4500002c0001000040848e16c0000201c6336402000a000b010203040135828c0600000c000300080001ffff",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.chunk_type": 6,
            "sctp.chunk_length": 12,
            "sctp.cause_code": "0x0003",
        },
    ),
    Case(
        "shutdown, cookie echo, unknown",
        "4500003c0001000040848e06c0000201c6336402000a000b0102030419dd0334070000080000004d"
        "0a000008616263647f000008deadbeef08000004",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.chunk_type": [7, 10, 127, 8],
            "sctp.chunk_flags": ["0x00", "0x00", "0x00", "0x00"],
            "sctp.chunk_length": [8, 8, 8, 4],
            "sctp.shutdown_cumulative_tsn_ack": 77,
            "sctp.cookie": "61626364",
        },
    ),
    Case(
        "chunk length 0",
        "450000280001000040848e1ac0000201c6336402000a000b0102030476893eb50600000000000000",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.chunk_type": 6,
            "sctp.chunk_length": 0,
        },
        faults=(("LENGTH", "sctp", "chunk_length", 34, 4, 0),),
    ),
    Case(
        "chunk overruns",
        "450000280001000040848e1ac0000201c6336402000a000b010203042659f2580a000040deadbeef",
        linktype=IPV4,
        layers="ip sctp",
        values={
            "sctp.chunk_type": 10,
            "sctp.chunk_length": 64,
        },
        faults=(("TRUNCATED", "sctp", "chunk_length", 34, 64, 8),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
