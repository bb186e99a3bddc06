"""The kinds of packets that captures are mixed from, and their headers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks import wire

HOSTS = 300
SERVERS = 24
FLOWS = 4096
NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1}
QUERY = bytes.fromhex("1234 0100 0001 0000 0000 0000 0765 7861 6d70 6c65 036f 7267 0000 0100 01")
"""A DNS query for example.org, type A."""
CHECKSUM_AT = {"tcp": 16, "udp": 6, "icmp": 2}


@dataclass(frozen=True)
class Kind:
    """Packets of one stack of headers."""

    weight: float
    network: str
    """ipv4, ipv6 or arp."""
    transport: str = ""
    ports: tuple[int, ...] = (443, 443, 443, 5001, 9000, 9200)
    """The servers' ports."""
    vlan: bool = False
    timestamps: bool = False
    """TCP's timestamp option, as nearly all of today's TCP has it."""
    payload: bytes = b""
    """Octets that make up the whole payload; else it is random."""
    telemetry: bool = False
    """The payload begins with the header that `benchmarks.declared` declares."""
    ethertype: int = 0
    """In place of the network's own."""

    @cached_property
    def layout(self) -> np.dtype[np.void]:
        """The record that holds all headers."""
        parts: dict[str, np.dtype[Any]] = {"ethernet": wire.ETHERNET}
        if self.vlan:
            parts["vlan"] = wire.VLAN
        parts[self.network] = {"ipv4": wire.IPV4, "ipv6": wire.IPV6, "arp": wire.ARP}[self.network]
        if self.transport:
            parts[self.transport] = {"tcp": wire.TCP, "udp": wire.UDP, "icmp": wire.ICMP}[
                self.transport
            ]
        if self.timestamps:
            parts["timestamps"] = wire.TIMESTAMPS
        if self.payload:
            parts["payload"] = np.dtype(f"V{len(self.payload)}")
        if self.telemetry:
            parts["telemetry"] = wire.TELEMETRY
        return wire.stack(**parts)

    @property
    def size(self) -> int:
        """Octets of all headers: the least length of a packet."""
        return self.layout.itemsize

    @property
    def fixed(self) -> bool:
        """Whether the packet is its headers and nothing more."""
        return self.network == "arp" or bool(self.payload)

    @property
    def network_at(self) -> int:
        """Octets before the network header."""
        return 18 if self.vlan else 14

    @property
    def transport_at(self) -> int:
        """Octets before the transport header."""
        return self.network_at + (20 if self.network == "ipv4" else 40)


@dataclass(frozen=True)
class Span:
    """Where the packets of one kind lie."""

    kind: Kind
    start: wire.Places
    end: wire.Places
    """After the content: the padding of a short frame is not counted."""

    @property
    def count(self) -> int:
        """How many packets they are."""
        return len(self.start)


@dataclass(frozen=True)
class Ends:
    """Who sends to whom: host numbers, and ports."""

    src: NDArray[np.int64]
    dst: NDArray[np.int64]
    srcport: NDArray[np.int64]
    dstport: NDArray[np.int64]


def write(span: Span, octets: wire.Octets, random: Generator) -> None:
    """Put the headers of a span's packets in place, checksums zero."""
    kind = span.kind
    records = np.zeros(span.count, kind.layout)
    ends = _ends(kind, random, span.count)
    _ethernet(records, kind, ends)
    {"ipv4": _ipv4, "ipv6": _ipv6, "arp": _arp}[kind.network](records, span, ends, random)
    if kind.transport:
        {"tcp": _tcp, "udp": _udp, "icmp": _icmp}[kind.transport](records, span, ends, random)
    if kind.payload:
        records["payload"] = np.void(kind.payload)
    if kind.telemetry:
        _telemetry(records["telemetry"], random)
    wire.put(octets, span.start, records)


def seal(span: Span, octets: wire.Octets, sums: wire.WordSums) -> None:
    """Put the checksums of a span's packets in place. `sums` are of the octets without them."""
    kind = span.kind
    network = span.start + kind.network_at
    if kind.network == "ipv4":
        wire.put_u16(octets, network + 10, wire.complement(sums.between(network, network + 20)))
    if not kind.transport:
        return
    transport = span.start + kind.transport_at
    total = sums.between(transport, span.end)
    if kind.transport != "icmp":
        addresses = 12 if kind.network == "ipv4" else 8
        total += sums.between(network + addresses, transport)
        total += NUMBERS[kind.transport] + span.end - transport
    checksum = wire.complement(total)
    if kind.transport == "udp":
        checksum[checksum == 0] = 0xFFFF
    wire.put_u16(octets, transport + CHECKSUM_AT[kind.transport], checksum)


def _ends(kind: Kind, random: Generator, count: int) -> Ends:
    """A flow for each packet, some far busier than others, and one of its two directions."""
    flow = (FLOWS * random.random(count) ** 2).astype(np.int64)
    client, server = SERVERS + flow * 7919 % (HOSTS - SERVERS), flow * 31 % SERVERS
    client_port = 32_768 + flow * 6_151 % 28_000
    server_port = np.array(kind.ports)[flow % len(kind.ports)]
    out = random.random(count) < 0.5
    if kind.payload or kind.telemetry:
        out[:] = True
    return Ends(
        src=np.where(out, client, server),
        dst=np.where(out, server, client),
        srcport=np.where(out, client_port, server_port),
        dstport=np.where(out, server_port, client_port),
    )


def _mac(host: NDArray[np.int64]) -> NDArray[np.uint8]:
    mac = np.zeros((len(host), 6), np.uint8)
    mac[:, 0], mac[:, 4], mac[:, 5] = 2, host >> 8, host & 0xFF
    return mac


def _ethernet(records: wire.Records, kind: Kind, ends: Ends) -> None:
    number = kind.ethertype or {"ipv4": 0x0800, "ipv6": 0x86DD, "arp": 0x0806}[kind.network]
    ethernet = records["ethernet"]
    ethernet["src"], ethernet["dst"] = _mac(ends.src), _mac(ends.dst)
    ethernet["type"] = 0x8100 if kind.vlan else number
    if kind.vlan:
        records["vlan"]["tag"] = 100 + ends.src % 4
        records["vlan"]["type"] = number


def _address(host: NDArray[np.int64]) -> NDArray[np.int64]:
    return 0x0A000001 + host // 200 * 256 + host % 200


def _ipv4(records: wire.Records, span: Span, ends: Ends, random: Generator) -> None:
    ip = records["ipv4"]
    ip["version_ihl"] = 0x45
    ip["length"] = span.end - span.start - span.kind.network_at
    ip["id"] = random.integers(0, 65_536, span.count)
    ip["fragment"] = 0x4000
    ip["ttl"] = np.where(ends.src % 3 == 0, 128, 64) - ends.dst % 12
    ip["proto"] = NUMBERS[span.kind.transport]
    ip["src"], ip["dst"] = _address(ends.src), _address(ends.dst)


def _ipv6(records: wire.Records, span: Span, ends: Ends, random: Generator) -> None:
    ip = records["ipv6"]
    ip["version"] = (6 << 28) + random.integers(0, 1 << 20, span.count)
    ip["length"] = span.end - span.start - span.kind.transport_at
    ip["next"] = NUMBERS[span.kind.transport]
    ip["hops"] = 64 - ends.dst % 12
    for name, host in (("src", ends.src), ("dst", ends.dst)):
        ip[name][:, 0] = 0x20010DB8 << 32
        ip[name][:, 1] = host + 1


def _arp(records: wire.Records, span: Span, ends: Ends, random: Generator) -> None:
    arp = records["arp"]
    arp["hardware"], arp["protocol"], arp["sizes"] = 1, 0x0800, 0x0604
    arp["operation"] = random.integers(1, 3, span.count)
    arp["sha"], arp["spa"] = _mac(ends.src), _address(ends.src)
    arp["tpa"] = _address(ends.dst)


def _tcp(records: wire.Records, span: Span, ends: Ends, random: Generator) -> None:
    tcp = records["tcp"]
    tcp["srcport"], tcp["dstport"] = ends.srcport, ends.dstport
    tcp["seq"] = random.integers(0, 1 << 32, span.count)
    tcp["ack"] = random.integers(0, 1 << 32, span.count)
    shares = (0.6, 0.34, 0.02, 0.03, 0.01)
    flags = random.choice([0x10, 0x18, 0x12, 0x11, 0x14], span.count, p=shares)
    tcp["offset_flags"] = (8 if span.kind.timestamps else 5) << 12 | flags
    tcp["window"] = random.integers(200, 65_536, span.count)
    if span.kind.timestamps:
        records["timestamps"]["kinds"] = 0x0101080A
        records["timestamps"]["value"] = random.integers(0, 1 << 32, span.count)
        records["timestamps"]["echo"] = random.integers(0, 1 << 32, span.count)


def _udp(records: wire.Records, span: Span, ends: Ends, _random: Generator) -> None:
    udp = records["udp"]
    udp["srcport"], udp["dstport"] = ends.srcport, ends.dstport
    udp["length"] = span.end - span.start - span.kind.transport_at


def _icmp(records: wire.Records, span: Span, ends: Ends, random: Generator) -> None:
    icmp = records["icmp"]
    icmp["type"] = random.choice([0, 8], span.count)
    icmp["id"] = ends.srcport
    icmp["seq"] = random.integers(0, 1000, span.count)


def _telemetry(telemetry: wire.Records, random: Generator) -> None:
    count = len(telemetry)
    telemetry["version_kind"] = 0x10 | random.integers(1, 5, count)
    telemetry["flags"] = random.integers(0, 8, count)
    telemetry["station"] = random.integers(1, 200, count)
    telemetry["sequence"] = np.arange(count)
    telemetry["reading"] = random.integers(-40_000, 40_000, count)
    telemetry["uptime"] = random.integers(0, 1 << 31, count)
