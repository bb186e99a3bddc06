"""Built packets as scapy, dpkt and tshark read them back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from tshark import needs_tshark

import rawlab
from dissectors import (
    ARP,
    DNS,
    GRE,
    ICMP,
    IGMP,
    MPLS,
    SCTP,
    TCP,
    UDP,
    VLAN,
    VXLAN,
    DestinationOptions,
    Ethernet,
    Fragment,
    Geneve,
    HopByHop,
    ICMPv6,
    IPv4,
    IPv6,
)
from dissectors.dns import Question
from dissectors.dns_records import MX, NS, A
from dissectors.ip_options import RecordedAddress, RecordRoute, RouterAlert
from dissectors.ipv6_options import PadN
from dissectors.sctp_chunks import Data, Init
from dissectors.tcp_options import (
    SACK,
    MaximumSegmentSize,
    NoOperation,
    SACKBlock,
    SACKPermitted,
    Timestamps,
    WindowScale,
)
from rawlab.fuzz.chance import Chance
from rawlab.packet import Packet
from rawlab.schema import Draft, Header

COPIES = 40
Stack = Callable[[Chance], Draft]


def number(chance: Chance, bits: int) -> int:
    return chance.pick((0, 1, (1 << bits) - 1, chance.integer(0, (1 << bits) - 1)))


def mac(chance: Chance) -> str:
    return bytes([2, *chance.octets(5, 5)]).hex(":")


def ethernet(chance: Chance) -> Ethernet:
    return Ethernet(src=mac(chance), dst=mac(chance))


def four(chance: Chance) -> str:
    return f"10.{chance.integer(0, 255)}.{chance.integer(0, 255)}.{chance.integer(1, 254)}"


def six(chance: Chance) -> str:
    return "2001:db8::" + chance.octets(2, 2).hex()


def ipv4(chance: Chance, **more: Any) -> IPv4:
    return IPv4(src=four(chance), dst=four(chance), ttl=chance.integer(1, 255),
                id=number(chance, 16), dsfield=number(chance, 8), flags=chance.pick((0, 2)),
                **more)


def ipv6(chance: Chance, **more: Any) -> IPv6:
    return IPv6(src=six(chance), dst=six(chance), hlim=chance.integer(1, 255),
                flow=number(chance, 20), tclass=number(chance, 8), **more)


def port(chance: Chance) -> int:
    return chance.integer(40_000, 40_100)  # which no program takes for a protocol


def udp(chance: Chance) -> UDP:
    return UDP(srcport=port(chance), dstport=port(chance))


def tcp(chance: Chance, **more: Any) -> TCP:
    return TCP(srcport=port(chance), dstport=port(chance), seq=number(chance, 32),
               ack=number(chance, 32), flags=chance.pick(("S", "SA", "A", "PA", "FA", "R")),
               window=number(chance, 16), **more)


def tcp_options(chance: Chance) -> list[Any]:
    return [
        MaximumSegmentSize(mss_val=number(chance, 16)), NoOperation(),
        WindowScale(wscale__shift=chance.integer(0, 14)), SACKPermitted(),
        Timestamps(tsval=number(chance, 32), tsecr=number(chance, 32)),
        SACK(sack=[SACKBlock(sack_le=1, sack_re=number(chance, 32))]),
    ][chance.integer(0, 2) : chance.integer(3, 6)]


def data(chance: Chance) -> bytes:
    return chance.octets(0, 60)


def dns(chance: Chance) -> DNS:
    name = chance.pick(("example.org", "a.b.c.example", "x" * 63 + ".net"))
    return DNS(id=number(chance, 16), flags="response", queries=[Question(name=name)], answers=[
        A(resp__name=name, resp__ttl=number(chance, 31), a=four(chance)),
        MX(resp__name=name, preference=number(chance, 16), mail_exchange="mail." + name),
        NS(resp__name=name, ns="ns." + name)][: chance.integer(0, 3)])


STACKS: dict[str, Stack] = {
    "udp": lambda c: ethernet(c) / ipv4(c) / udp(c) / data(c),
    "tcp": lambda c: ethernet(c) / ipv4(c) / tcp(c) / data(c),
    "tcp options": lambda c: ethernet(c) / ipv4(c) / tcp(c, options=tcp_options(c)) / data(c),
    "tcp over ipv6": lambda c: ethernet(c) / ipv6(c) / tcp(c, options=tcp_options(c)) / data(c),
    "udp over ipv6": lambda c: ethernet(c) / ipv6(c) / udp(c) / data(c),
    "vlan": lambda c: ethernet(c) / VLAN(id=number(c, 12), priority=number(c, 3)) / ipv4(c)
    / udp(c) / data(c),
    "arp": lambda c: ethernet(c) / ARP(
        opcode=c.pick((1, 2)), src__hw_mac=mac(c), src__proto_ipv4=four(c),
        dst__proto_ipv4=four(c)),
    "ipv4 options": lambda c: ethernet(c) / ipv4(c, options=[
        RouterAlert(), RecordRoute(ptr=8, route=[RecordedAddress(rec_rt=four(c))] * 2)])
    / udp(c) / data(c),
    "icmp": lambda c: ethernet(c) / ipv4(c) / ICMP(
        type=8, ident=number(c, 16), seq=number(c, 16)) / data(c),
    "icmp error": lambda c: ethernet(c) / ipv4(c) / ICMP(type=3, code=3) / ipv4(c) / udp(c)
    / data(c),
    "icmpv6": lambda c: ethernet(c) / ipv6(c) / ICMPv6(
        type=128, echo__identifier=number(c, 16), echo__sequence_number=number(c, 16)) / data(c),
    "hop by hop": lambda c: ethernet(c) / ipv6(c) / HopByHop(options=[PadN(padn=bytes(4))])
    / DestinationOptions(options=[PadN(padn=bytes(12))]) / udp(c) / data(c),
    "atomic fragment": lambda c: ethernet(c) / ipv6(c) / Fragment(ident=number(c, 32)) / udp(c)
    / data(c),
    "dns": lambda c: ethernet(c) / ipv4(c) / UDP(srcport=53, dstport=port(c)) / dns(c),
    "sctp": lambda c: ethernet(c) / ipv4(c) / SCTP(
        srcport=port(c), dstport=port(c), verification_tag=number(c, 32), chunks=[c.pick((
            Data(data_tsn_raw=number(c, 32), data=b"x" * c.integer(1, 9), chunk_flags=3),
            Init(init_initiate_tag=1 + number(c, 16), init_initial_tsn=number(c, 32))))]),
    "gre": lambda c: ethernet(c) / ipv4(c) / GRE(key=number(c, 32), flags__checksum=True)
    / ipv4(c) / udp(c) / data(c),
    "vxlan": lambda c: ethernet(c) / ipv4(c) / UDP(srcport=port(c), dstport=4789)
    / VXLAN(vni=number(c, 24)) / ethernet(c) / ipv4(c) / udp(c) / data(c),
    "geneve": lambda c: ethernet(c) / ipv4(c) / UDP(srcport=port(c), dstport=6081)
    / Geneve(vni=number(c, 24)) / ethernet(c) / ipv4(c) / udp(c) / data(c),
    "mpls": lambda c: ethernet(c) / MPLS(label=c.integer(16, 1000), bottom=0, ttl=9)
    / MPLS(label=c.integer(16, 1000)) / ipv4(c) / udp(c) / data(c),
    "igmp": lambda c: ethernet(c) / ipv4(c) / IGMP(type=0x16, maddr="224.1.2.3"),
}
every_stack = pytest.mark.parametrize("stack", STACKS.values(), ids=list(STACKS))
SCAPYS = [name for name in STACKS if name != "igmp"]  # around which scapy changes the IP header
scapys_stack = pytest.mark.parametrize("stack", [STACKS[n] for n in SCAPYS], ids=SCAPYS)


def built(stack: Stack) -> list[Packet]:
    return [Packet(bytes(stack(Chance(1, i)))) for i in range(COPIES)]


def layers_named(packet: Packet, name: str) -> Iterator[Header]:
    from rawlab.schema import header_name

    return (layer for layer in packet.layers if header_name(type(layer)) == name)


SCAPY = {
    "eth": ("Ether", {"src": "src", "dst": "dst", "type": "type"}),
    "vlan": ("Dot1Q", {"id": "vlan", "priority": "prio", "etype": "type"}),
    "arp": ("ARP", {"opcode": "op", "src__hw_mac": "hwsrc", "src__proto_ipv4": "psrc",
                    "dst__hw_mac": "hwdst", "dst__proto_ipv4": "pdst"}),
    "ip": ("IP", {"version": "version", "dsfield": "tos", "len": "len", "id": "id", "ttl": "ttl",
                  "flags": "flags", "frag_offset": "frag", "proto": "proto", "src": "src",
                  "checksum": "chksum", "dst": "dst"}),
    "ipv6": ("IPv6", {"tclass": "tc", "flow": "fl", "plen": "plen", "nxt": "nh", "hlim": "hlim",
                      "src": "src", "dst": "dst"}),
    "tcp": ("TCP", {"srcport": "sport", "dstport": "dport", "seq_raw": "seq", "ack_raw": "ack",
                    "checksum": "chksum", "window_size_value": "window",
                    "urgent_pointer": "urgptr"}),
    "udp": ("UDP", {"srcport": "sport", "dstport": "dport", "length": "len",
                    "checksum": "chksum"}),
    "icmp": ("ICMP", {"type": "type", "code": "code", "checksum": "chksum"}),
    "ipv6.fraghdr": ("IPv6ExtHdrFragment", {"nxt": "nh", "ident": "id", "offset": "offset"}),
    "ipv6.hopopts": ("IPv6ExtHdrHopByHop", {"nxt": "nh", "len": "len"}),
    "dns": ("DNS", {"id": "id", "count__queries": "qdcount", "count__answers": "ancount"}),
    "sctp": ("SCTP", {"srcport": "sport", "dstport": "dport", "verification_tag": "tag"}),
    "gre": ("GRE", {"key": "key", "proto": "proto", "checksum": "chksum"}),
    "vxlan": ("VXLAN", {"vni": "vni"}),
    "mpls": ("MPLS", {"label": "label", "exp": "cos", "bottom": "s", "ttl": "ttl"}),
}


@scapys_stack
def test_scapy_reads_the_same(stack: Stack) -> None:
    scapy = pytest.importorskip("scapy.all", reason="needs scapy")
    for more in ("mpls", "geneve"):
        pytest.importorskip(f"scapy.contrib.{more}", reason="needs scapy")
    compared = 0
    for packet in built(stack):
        theirs = scapy.Ether(packet.octets)
        seen: dict[str, int] = {}
        for layer in packet.layers:
            name = layer._declaration.name
            if name not in SCAPY:
                continue
            seen[name] = seen.get(name, 0) + 1
            scapys, fields = SCAPY[name]
            other = theirs.getlayer(scapys, seen[name])
            if other is None:  # in what an error of ICMP quotes
                other = theirs.getlayer(f"{scapys}error")
            assert other is not None, (name, theirs)
            for ours, their in fields.items():
                value, found = getattr(layer, ours), getattr(other, their)
                if value is None:
                    continue
                same = int(value) == int(found) if isinstance(value, int) else (
                    str(value) == str(found))
                assert same, (name, ours, value, found)
                compared += 1
        assert bytes(theirs.__class__(packet.octets)) == packet.octets
    assert compared >= 3 * COPIES


@scapys_stack
def test_scapy_computes_the_same_checksums(stack: Stack) -> None:
    """What scapy computes where ours is left out is what we computed."""
    scapy = pytest.importorskip("scapy.all", reason="needs scapy")
    for packet in built(stack):
        theirs = scapy.Ether(packet.octets)
        for kind in (scapy.IP, scapy.TCP, scapy.UDP, scapy.ICMP):
            for layer in theirs.iterpayloads():
                if type(layer) is kind and not theirs.haslayer(scapy.IPerror):
                    layer.chksum = None
        assert bytes(theirs) == packet.octets


def test_dpkt_reads_the_same() -> None:
    dpkt = pytest.importorskip("dpkt", reason="needs dpkt")
    compared = 0
    for name in ("udp", "tcp", "tcp options", "ipv4 options", "icmp", "tcp over ipv6",
                 "udp over ipv6", "icmpv6"):
        for packet in built(STACKS[name]):
            frame = dpkt.ethernet.Ethernet(packet.octets)
            assert bytes(frame) == packet.octets
            ip, inner = frame.data, frame.data.data
            ours = packet.layers[-1]
            assert (ip.src, ip.dst) == (packet.layers[1].src.packed, packet.layers[1].dst.packed)
            assert inner.sum == int(ours.checksum)
            if name.startswith(("udp", "tcp", "ipv4")):
                assert (inner.sport, inner.dport) == (ours.srcport, ours.dstport)
                assert bytes(inner.data) == packet.payload
            if name.startswith("tcp"):
                assert (inner.seq, inner.ack, inner.win) == (
                    ours.seq_raw, ours.ack_raw, ours.window_size_value)
                assert len(inner.opts) == ours.hdr_len - 20
            compared += 1
    assert compared == 8 * COPIES


CHECKS = ("ip.check_checksum", "tcp.check_checksum", "udp.check_checksum", "sctp.checksum")
GOOD, UNVERIFIED, ABSENT = "1", "2", "3"
STATUSES = ("ip.checksum.status", "tcp.checksum.status", "udp.checksum.status",
            "icmp.checksum.status", "icmpv6.checksum.status", "sctp.checksum.status",
            "igmp.checksum.status", "gre.checksum.status")


@needs_tshark
@every_stack
def test_tshark_finds_nothing_wrong(stack: Stack, tmp_path: Path) -> None:
    """Through a file: all checksums good, nothing malformed, no error, all fields as ours."""
    packets = built(stack)
    file = tmp_path / "built.pcap"
    assert rawlab.write(file, packets) == COPIES
    command = ["tshark", "-n", "-r", str(file), "-o", "tcp.analyze_sequence_numbers:FALSE"]
    for check in CHECKS:
        command += ["-o", f"{check}:TRUE"]
    fields = [*STATUSES, "_ws.malformed", "_ws.expert.severity", "frame.protocols", *COMPARED]
    command += ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=;"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    rows = [dict(zip(fields, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]
    assert len(rows) == COPIES
    for packet, row in zip(packets, rows, strict=True):
        told = [status for name in STATUSES for status in row[name].split(";") if status]
        assert set(told) <= {GOOD, ABSENT, UNVERIFIED}, (packet, row)
        assert row["_ws.malformed"] == ""
        assert int(max(row["_ws.expert.severity"].split(";") or [""]) or 0) < ERROR, (packet, row)
        for name in COMPARED:
            want = ours_of(packet, name)
            assert not want or numbers(row[name]) == want, (packet, name, row[name], want)


ERROR = 0x00800000
"""Of Wireshark's severities: comment, chat, note and warning are below it."""
COMPARED = ("ip.len", "ip.id", "ip.ttl", "ip.proto", "ip.checksum", "ip.hdr_len", "ipv6.plen",
            "ipv6.hlim", "tcp.srcport", "tcp.seq_raw", "tcp.hdr_len", "tcp.checksum",
            "udp.srcport", "udp.length", "udp.checksum", "icmp.type", "icmp.checksum",
            "icmpv6.type", "icmpv6.checksum", "sctp.srcport", "sctp.checksum", "gre.key",
            "vlan.id", "arp.opcode", "dns.id", "dns.count.answers", "vxlan.vni", "mpls.label",
            "tcp.options.mss_val", "tcp.options.timestamp.tsval")


def ours_of(packet: Packet, name: str) -> list[int]:
    """The values of a field in a packet, in order."""
    from cases import collect
    from rawlab.schema import FieldValue, field_values

    found: dict[str, list[FieldValue]] = {}
    for layer in packet.layers:
        collect(field_values(layer), found)
    return [int(value.value) for value in found.get(name, [])]


def numbers(text: str) -> list[int]:
    return [int(part, 0) for part in text.replace(",", ";").split(";") if part]


