"""Link types that hold IP alone: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, IPV6, Case, check_reads

CASES = [
    Case(
        "raw IPv4",
        IPV4,
        linktype=101,
        layers="ip udp",
        values={
            "ip.src": "10.0.0.1",
        },
    ),
    Case(
        "raw IPv6",
        IPV6,
        linktype=101,
        layers="ipv6 udp",
        values={
            "ipv6.src": "fe80::1",
        },
    ),
    Case(
        "raw IPv4, BSD number",
        IPV4,
        linktype=12,
        layers="ip udp",
        values={
            "ip.src": "10.0.0.1",
        },
    ),
    Case(
        "raw IPv6, OpenBSD number",
        IPV6,
        linktype=14,
        layers="ipv6 udp",
        values={
            "ipv6.src": "fe80::1",
        },
    ),
    Case(
        "raw IPv4, cut",
        "4500001e 00",
        linktype=101,
        layers="ip",
        faults=(("TRUNCATED", "ip", "id", 0, 20, 5),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
