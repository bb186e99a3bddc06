"""A capture filter that lets at least all replies in, where one is easily told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rawlab.capture.settings import Program
    from rawlab.packet import Packet

_PLAIN = {"arp": "arp", "icmp": "icmp", "ipv6": "ip6"}
_WITH_PORTS = {"udp": "udp", "tcp": "tcp", "sctp": "sctp"}
_MOST_PORTS = 8
_DLT_EN10MB, _SNAPLEN = 1, 262_144
_FRAMES = frozenset({"eth"})


def filter_for(packets: Sequence[Packet]) -> str | None:
    """A filter in libpcap's syntax for the replies to these packets; None lets all in.

    It is by protocol, and by port where there are few: the rules do the rest. Extension headers
    hide what an IPv6 packet carries, and tags shift everything, so these are not looked into.
    """
    parts: set[str] = set()
    ports: dict[str, set[int]] = {}
    for packet in packets:
        names = [packet_layer_name(layer) for layer in packet.layers]
        if names and names[0] in _FRAMES:
            names = names[1:]
        first, second = (*names, "", "")[:2]
        if first in ("arp", "ipv6"):
            parts.add(_PLAIN[first])
        elif first == "ip" and second == "icmp":
            parts.add("icmp")
        elif first == "ip" and second in _WITH_PORTS:
            ports.setdefault(second, set()).add(packet[second].dstport)
        else:
            return None
    for name, numbers in ports.items():
        parts.add("icmp")
        if len(numbers) > _MOST_PORTS:
            parts.add(name)
        else:
            parts.update(f"{name} src port {number}" for number in numbers)
    return " or ".join(sorted(parts)) or None


def program_for(packets: Sequence[Packet]) -> Program | None:
    """The filter for the replies to frames, compiled; None lets all in.

    It asks for no tag, so it needs no handle of the interface, which would take 40 ms to open.
    """
    import cypcap

    expression = filter_for(packets)
    if expression is None:
        return None
    compiled = cypcap.open_dead(_DLT_EN10MB, _SNAPLEN).compile(expression)
    return [(int(code), int(jt), int(jf), int(k)) for code, jt, jf, k in compiled]


def packet_layer_name(layer: object) -> str:
    """The name of a layer's header."""
    from rawlab.schema import header_name

    return header_name(type(layer))  # type: ignore[arg-type]
