"""How fast packets are built: a template by the million, and single ones beside scapy and dpkt."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Callable
from statistics import median

from rich.console import Console

from benchmarks.report import judged, table
from dissectors import UDP, Ethernet, IPv4
from rawlab.template import Template

MANY = 2_000_000
SINGLE = 20_000
SCAPY_SHARE = 0.05
MANY_AIM = 2_000_000
"""Packets a second by a template."""
AIMS = {"scapy": 100.0, "dpkt": 3.0}
"""How many times faster rawlab's single packets are to be."""
MAC, OTHER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
PAYLOAD = b"x" * 18

Build = Callable[[int], bytes]


def rawlab_packet(i: int) -> bytes:
    """UDP over IPv4 over Ethernet, all given as people write it; so do the others."""
    return bytes(
        Ethernet(src=MAC, dst=OTHER_MAC) / IPv4(src="10.0.0.1", dst=f"10.0.{i >> 8 & 255}.2", id=1)
        / UDP(srcport=1024 + i % 60000, dstport=53) / PAYLOAD
    )  # fmt: skip


def scapy_builder() -> Build:
    """scapy's way."""
    from scapy.layers.inet import IP
    from scapy.layers.inet import UDP as ScapyUDP
    from scapy.layers.l2 import Ether
    from scapy.packet import Raw

    return lambda i: bytes(
        Ether(src=MAC, dst=OTHER_MAC)
        / IP(src="10.0.0.1", dst=f"10.0.{i >> 8 & 255}.2", id=1, flags=FLAGS)
        / ScapyUDP(sport=1024 + i % 60000, dport=53) / Raw(PAYLOAD)
    )  # fmt: skip


def dpkt_builder() -> Build:
    """dpkt's way: addresses packed by hand, and the length of UDP said."""
    from dpkt.ethernet import Ethernet as DpktEthernet
    from dpkt.ip import IP
    from dpkt.udp import UDP as DpktUDP

    def build(i: int) -> bytes:
        udp = DpktUDP(sport=1024 + i % 60000, dport=53, ulen=8 + len(PAYLOAD), data=PAYLOAD)
        ip = IP(src=socket.inet_aton("10.0.0.1"), dst=socket.inet_aton(f"10.0.{i >> 8 & 255}.2"),
                id=1, p=17, ttl=64, len=28 + len(PAYLOAD), data=udp)
        ip.df = FLAGS == "DF"
        return bytes(DpktEthernet(src=bytes.fromhex(MAC.replace(":", "")),
                                  dst=bytes.fromhex(OTHER_MAC.replace(":", "")), data=ip))

    return build


FLAGS = "DF" if rawlab_packet(0)[20] & 0x40 else ""


def show(console: Console, rounds: int, divisor: int) -> bool:
    """Measure in turns, and print. Returns whether the tools built different octets."""
    builders: dict[str, tuple[Build, float]] = {
        "rawlab": (rawlab_packet, 1.0), "scapy": (scapy_builder(), SCAPY_SHARE),
        "dpkt": (dpkt_builder(), 1.0),
    }  # fmt: skip
    differ = [name for name, (build, _) in builders.items()
              if any(build(i) != rawlab_packet(i) for i in range(0, 70_000, 997))]
    rates: dict[str, list[float]] = {name: [] for name in (*builders, "template")}
    for _ in range(rounds):
        for name, (build, share) in builders.items():
            rates[name].append(_single(build, max(100, int(SINGLE * share) // divisor)))
        rates["template"].append(_template(MANY // divisor))
    made = table("Build: UDP over IPv4 over Ethernet, one processor", "packets/s", "x rawlab's",
                 "aim", "octets")
    template = median(rates["template"])
    made.add_row("rawlab, a template", f"{template:,.0f}", "",
                 judged(f">= {MANY_AIM:,}", template >= MANY_AIM), "")
    for name in builders:
        ratio = median(a / b for a, b in zip(rates["rawlab"], rates[name], strict=True))
        aim = judged(f"rawlab >= {AIMS[name]:.0f} times it", ratio >= AIMS[name]) if (
            name in AIMS) else ""
        made.add_row(f"{name}, single packets", f"{median(rates[name]):,.0f}",
                     f"1/{ratio:.2f}" if name in AIMS else "", aim,
                     "[red]differ[/]" if name in differ else "agree")
    console.print(made)
    return bool(differ)


def _single(build: Build, count: int) -> float:
    """Packets in a second of a processor."""
    gc.collect()
    began = time.process_time()
    for i in range(count):
        build(i)
    return count / (time.process_time() - began)


def _template(count: int) -> float:
    draft = (Ethernet(src=MAC, dst=OTHER_MAC) / IPv4(src="10.0.0.1", dst="10.0.0.2")
             / UDP(srcport=1, dstport=53) / PAYLOAD)
    template = Template(draft, {"udp.srcport": range(1024, 65024), "ip.id": range(65536)})
    began = time.process_time()
    for _ in template.batches(count):
        pass
    return count / (time.process_time() - began)
