"""Frames to send, and what came of them."""

from __future__ import annotations

import struct
from typing import NamedTuple

from rawlab.batch import Batch
from rawlab.capture import Sniffer

EXPERIMENTAL = 0x88B5
"""The Ethernet type set aside for experiments (IEEE 802)."""
TO = bytes.fromhex("020000000001")
FROM = bytes.fromhex("020000000002")


class Seen(NamedTuple):
    """One packet of a batch, copied out of it."""

    octets: bytes
    length: int
    time_ns: int
    interface: str
    linktype: int


def frame(number: int, size: int = 60, tags: bytes = b"") -> bytes:
    """An Ethernet frame of `size` octets without its tags, which says its number."""
    head = TO + FROM + tags + struct.pack(">HI", EXPERIMENTAL, number)
    return head + bytes((number + i) & 0xFF for i in range(size - len(head) + len(tags)))


def tag(vlan: int, priority: int = 0, protocol: int = 0x8100) -> bytes:
    """A VLAN tag (IEEE 802.1Q)."""
    return struct.pack(">HH", protocol, priority << 13 | vlan)


def contents(batch: Batch) -> list[Seen]:
    """The packets of a batch."""
    return [
        Seen(
            bytes(batch.octets[start : start + caplen]), length, time_ns,
            batch.interfaces[number].name, linktype,
        )
        for start, caplen, length, time_ns, number, linktype in zip(
            batch.offset, batch.caplen, batch.length, batch.time_ns, batch.interface,
            batch.linktype, strict=True,
        )
    ]  # fmt: skip


def arrived(sniffer: Sniffer) -> list[Seen]:
    """All that has arrived until now; ends the sniffer."""
    sniffer.finish()
    return [seen for batch in sniffer.batches() for seen in contents(batch)]
