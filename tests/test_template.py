"""Templates: every packet is the one that would be built alone."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dissectors import ICMP, SCTP, TCP, UDP, VLAN, VXLAN, Ethernet, IPv4, IPv6
from rawlab.checksums import Status
from rawlab.schema import Draft
from rawlab.template import Random, Template

ENDS = {"src": "10.0.0.1", "dst": "10.0.0.2"}

Make = Callable[..., Draft]
CASES: dict[str, tuple[Make, dict[str, Any]]] = {
    "udp": (
        lambda src="10.0.0.1", port=1, ttl=64: (
            Ethernet() / IPv4(src=src, dst="10.0.0.2", ttl=ttl) / UDP(srcport=port, dstport=9)
            / b"odd"),
        {"ip.src": ["10.1.0.1", "10.255.3.7"], "udp.srcport": range(0, 65536, 771),
         "ip.ttl": [1, 2, 3]},
    ),
    "ipv6 addresses": (
        lambda dst="::1", flow=0: IPv6(src="::1", dst=dst, flow=flow) / TCP(dstport=9) / b"xy",
        {"ipv6.dst": ipaddress.ip_network("2001:db8::/64"), "ipv6.flow": range(1 << 20)},
    ),
    "conditional fields": (
        lambda ident=0, seq=0: IPv4(**ENDS) / ICMP(type=8, ident=ident, seq=seq) / b"abc",
        {"icmp.ident": np.array([1, 65535]), "icmp.seq": range(5)},
    ),
    "bits beside others": (
        lambda vlan=1, flags=0: (
            Ethernet() / VLAN(id=vlan) / IPv4(**ENDS) / TCP(dstport=9, flags=flags)),
        {"vlan.id": range(4096), "tcp.flags": ["S", "SA", "FA", 0x1FF]},
    ),
    "a crc": (
        lambda tag=0: IPv4(**ENDS) / SCTP(dstport=9, tag=tag),
        {"sctp.verification_tag": [1, 1 << 31, 0]},
    ),
    "sums within sums": (
        lambda inner="10.0.0.1", outer="10.0.0.1", vni=1: (
            IPv4(src=outer, dst="10.0.0.2") / UDP(srcport=7, dstport=4789) / VXLAN(vni=vni)
            / Ethernet() / IPv4(src=inner, dst="10.9.0.1") / UDP(dstport=9) / b"x"),
        {"ip.src#2": ["10.1.0.1", "10.200.0.1"], "ip.src": ["10.2.0.1", "10.3.0.1", "10.4.0.1"],
         "vxlan.vni": range(3)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_packet_is_as_if_built_alone(case: str) -> None:
    make, vary = CASES[case]
    template = Template(make(), vary)
    wanted = []
    for i in range(50):
        values = [value_at(values, i) for values in vary.values()]
        names = make.__code__.co_varnames[: len(values)]
        order = {"sums within sums": ("inner", "outer", "vni"), "udp": ("src", "port", "ttl")}
        wanted.append(bytes(make(**dict(zip(order.get(case, names), values, strict=True)))))
    found = [packet.octets for packet in template.batch(50)]
    assert found == wanted
    pieces = [p.octets for batch in template.batches(50, size=7) for p in batch]
    assert pieces == wanted


def value_at(values: Any, i: int) -> Any:
    if isinstance(values, (ipaddress.IPv4Network, ipaddress.IPv6Network)):
        return values[i % values.num_addresses]
    value = values[i % len(values)]
    return int(value) if isinstance(value, np.integer) else value


def test_chance_repeats_and_keeps_its_bounds() -> None:
    def make() -> Template:
        vary = {"udp.srcport": Random(7, 1000, 1009), "ip.id": Random(7), "ip.src": Random(8)}
        return Template(IPv4(**ENDS) / UDP(dstport=9), vary)

    packets = list(make().batch(400))
    ports = {packet.udp.srcport for packet in packets}
    assert ports == set(range(1000, 1010))
    again = [p.octets for batch in make().batches(400, size=37) for p in batch]
    assert again == [packet.octets for packet in packets]
    assert all(v.status == Status.GOOD for packet in packets for v in packet.checksums)


def test_times_and_numbers_go_on() -> None:
    template = Template(IPv4(**ENDS) / UDP(dstport=9), {})
    batches = list(template.batches(5, size=2, time_ns=100, gap_ns=10))
    assert [p.time_ns for b in batches for p in b] == [100, 110, 120, 130, 140]
    assert [p.number for b in batches for p in b] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("vary", "error", "complaint"),
    [
        ({"udp.prot": [1]}, KeyError, "no field 'udp.prot' in a packet of ip, udp"),
        ({"ip.src#2": ["::"]}, KeyError, "no field 'ip.src#2'"),
        ({"udp.srcport": range(65530, 65540)}, ValueError, "udp.srcport: 65539 is not within"),
        ({"udp.srcport": []}, ValueError, "udp.srcport: there is no value to take"),
        ({"udp.srcport": Random(1, 0, 65536)}, ValueError, "65536 is not within 16 bits"),
        ({"ip.options": [()]}, ValueError, "ip.options cannot vary"),
    ],
)
def test_what_cannot_vary_is_refused(
    vary: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error) as raised:
        Template(IPv4(**ENDS) / UDP(dstport=9), vary)
    assert complaint in str(raised.value)


def test_a_checksum_that_varies_is_not_computed() -> None:
    template = Template(IPv4(**ENDS) / UDP(dstport=9), {"udp.checksum": [1, 2]})
    assert [p.udp.checksum for p in template.batch(3)] == [1, 2, 1]
