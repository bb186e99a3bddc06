"""One way of sending in a process of its own: `python -m benchmarks.injector WHO IF FILE COUNT`."""

from __future__ import annotations

import itertools
import sys


def scapy(interface: str, path: str, count: int) -> None:
    """scapy's sendp over the packets of the file, over and over."""
    from scapy.config import conf
    from scapy.layers.l2 import Ether
    from scapy.sendrecv import sendp
    from scapy.utils import rdpcap

    conf.verb = 0
    frames = [Ether(bytes(frame)) for frame in rdpcap(path)]
    sendp(list(itertools.islice(itertools.cycle(frames), count)), iface=interface, verbose=False)


def rawlab(interface: str, path: str, count: int, method: str) -> None:
    """rawlab by one of its methods."""
    from rawlab import read
    from rawlab.inject import open_sender
    from rawlab.inject.repeating import repeated

    with open_sender(interface, method=method) as sender:  # type: ignore[arg-type]
        for batch in repeated(read(path), count, None):
            sender.send(batch)
        if sender.sent != count:
            raise SystemExit(f"{sender.sent} of {count} sent: {sender.reasons}")


def main() -> None:
    """Send, and say nothing."""
    who, interface, path, count = sys.argv[1:]
    if who == "scapy":
        scapy(interface, path, int(count))
    else:
        rawlab(interface, path, int(count), who)


if __name__ == "__main__":
    main()
