"""What rawlab does, through its public interface."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import rawlab
from benchmarks.captures import Capture
from benchmarks.peers import Totals, totals

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

FRAME = {"time_ns": "frame.time_epoch", "caplen": "frame.cap_len", "len": "frame.len"}
EVERYDAY = FRAME | {
    "ethertype": "eth.type",
    "src": "ip.src",
    "dst": "ip.dst",
    "proto": "ip.proto",
    "ttl": "ip.ttl",
    "srcport": "tcp.srcport|udp.srcport",
    "dstport": "tcp.dstport|udp.dstport",
    "flags": "tcp.flags",
    "payload": "tcp.payload_len|udp.payload_len",
}
"""The names of limit.c's arrays, and those of rawlab's columns."""
_DATAGRAM = {
    "src": "{}.src", "dst": "{}.dst", "proto": "{}.proto", "ttl": "{}.ttl", "id": "{}.id",
    "total": "{}.len",
}  # fmt: skip
_PORTS = {name: f"{{}}.{name}" for name in ("srcport", "dstport", "length")}


def _pair(network: str, transport: str) -> dict[str, str]:
    """Twelve columns of a network and a transport header."""
    return (
        FRAME
        | {name: column.format(network) for name, column in _DATAGRAM.items()}
        | {name: column.format(transport) for name, column in _PORTS.items()}
    )


DATAGRAMS = _pair("ip", "udp")
TWINS = _pair("twin", "twinports")
TELEMETRY = FRAME | {
    "src": "ip.src",
    "dst": "ip.dst",
    "ttl": "ip.ttl",
    "dstport": "udp.dstport",
    "kind": "telemetry.kind",
    "flags": "telemetry.flags",
    "station": "telemetry.station",
    "sequence": "telemetry.sequence",
    "reading": "telemetry.reading",
}


def columns(capture: Capture) -> Any:
    """Twelve columns of everyday headers, on one thread."""
    return rawlab.read(capture.path).columns(*EVERYDAY.values(), threads=1)


def columns_on_all_cores(capture: Capture) -> Any:
    """The same, on as many threads as this process may use cores."""
    threads = len(os.sched_getaffinity(0))
    return rawlab.read(capture.path).columns(*EVERYDAY.values(), threads=threads)


def datagrams(capture: Capture) -> Any:
    """Twelve columns of IPv4 and UDP, with the registry that `twins` has."""
    return _declared(capture, DATAGRAMS)


def twins(capture: Capture) -> Any:
    """Twelve columns of the headers that were declared in their shape."""
    return _declared(capture, TWINS)


def telemetry(capture: Capture) -> Any:
    """Twelve columns, five of them of a declared header over UDP."""
    return _declared(capture, TELEMETRY)


def _declared(capture: Capture, names: dict[str, str]) -> Any:
    return rawlab.read(capture.path, registry=_registry()).columns(*names.values(), threads=1)


@cache
def _registry() -> Registry:
    """The built-in protocols, and those that the benchmark declares."""
    from benchmarks.declared import HEADERS
    from rawlab.plugins import default_registry

    return default_registry().extended(*HEADERS)


def everyday_sums(result: Any) -> Totals:
    """The sums of `columns`, under the names of limit.c's arrays."""
    return _sums(result, EVERYDAY)


def datagram_sums(result: Any) -> Totals:
    """The sums of `datagrams`."""
    return _sums(result, DATAGRAMS)


def twin_sums(result: Any) -> Totals:
    """The sums of `twins`, under the same names as those of `datagrams`."""
    return _sums(result, TWINS)


def telemetry_sums(result: Any) -> Totals:
    """The sums of `telemetry`."""
    return _sums(result, TELEMETRY)


def _sums(result: Any, names: dict[str, str]) -> Totals:
    """The sum of each column over the packets that have a network header; missing counts zero."""
    import numpy as np

    there = ~np.ma.getmaskarray(result[names["src"]])
    return {
        name: int(np.ma.filled(result[column][there], 0).sum(dtype=np.uint64))
        for name, column in names.items()
    }


def loop(capture: Capture) -> Totals:
    """The usual rawlab loop: `get` a layer, and use it if it is there."""
    from dissectors import TCP, UDP, IPv4

    packets = octets = addressed = ports = 0
    for packet in rawlab.read(capture.path):
        packets += 1
        _time = packet.time_ns
        octets += packet.caplen
        network = packet.get(IPv4)
        if network is not None:
            _addresses = network.src, network.dst
            addressed += 1
        transport = packet.get(TCP) or packet.get(UDP)
        if transport is not None:
            ports += transport.srcport + transport.dstport
    return totals(packets, octets, addressed, ports)
