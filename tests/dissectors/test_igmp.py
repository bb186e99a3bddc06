"""Packets of IGMP, versions 1 to 3, and what they read as."""

from __future__ import annotations

import pytest

from cases import Case, check_reads

IPV4 = 228

CASES = [
    Case(
        "v1 report",
        "4500001c0001000040028ea8c0000201c63364021200ebfae0000105",
        linktype=IPV4,
        layers="ip igmp",
        values={
            "igmp.type": "0x12",
            "igmp.checksum": "0xebfa",
            "igmp.maddr": "224.0.1.5",
        },
    ),
    Case(
        "v2 query",
        "4500001c0001000040028ea8c0000201c63364021164ee9b00000000",
        linktype=IPV4,
        layers="ip igmp",
        values={
            "igmp.type": "0x11",
            "igmp.max_resp": 100,
            "igmp.checksum": "0xee9b",
            "igmp.maddr": "0.0.0.0",
        },
    ),
    Case(
        "v2 leave",
        "4500001c0001000040028ea8c0000201c63364021700f7f9e0000105",
        linktype=IPV4,
        layers="ip igmp",
        values={
            "igmp.type": "0x17",
            "igmp.max_resp": 0,
            "igmp.checksum": "0xf7f9",
            "igmp.maddr": "224.0.1.5",
        },
    ),
    Case(
        "v3 query",
        "450000280001000040028e9cc0000201c633640211640000e00001050a7d0002c0000201c0000202",
        linktype=IPV4,
        layers="ip igmp",
        values={
            "igmp.type": "0x11",
            "igmp.max_resp": 100,
            "igmp.checksum": "0x0000",
            "igmp.maddr": "224.0.1.5",
            "igmp.s": True,
            "igmp.qrv": 2,
            "igmp.qqic": 125,
            "igmp.num_src": 2,
            "igmp.saddr": ["192.0.2.1", "192.0.2.2"],
        },
    ),
    Case(
        "v3 report",
        "450000340001000040028e90c0000201c6336402220000000000000204010000e000010501020304"
        "06000001e0000106c0000201",
        linktype=IPV4,
        layers="ip igmp",
        values={
            "igmp.type": "0x22",
            "igmp.checksum": "0x0000",
            "igmp.maddr": ["224.0.1.5", "224.0.1.6"],
            "igmp.num_src": [0, 1],
            "igmp.saddr": "192.0.2.1",
            "igmp.num_grp_recs": 2,
            "igmp.record_type": [4, 6],
            "igmp.aux_data_len": [1, 0],
            "igmp.aux_data": "01020304",
        },
    ),
    Case(
        "v3 report cut",
        "450000290001000040028e9bc0000201c6336402220000000000000204000003e0000105c0000201c0",
        linktype=IPV4,
        layers="ip igmp",
        values={
            "igmp.type": "0x22",
            "igmp.checksum": "0x0000",
            "igmp.maddr": "224.0.1.5",
            "igmp.num_src": 3,
            "igmp.saddr": "192.0.2.1",
            "igmp.num_grp_recs": 2,
            "igmp.record_type": 4,
            "igmp.aux_data_len": 0,
        },
        faults=(("TRUNCATED", "igmp", "saddr", 40, 4, 1),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
