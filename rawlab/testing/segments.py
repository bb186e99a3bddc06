"""What packets carried for a transport protocol: datagrams as they are, streams in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rawlab.schema import header_name
from rawlab.testing.comparing import payload_of

if TYPE_CHECKING:
    from rawlab.packet import Packet
    from rawlab.schema.declaration import Header

_DATAGRAMS = frozenset({"udp", "udplite"})
_WRAP = 1 << 32


def payloads(packets: Iterable[Packet]) -> Iterator[tuple[int, bytes]]:
    """(time_ns, octets) of each UDP datagram, and of the stream that TCP segments make.

    Packets of neither, and segments without octets, are passed over. Of TCP all segments have to
    be of one direction of one connection. Raises ValueError where they are not, where octets are
    missing, and for a packet that was not captured whole.
    """
    stream: _Stream | None = None
    for packet in packets:
        layer = next((one for one in reversed(packet.layers)
                      if header_name(type(one)) in _DATAGRAMS | {"tcp"}), None)
        if layer is None:
            continue
        if packet.caplen < packet.length:
            raise ValueError(f"packet {packet.number} was not captured whole:"
                             f" {packet.caplen} of {packet.length} octets")
        if header_name(type(layer)) in _DATAGRAMS:
            yield packet.time_ns, payload_of(layer)
            continue
        if stream is None:
            stream = _Stream(packet, layer)
        octets = stream.add(packet, layer)
        if octets:
            yield packet.time_ns, octets
    if stream is not None and stream.waiting:
        first = min(stream.waiting)
        raise ValueError(f"the capture lacks {first - stream.position} octets of the TCP stream"
                         f" after its first {stream.position}: packets were lost")


class _Stream:
    """One direction of a TCP connection."""

    def __init__(self, packet: Packet, layer: Header) -> None:
        self._ends = _ends(packet, layer)
        self._first: int = (layer.seq_raw + layer.flags.syn) % _WRAP  # type: ignore[attr-defined]
        self.position = 0
        """Octets of the stream that were given."""
        self.waiting: dict[int, bytes] = {}
        """Octets that came before those in front of them, by their position."""

    def add(self, packet: Packet, layer: Header) -> bytes:
        """The octets that go on where the stream was left."""
        ends = _ends(packet, layer)
        if ends != self._ends:
            raise ValueError(
                f"packet {packet.number} is of another connection or direction"
                f" ({' > '.join(ends)}) than the first ({' > '.join(self._ends)}):"
                " choose one by where=, such as \"tcp.dstport == 80 and tcp.srcport == 40000\"")
        octets = payload_of(layer)
        if layer.flags.syn:  # type: ignore[attr-defined]
            return b""
        if octets:
            seq: int = layer.seq_raw  # type: ignore[attr-defined]
            offset = (seq - self._first - self.position + _WRAP // 2) % _WRAP - _WRAP // 2
            at = self.position + offset
            if len(octets) > len(self.waiting.get(at, b"")):
                self.waiting[at] = octets
        return self._ready()

    def _ready(self) -> bytes:
        ready = b""
        for at in sorted(self.waiting):
            if at > self.position:
                break
            fresh = self.waiting.pop(at)[self.position - at :]
            ready += fresh
            self.position += len(fresh)
        return ready


def _ends(packet: Packet, layer: Header) -> tuple[str, str]:
    """Address and port of the sender and of the receiver of a segment."""
    place = next(i for i, one in enumerate(packet.layers) if one is layer)
    outer = next((one for one in reversed(packet.layers[:place])
                  if header_name(type(one)) in ("ip", "ipv6")), None)
    return tuple(  # type: ignore[return-value]
        f"{getattr(outer, side, '?')} port {getattr(layer, side + 'port')}"
        for side in ("src", "dst"))
