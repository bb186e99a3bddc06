"""The table of capture files: every variation, and the packets that are in it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from files.forging import (
    MODIFIED,
    NANO,
    block,
    enhanced,
    interface,
    obsolete,
    option,
    pcap_head,
    pcap_record,
    section,
    simple,
    snoop,
)

A = bytes(range(60))
B = bytes(range(100, 161))
S = 1_700_000_000
NS = S * 1_000_000_000
MICROS = S * 1_000_000
MOST = (1 << 63) - 1

Row = tuple[int, int, int, int, bytes]
"""time_ns, length on the wire, interface, link type, captured octets."""


@dataclass(frozen=True)
class Case:
    """A file, what is in it, and at which octet it is cut."""

    title: str
    octets: bytes
    rows: tuple[Row, ...]
    kind: str = "pcap"
    cut: int | None = None
    tshark: bool = True
    """Whether tshark reads it the same way; where not, the title says why."""

    def __str__(self) -> str:
        return self.title


def _resolution(value: int, offset: int | None = None, big: bool = False) -> bytes:
    out = option(9, bytes([value]), big)
    if offset is not None:
        out += option(14, struct.pack(">q" if big else "<q", offset), big)
    return out + option(0, b"", big)


def _ng(body: bytes, big: bool = False) -> bytes:
    return section(big) + body


def _one(value: int, ticks: int, offset: int | None = None) -> bytes:
    return _ng(interface(options=_resolution(value, offset)) + enhanced(A, ticks))


PCAP = (
    *(
        Case(
            f"pcap {name} {'big' if big else 'little'}-endian",
            pcap_head(big, magic) + pcap_record(A, S, 5, big=big)
            + pcap_record(B, S + 1, 999_999, 70, big=big),
            ((NS + 5 * tick, 60, 0, 1, A), (NS + 10**9 + 999_999 * tick, 70, 0, 1, B)),
        )
        for name, magic, tick in (("micro", 0xA1B2C3D4, 1000), ("nano", NANO, 1))
        for big in (False, True)
    ),
    *(
        Case(
            f"pcap modified {'big' if big else 'little'}-endian",
            pcap_head(big, MODIFIED) + pcap_record(A, S, 5, big=big, extra=bytes(8))
            + pcap_record(B, S, 6, big=big, extra=bytes(8)),
            ((NS + 5000, 60, 0, 1, A), (NS + 6000, 61, 0, 1, B)),
        )
        for big in (False, True)
    ),
    Case("pcap without packets", pcap_head(), ()),
    Case(
        "pcap with an empty packet",
        pcap_head() + pcap_record(b"", S, 0, 60) + pcap_record(A, S),
        ((NS, 60, 0, 1, b""), (NS, 60, 0, 1, A)),
    ),
    Case(
        "pcap with the FCS length in the link type",
        pcap_head(network=0x4400_0065) + pcap_record(A, S),
        ((NS, 60, 0, 101, A),),
        tshark=False,  # takes the FCS off
    ),
    Case(
        "pcap with an old raw IP link type",
        pcap_head(network=12) + pcap_record(A, S),
        ((NS, 60, 0, 101, A),),
    ),
    Case(
        "pcap 2.2, lengths swapped",
        pcap_head(version=(2, 2)) + struct.pack("<IIII", S, 1, 90, 60) + A,
        ((NS + 1000, 90, 0, 1, A),),
    ),
    Case(
        "pcap 2.3, lengths either way",
        pcap_head(version=(2, 3)) + struct.pack("<IIII", S, 1, 90, 60) + A
        + struct.pack("<IIII", S, 1, 60, 90) + A,
        ((NS + 1000, 90, 0, 1, A), (NS + 1000, 90, 0, 1, A)),
    ),
    Case(
        "pcap 543.0, lengths swapped",
        pcap_head(version=(543, 0)) + struct.pack("<IIII", S, 1, 90, 60) + A,
        ((NS + 1000, 90, 0, 1, A),),
    ),
    Case(
        "pcap 2.4, more captured than sent",
        pcap_head() + struct.pack("<IIII", S, 0, 60, 10) + A,
        ((NS, 10, 0, 1, A),),
    ),
    Case(
        "pcap with packets beyond the snap length",
        pcap_head(snaplen=40) + pcap_record(A, S) + pcap_record(bytes(262144), S),
        ((NS, 60, 0, 1, A), (NS, 262144, 0, 1, bytes(262144))),
    ),
    Case(
        "pcap with a packet of more than any buffer",
        pcap_head(network=189) + pcap_record(bytes(3_000_001), S) + pcap_record(A, S),
        ((NS, 3_000_001, 0, 189, bytes(3_000_001)), (NS, 60, 0, 189, A)),
    ),
    Case(
        "pcap with a packet of more than may be",
        pcap_head() + pcap_record(A, S) + struct.pack("<IIII", S, 0, 262145, 60) + bytes(262145),
        ((NS, 60, 0, 1, A),),
        cut=24 + 76,
        tshark=False,  # guesses at a form with shorter headers; libpcap stops there, too
    ),
    Case(
        "pcap with a length of 2**32 - 1",
        pcap_head() + struct.pack("<IIII", S, 0, 0xFFFFFFFF, 60) + A,
        (),
        cut=24,
    ),
    Case(
        "pcap cut inside a packet",
        pcap_head() + pcap_record(A, S) + pcap_record(B, S)[:-1],
        ((NS, 60, 0, 1, A),),
        cut=24 + 76,
    ),
    Case(
        "pcap cut inside a record's header",
        pcap_head() + pcap_record(A, S) + pcap_record(B, S)[:15],
        ((NS, 60, 0, 1, A),),
        cut=24 + 76,
    ),
    Case(
        "pcap of the last possible second",
        pcap_head() + pcap_record(A, 0xFFFFFFFF, 0xFFFFFFFF),
        ((0xFFFFFFFF * 10**9 + 0xFFFFFFFF * 1000, 60, 0, 1, A),),
        tshark=False,  # takes the time for a signed one
    ),
)

SNOOP = (
    Case(
        "snoop",
        snoop([(A, S, 5), (B, S, 6)]),
        ((NS + 5000, 60, 0, 1, A), (NS + 6000, 61, 0, 1, B)),
        "snoop",
    ),
    Case("snoop of token ring", snoop([(A, S, 5)], 2), ((NS + 5000, 60, 0, 6, A),), "snoop"),
    Case(
        "snoop with a record smaller than its packet",
        snoop([(A, S, 5)]) + struct.pack(">IIIIII", 60, 60, 80, 0, S, 0) + bytes(60),
        ((NS + 5000, 60, 0, 1, A),),
        "snoop",
        cut=16 + 84,
    ),
    Case(
        "snoop cut inside a packet",
        snoop([(A, S, 5), (A, S, 5)])[:-1],
        ((NS + 5000, 60, 0, 1, A),),
        "snoop",
        cut=16 + 84,
    ),
)

PCAPNG = (
    *(
        Case(
            f"pcapng {'big' if big else 'little'}-endian, all kinds of packets",
            _ng(
                interface(big=big)
                + enhanced(A, MICROS + 5, big=big)
                + obsolete(B, MICROS + 6, big=big)
                + simple(B, big=big),
                big,
            ),
            ((NS + 5000, 60, 0, 1, A), (NS + 6000, 61, 0, 1, B), (0, 61, 0, 1, B)),
            "pcapng",
        )
        for big in (False, True)
    ),
    Case(
        "pcapng without packets", _ng(interface()), (), "pcapng"
    ),
    Case(
        "pcapng with a simple packet under a snap length",
        _ng(interface(snaplen=40) + simple(A[:40], 60) + enhanced(A, MICROS)),
        ((0, 60, 0, 1, A[:40]), (NS, 60, 0, 1, A)),
        "pcapng",
    ),
    Case(
        "pcapng of two interfaces with their own times",
        _ng(
            interface()
            + interface(101, options=_resolution(9))
            + enhanced(A, MICROS, 0)
            + enhanced(B, NS + 7, 1, 80)
        ),
        ((NS, 60, 0, 1, A), (NS + 7, 80, 1, 101, B)),
        "pcapng",
    ),
    Case(
        "pcapng of two sections in both byte orders",
        _ng(interface() + enhanced(A, MICROS))
        + _ng(interface(101, big=True) + enhanced(B, MICROS, big=True), True),
        ((NS, 60, 0, 1, A), (NS, 61, 1, 101, B)),
        "pcapng",
    ),
    Case(
        "pcapng with other blocks between the packets",
        _ng(
            interface() + block(0x0F00_0001, b"of our own") + enhanced(A, MICROS)
            + block(4, struct.pack("<HH", 1, 8) + b"\x7f\0\0\1me\0" + b"\0" + bytes(4))
            + block(5, struct.pack("<III", 0, 0, 0)) + enhanced(B, MICROS)
            + block(10, struct.pack("<II", 0x544C534B, 5) + b"key 1")
        ),
        ((NS, 60, 0, 1, A), (NS, 61, 0, 1, B)),
        "pcapng",
    ),
    *(
        Case(f"pcapng with times of {title}", _one(value, ticks, offset), ((ns, 60, 0, 1, A),),
             "pcapng", tshark=tshark)
        for title, value, ticks, offset, ns, tshark in (
            ("seconds", 0, S, None, NS, True),
            ("milliseconds", 3, S * 1000 + 7, None, NS + 7_000_000, True),
            ("10**-9 s", 9, NS + 123, None, NS + 123, True),
            ("10**-10 s", 10, (NS + 123) * 10 + 9, None, NS + 123, False),
            ("10**-27 s", 27, 10**18 * 7 + 5, None, 7, False),
            ("10**-100 s", 100, 2**64 - 1, None, 0, False),
            ("10**-127 s", 127, 2**64 - 1, None, 0, False),
            ("1/1 s, binary", 0x80, S, None, NS, True),
            ("1/1024 s", 0x8A, S * 1024 + 512, None, NS + 500_000_000, True),
            ("2**-31 s", 0x9F, S * 2**31 + 2**30, None, NS + 500_000_000, True),
            ("2**-33 s", 0xA1, (S << 33) + 2**32 + 1, None, NS + 500_000_000, False),
            ("2**-63 s", 0xBF, 2**63 + 2**62, None, 1_500_000_000, False),
            ("2**-64 s", 0xC0, 2**63, None, 500_000_000, False),
            ("2**-95 s", 0xDF, 2**64 - 1, None, 0, False),
            ("2**-127 s", 0xFF, 2**64 - 1, None, 0, False),
            ("an offset", 6, 5, S, NS + 5000, True),
            ("an offset into the past", 6, MICROS, -1000, NS - 1000 * 10**9, True),
            ("more than there are nanoseconds", 6, 2**64 - 1, None, MOST, False),
            ("far too many seconds", 0, 2**64 - 1, None, MOST, False),
            ("far too many binary seconds", 0x80, 2**64 - 1, None, MOST, False),
            ("an offset beyond all", 6, MICROS, 2**63 - 1, MOST, False),
            ("an offset before all", 6, 0, -(2**63), -MOST, False),
        )
    ),
    Case(
        "pcapng cut inside a block",
        _ng(interface() + enhanced(A, MICROS) + enhanced(B, MICROS)[:-1]),
        ((NS, 60, 0, 1, A),),
        "pcapng",
        cut=28 + 20 + 92,
    ),
    *(
        Case(
            f"pcapng with {title}",
            _ng(interface() + enhanced(A, MICROS)) + bad + enhanced(B, MICROS),
            ((NS, 60, 0, 1, A),),
            "pcapng",
            cut=28 + 20 + 92,
        )
        for title, bad in (
            ("an interface that is not described", enhanced(B, MICROS, 1)),
            ("a block of no length", struct.pack("<III", 6, 0, 0) + bytes(40)),
            ("a block of 8 octets", struct.pack("<III", 0xBAD, 8, 8) + bytes(40)),
            ("an enhanced packet too short for its head", block(6, bytes(16))),
            ("a packet that exceeds its block",
             block(6, struct.pack("<IIIII", 0, 0, 0, 9, 9) + bytes(8))),
            ("an interface description of 16 octets", block(1, bytes(4))),
            ("a section of version 2.0", section(version=(2, 0))),
        )
    ),
    *(
        Case(
            f"pcapng with {title}",
            _ng(interface() + enhanced(A, MICROS)) + bad + enhanced(B, MICROS),
            ((NS, 60, 0, 1, A),),
            "pcapng",
            cut=28 + 20 + 92,
            tshark=False,  # accepts some of these
        )
        for title, bad in (
            ("two lengths that differ", enhanced(B, MICROS)[:-4] + bytes(4)),
            ("a length that is no multiple of 4", struct.pack("<II", 0xBAD, 13) + bytes(40)),
            ("a block of 16 MiB and more", struct.pack("<II", 0xBAD, 1 << 25) + bytes(40)),
            ("a section of another byte-order magic",
             struct.pack("<IIIHHq", 0x0A0D0D0A, 28, 0x11223344, 1, 0, -1) + bytes(8)),
            ("a resolution of two octets", interface(options=option(9, b"\6\6"))),
            ("an option that exceeds its block", interface(options=struct.pack("<HH", 2, 99))),
        )
    ),
)

CASES = PCAP + SNOOP + PCAPNG
