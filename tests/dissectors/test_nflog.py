"""Netfilter log: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "packet header, prefix, payload",
        "02000014 08000100 08000127 05000a00 00000000 22000900 " + IPV4,
        linktype=239,
        layers="nflog ip udp",
        values={
            "nflog.family": 2,
            "nflog.version": 0,
            "nflog.res_id": 20,
            "nflog.tlv_length": [8, 5, 34],
            "nflog.tlv_type": [1, 10, 9],
            "nflog.protocol": "0x0800",
            "nflog.hook": 1,
            "nflog.prefix": "",
        },
    ),
    Case(
        "an item shorter than its own header",
        "02000014 02000100 00000000",
        linktype=239,
        layers="nflog",
        values={
            "nflog.family": 2,
            "nflog.version": 0,
            "nflog.res_id": 20,
            "nflog.tlv_length": 2,
            "nflog.tlv_type": 1,
            "nflog.protocol": "0x0000",
            "nflog.hook": 0,
        },
        faults=(("VALUE", "nflog", "tlv_length", 4, 4, 2),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
