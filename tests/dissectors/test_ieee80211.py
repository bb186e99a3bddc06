"""IEEE 802.11, alone and after radiotap: what octets read as; values as tshark 4.0 prints them."""

from __future__ import annotations

import pytest

from cases import IPV4, Case, check_reads

CASES = [
    Case(
        "data to the access point",
        "08012c00 02000000 00020200 00000001 02000000 00031000 aaaa0300 00000800 " + IPV4,
        linktype=105,
        layers="wlan llc ip udp",
        values={
            "wlan.fc.type": 2,
            "wlan.fc.tods": True,
            "wlan.duration": 44,
            "wlan.ra": "02:00:00:00:00:02",
            "wlan.ta": "02:00:00:00:00:01",
            "wlan.da": "02:00:00:00:00:03",
            "wlan.frag": 0,
            "wlan.seq": 1,
            "wlan.bssid": "02:00:00:00:00:02",
            "wlan.sa": "02:00:00:00:00:01",
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
            "llc.oui": 0,
            "llc.type": "0x0800",
        },
    ),
    Case(
        "data with QoS, from the access point",
        ("88022c00 02000000 00020200 00000001 02000000 00031000 0500aaaa 03000000 0800 " + IPV4),
        linktype=105,
        layers="wlan llc ip udp",
        values={
            "wlan.fc.subtype": 8,
            "wlan.fc.type": 2,
            "wlan.fc.fromds": True,
            "wlan.duration": 44,
            "wlan.ra": "02:00:00:00:00:02",
            "wlan.ta": "02:00:00:00:00:01",
            "wlan.sa": "02:00:00:00:00:03",
            "wlan.frag": 0,
            "wlan.seq": 1,
            "wlan.da": "02:00:00:00:00:02",
            "wlan.bssid": "02:00:00:00:00:01",
            "wlan.qos": "0x0005",
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
            "llc.oui": 0,
            "llc.type": "0x0800",
        },
    ),
    Case(
        "encrypted data",
        "88422c00 02000000 00020200 00000001 02000000 00031000 05000000 00000000 00007878 7878",
        linktype=105,
        layers="wlan",
        values={
            "wlan.fc.subtype": 8,
            "wlan.fc.type": 2,
            "wlan.fc.protected": True,
            "wlan.fc.fromds": True,
            "wlan.duration": 44,
            "wlan.ra": "02:00:00:00:00:02",
            "wlan.ta": "02:00:00:00:00:01",
            "wlan.sa": "02:00:00:00:00:03",
            "wlan.frag": 0,
            "wlan.seq": 1,
            "wlan.da": "02:00:00:00:00:02",
            "wlan.bssid": "02:00:00:00:00:01",
            "wlan.qos": "0x0005",
        },
    ),
    Case(
        "between access points",
        (
            "08032c00 02000000 00020200 00000001 02000000 00031000 02000000 0004aaaa "
            "03000000 0800 " + IPV4
        ),
        linktype=105,
        layers="wlan llc ip udp",
        values={
            "wlan.fc.type": 2,
            "wlan.fc.fromds": True,
            "wlan.fc.tods": True,
            "wlan.duration": 44,
            "wlan.ra": "02:00:00:00:00:02",
            "wlan.ta": "02:00:00:00:00:01",
            "wlan.da": "02:00:00:00:00:03",
            "wlan.frag": 0,
            "wlan.seq": 1,
            "wlan.sa": "02:00:00:00:00:04",
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
            "llc.oui": 0,
            "llc.type": "0x0800",
        },
    ),
    Case(
        "acknowledgement",
        "d4000000 02000000 0002",
        linktype=105,
        layers="wlan",
        values={
            "wlan.fc.subtype": 13,
            "wlan.fc.type": 1,
            "wlan.duration": 0,
            "wlan.ra": "02:00:00:00:00:02",
        },
    ),
    Case(
        "beacon",
        "80000000 ffffffff ffff0200 00000001 02000000 00013012 00000000 00000000 00000000 00026869",
        linktype=105,
        layers="wlan",
        values={
            "wlan.fc.subtype": 8,
            "wlan.duration": 0,
            "wlan.ra": "ff:ff:ff:ff:ff:ff",
            "wlan.ta": "02:00:00:00:00:01",
            "wlan.bssid": "02:00:00:00:00:01",
            "wlan.frag": 0,
            "wlan.seq": 291,
            "wlan.da": "ff:ff:ff:ff:ff:ff",
            "wlan.sa": "02:00:00:00:00:01",
        },
    ),
    Case(
        "radiotap before the frame",
        (
            "00000a00 02000000 00000801 2c000200 00000002 02000000 00010200 00000003 "
            "1000aaaa 03000000 0800 " + IPV4
        ),
        linktype=127,
        layers="radiotap wlan llc ip udp",
        values={
            "radiotap.version": 0,
            "radiotap.pad": 0,
            "radiotap.length": 10,
            "radiotap.present.word": "0x00000002",
            "radiotap.values": b"\x00\x00",
            "wlan.fc.type": 2,
            "wlan.fc.tods": True,
            "wlan.duration": 44,
            "wlan.ra": "02:00:00:00:00:02",
            "wlan.ta": "02:00:00:00:00:01",
            "wlan.da": "02:00:00:00:00:03",
            "wlan.frag": 0,
            "wlan.seq": 1,
            "wlan.bssid": "02:00:00:00:00:02",
            "wlan.sa": "02:00:00:00:00:01",
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
            "llc.oui": 0,
            "llc.type": "0x0800",
        },
    ),
    Case(
        "radiotap longer than the packet",
        "0000ff00 00000000",
        linktype=127,
        layers="radiotap",
        values={
            "radiotap.version": 0,
            "radiotap.pad": 0,
            "radiotap.length": 255,
            "radiotap.present.word": "0x00000000",
            "radiotap.values": b"",
        },
        faults=(("TRUNCATED", "radiotap", "length", 0, 255, 8),),
    ),
    Case(
        "cut after the duration",
        "08012c00",
        linktype=105,
        layers="wlan",
        values={
            "wlan.fc.type": 2,
            "wlan.fc.tods": True,
            "wlan.duration": 44,
        },
        faults=(("TRUNCATED", "wlan", "ra", 0, 24, 4),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case) -> None:
    check_reads(case)
