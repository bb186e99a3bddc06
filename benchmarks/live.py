"""Decodes packets as they come, until interrupted: `python -m benchmarks.live KIND INTERFACE`.

The kinds are two ways of writing the same sensor: `batches` looks at four columns of each batch,
`loop` at four fields of each packet.
"""

from __future__ import annotations

import signal
import sys

import rawlab
from benchmarks.receivers import BUFFER_MIB
from rawlab.capture import Sniffer

NAMES = ("frame.len", "ip.src", "udp.dstport", "udp.length")


def batches(sniffer: Sniffer) -> int:
    """Add up four columns."""
    total = 0
    for columns in sniffer.column_batches(*NAMES):
        total += sum(int(columns[name].sum(dtype="u8")) for name in NAMES)
    return total


def loop(sniffer: Sniffer) -> int:
    """Add up four fields, packet by packet."""
    from dissectors import UDP, IPv4

    total = 0
    for packet in sniffer:
        ip, udp = packet.get(IPv4), packet.get(UDP)
        if ip is not None and udp is not None:
            total += packet.length + ip.ttl + udp.dstport + udp.length
    return total


KINDS = {"batches": batches, "loop": loop}


def main() -> None:
    """Capture and decode; then tell the counts."""
    kind, interface = sys.argv[1:]
    with rawlab.sniff(interface, buffer_octets=BUFFER_MIB << 20) as sniffer:
        signal.signal(signal.SIGINT, lambda *_: sniffer.finish())
        print(f"listening on {interface}", file=sys.stderr, flush=True)
        KINDS[kind](sniffer)
        counts = sniffer.counts
    print(f"{counts.captured} packets captured", file=sys.stderr)
    print(f"{counts.dropped} packets dropped by kernel", file=sys.stderr)


if __name__ == "__main__":
    main()
