"""Live capture: packets from network interfaces, as batches of the kernel's capture ring."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rawlab.capture.counts import Counts
from rawlab.capture.errors import (
    CaptureError,
    CaptureNotPermitted,
    InterfaceRemoved,
    NoSuchInterface,
)
from rawlab.capture.settings import Backend, Direction, Opener, Program, RingSettings
from rawlab.capture.sniffer import Sniffer
from rawlab.capture.workers import Workers

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

__all__ = [
    "CaptureError",
    "CaptureNotPermitted",
    "Counts",
    "InterfaceRemoved",
    "NoSuchInterface",
    "RingSettings",
    "Sniffer",
    "Workers",
    "sniff",
]


def sniff(
    interface: str | Sequence[str] | None = None,
    *,
    filter: str | None = None,
    count: int | None = None,
    timeout_s: float | None = None,
    promiscuous: bool = False,
    snaplen: int = RingSettings.snaplen,
    latency_ms: int = RingSettings.latency_ms,
    buffer_octets: int = RingSettings.buffer_octets,
    backlog_octets: int = RingSettings.backlog_octets,
    direction: Direction = "inout",
    linktype: int | None = None,
    bpf: Program | None = None,
    backend: Backend = "auto",
    opener: Opener = socket.socket,
    registry: Registry | None = None,
) -> Sniffer:
    """Capture from an interface, several, or "any"; None is the interface of the default route.

    `filter` is in libpcap's syntax; `registry` is what decodes, by default all that is installed.
    The capture has begun when this returns:

        with rawlab.sniff("eth0", filter="udp port 53") as sniffer:
            for packet in sniffer: ...

    Raises CaptureError kinds whose message says what to do, and ValueError for a wrong filter.
    """
    settings = RingSettings(
        snaplen=snaplen,
        promiscuous=promiscuous,
        latency_ms=latency_ms,
        buffer_octets=buffer_octets,
        backlog_octets=backlog_octets,
        direction=direction,
        linktype=linktype,
        filter=filter,
        bpf=bpf,
        backend=backend,
        opener=opener,
    )
    return Sniffer(
        interface, count=count, timeout_s=timeout_s, settings=settings, registry=registry
    )
