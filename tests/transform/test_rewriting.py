"""Other addresses and ports: everywhere they are declared, checksums as good as before."""

from __future__ import annotations

from pathlib import Path

import pytest

import rawlab
from dissectors import ARP, ICMP, TCP, UDP, Ethernet, IPv4, IPv6
from rawlab.batch import Batch
from rawlab.inject.batching import batch_of_octets
from rawlab.transform.rewriting import (
    Rewrite,
    Rewriter,
    parse_mac,
    parse_networks,
    parse_ports,
)

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap"))
NETS = Rewrite(networks=(parse_networks("10.0.0.0/8=192.0.0.0/8"),
                         parse_networks("fd00::/16=fd99::/16")))
PORTS = Rewrite(ports=(parse_ports("80=8080"), parse_ports("5000-5010=6000")))


def one(draft: object, rewrite: Rewrite) -> rawlab.Packet:
    changed = Rewriter(rewrite).change(batch_of_octets([bytes(draft)], 1))  # type: ignore[call-overload]
    assert len(changed) == 1
    return changed[0]


def statuses(batch: Batch) -> list[list[tuple[str, int]]]:
    return [[(c.name, int(c.status)) for c in packet.checksums] for packet in batch]


def test_addresses_move_from_network_to_network() -> None:
    packet = one(Ethernet() / IPv4(src="10.1.2.3", dst="11.1.2.3") / UDP(dstport=9) / b"x", NETS)
    assert (str(packet.ip.src), str(packet.ip.dst)) == ("192.1.2.3", "11.1.2.3")
    packet = one(Ethernet() / IPv6(src="fd00::1", dst="fe80::1") / TCP(dstport=9), NETS)
    assert (str(packet.ipv6.src), str(packet.ipv6.dst)) == ("fd99::1", "fe80::1")
    assert [int(c.status) for c in packet.checksums] == [1]
    packet = one(Ethernet() / ARP(src__hw_mac="02:00:00:00:00:01", src__proto_ipv4="10.0.0.1",
                                  dst__proto_ipv4="10.0.0.2"), NETS)
    assert str(packet.arp.dst__proto_ipv4) == "192.0.0.2"


def test_the_first_rule_that_fits_counts_and_hosts_may_go_alone() -> None:
    rewrite = Rewrite(networks=(parse_networks("10.0.0.1=10.9.9.9"),
                                parse_networks("10.0.0.0/8=172.16.5.0/24"),
                                parse_networks("0.0.0.0/0=1.1.1.1")))
    packet = one(Ethernet() / IPv4(src="10.0.0.1", dst="10.3.4.5"), rewrite)
    assert (str(packet.ip.src), str(packet.ip.dst)) == ("10.9.9.9", "172.16.5.5")
    assert str(one(Ethernet() / IPv4(src="8.8.8.8", dst="9.9.9.9"), rewrite).ip.src) == "1.1.1.1"


def test_ports_in_ranges_and_in_what_icmp_quotes() -> None:
    inner = IPv4(src="10.0.0.1", dst="10.0.0.2") / UDP(srcport=5003, dstport=80) / b"x"
    packet = one(Ethernet() / inner, PORTS)
    assert (packet.udp.srcport, packet.udp.dstport) == (6003, 8080)
    assert all(c.status == 1 for c in packet.checksums)
    packet = one(Ethernet() / IPv4(dst="10.0.0.1", src="10.0.0.3") / ICMP(type=3, code=3)
                 / bytes(inner), PORTS)
    assert packet.octets[-5 - 4:-5] == bytes.fromhex("17731f90")
    assert all(c.status == 1 for c in packet.checksums if c.name.startswith("i"))


def test_mac_addresses_are_those_of_the_outermost_header() -> None:
    rewrite = Rewrite(src_mac=parse_mac("02:00:00:00:00:AA"),
                      dst_mac=parse_mac("02:00:00:00:00:bb"))
    packet = one(Ethernet() / ARP(src__hw_mac="02:00:00:00:00:01", dst__proto_ipv4="1.2.3.4"),
                 rewrite)
    assert (packet.eth.src, packet.eth.dst) == ("02:00:00:00:00:aa", "02:00:00:00:00:bb")
    assert packet.arp.src__hw_mac == "02:00:00:00:00:01"


def test_a_wrong_checksum_stays_wrong_by_as_much_unless_it_is_to_be_right() -> None:
    draft = (Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2", checksum=0x1234)
             / UDP(dstport=80, checksum=0x4321) / b"abc")
    before = rawlab.Packet(bytes(draft))
    both = Rewrite(NETS.networks, PORTS.ports)
    packet = one(draft, both)
    for old, new in zip(before.checksums, packet.checksums, strict=True):
        assert new.status == 0
        assert old.computed is not None
        assert new.computed is not None
        assert (new.stored - new.computed) % 0xFFFF == (old.stored - old.computed) % 0xFFFF
    fixed = one(draft, Rewrite(NETS.networks, PORTS.ports, fix_checksums=True))
    assert [int(c.status) for c in fixed.checksums] == [1, 1]
    absent = one(Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2") / UDP(dstport=80, checksum=0),
                 Rewrite(NETS.networks, fix_checksums=True))
    assert absent.udp.checksum == 0


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_captures_there_and_back(path: Path) -> None:
    there = Rewriter(Rewrite((parse_networks("0.0.0.0/1=128.0.0.0/1"),
                              parse_networks("128.0.0.0/1=0.0.0.0/1")),
                             ((0, 999, 10000), (10000, 10999, 0))))
    with rawlab.read(path) as capture:
        for batch in capture.batches():
            changed = there.change(batch)
            assert statuses(changed) == statuses(batch)
            assert bytes(changed.octets) != bytes(batch.octets) or not any(
                "ip" in packet or "arp" in packet for packet in batch)
            back = there.change(changed)
            for old, new in zip(batch, back, strict=True):
                if [type(x) for x in old.layers] == [type(x) for x in new.layers]:
                    assert len(new.octets) == len(old.octets)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_fixed_checksums_are_right(path: Path) -> None:
    with rawlab.read(path) as capture:
        for batch in capture.batches():
            fixed = Rewriter(Rewrite(fix_checksums=True)).change(batch)
            assert all(c.status != 0 for packet in fixed for c in packet.checksums)


@pytest.mark.parametrize(("parse", "text"), [
    (parse_networks, "10.0.0.0/8"), (parse_networks, "10.0.0.1/8=1.0.0.0/8"),
    (parse_networks, "10.0.0.1=::1"), (parse_networks, "x=y"), (parse_ports, "80"),
    (parse_ports, "80=70000"), (parse_ports, "90-80=1"), (parse_ports, "1-2000=65000"),
    (parse_ports, "a=b"), (parse_mac, "02:00:00:00:00"), (parse_mac, "zz:00:00:00:00:00"),
], ids=str)  # fmt: skip
def test_wrong_rules_are_refused(parse: object, text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)  # type: ignore[operator]
