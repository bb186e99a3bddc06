"""Records the sample captures again, from virtual hosts of this machine.

    .venv/bin/python captures/record.py [NAME ...]

Each capture begins with two hosts that have never heard of each other. What is in it, and who said
it (a kernel, or the authors of its octets), is told by README.md beside this file.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import crafted
import sctp
import talks
import tunnels
from talks import Table

from rawlab.batch import Batch
from rawlab.capture import sniff
from rawlab.cli.demo import BEACONS as INVENTED
from rawlab.lab import Lab, scene

HERE = Path(__file__).resolve().parent
BEACONS = [(0x80, 1, 21, b"north"), (0, 2, -4, b"south"), (0xC0, 3, 127, b""), (0, 4, 0, b"x" * 60)]


def beacons(at: Table) -> None:
    """The protocol of examples/tiny.py; the last one says less than it means to."""
    for flags, sequence, celsius, station in BEACONS:
        body = struct.pack("!BHbB", flags, sequence, celsius, len(station)) + station
        at.inject([crafted.ethernet(crafted.EVERYONE, crafted.A, 0x88B5, body)])
    short = struct.pack("!BHbB", 0, 5, 20, 200) + b"cut off"
    at.inject([crafted.ethernet(crafted.EVERYONE, crafted.A, 0x88B5, short)])


def demo(at: Table) -> None:
    """What `rawlab demo` plays, with a shorter page."""
    scene.begin(at.a, at.b, at.link, scene.Script(octets=3000, frames=INVENTED)).wait(20)


def arp(at: Table) -> None:
    talks.arp(at)
    at.inject(crafted.arp_frames())


def icmpv6(at: Table) -> None:
    talks.icmpv6(at)
    at.inject(crafted.router_frames())


def ipv6_extensions(at: Table) -> None:
    talks.extensions(at)
    at.inject(crafted.source_routed_frames())


CAPTURES: dict[str, Callable[[Table], None]] = {
    "arp": arp,
    "icmp": talks.icmp,
    "icmpv6": icmpv6,
    "tcp": talks.tcp,
    "tcp-ipv6": lambda at: talks.tcp(at, socket.AF_INET6),
    "udp": talks.udp,
    "dns": talks.dns,
    "ipv4-options": talks.ip_options,
    "ipv4-fragments": talks.fragments,
    "ipv6-fragments": lambda at: talks.fragments(at, socket.AF_INET6),
    "ipv6-extensions": ipv6_extensions,
    "vlan": lambda at: at.inject(crafted.vlan_frames()),
    "llc": lambda at: at.inject(crafted.llc_frames()),
    "gre": lambda at: at.inject(tunnels.gre_frames()),
    "ip-in-ip": lambda at: at.inject(tunnels.ip_in_ip_frames()),
    "vxlan": tunnels.vxlan,
    "igmp": talks.groups,
    "sctp": lambda at: at.inject(sctp.sctp_frames()),
    "beacon": beacons,
    "demo": demo,
}


def record(name: str, directory: Path = HERE) -> int:
    """Records one capture into NAME.pcap of a directory; returns the number of its packets."""
    with Lab() as lab:
        a, b = lab.host("a"), lab.host("b")
        at = Table(a, b, lab.link(a, b))
        with sniff("eth0", opener=b.socket, promiscuous=True) as sniffer:
            CAPTURES[name](at)
            time.sleep(0.1)
            sniffer.finish()
            return write_pcap(directory / f"{name}.pcap", sniffer.batches())


def write_pcap(path: Path, batches: Iterable[Batch]) -> int:
    """Writes Ethernet packets with times in nanoseconds; returns how many."""
    count = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1))
        for batch in batches:
            for at in range(len(batch)):
                seconds, nanoseconds = divmod(batch.time_ns[at], 1_000_000_000)
                start, kept = batch.offset[at], batch.caplen[at]
                file.write(struct.pack("<IIII", seconds, nanoseconds, kept, batch.length[at]))
                file.write(batch.octets[start : start + kept])
                count += 1
    return count


def main() -> None:
    for name in sys.argv[1:] or CAPTURES:
        print(f"{name}: {record(name)} packets", flush=True)


if __name__ == "__main__":
    main()
