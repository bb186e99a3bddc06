"""The client's half of a recorded TCP conversation: what it sent, and after how much it had got."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rawlab.engine.view import bounds_of
from rawlab.packet import Packet

LINKTYPE_RAW = 101
_MASK = 0xFFFFFFFF
_MOST_AHEAD = 4 << 20
"""Octets after a gap that are kept until it is filled."""


class Assembly:
    """The octets of one direction, put in order."""

    def __init__(self) -> None:
        self.octets = bytearray()
        """From the first on, without a gap."""
        self._ahead: dict[int, bytes] = {}
        self._held = 0

    @property
    def has_gap(self) -> bool:
        """Whether something has arrived that follows on a gap."""
        return bool(self._ahead)

    def add(self, offset: int, data: bytes) -> bytes:
        """Take a piece; what is new of it, if it goes on where the octets end, else nothing."""
        end = len(self.octets)
        if offset > end:
            if len(data) > len(self._ahead.get(offset, b"")) and self._held < _MOST_AHEAD:
                self._held += len(data) - len(self._ahead.get(offset, b""))
                self._ahead[offset] = data
            return b""
        new = data[end - offset :]
        self.octets += new
        while self._ahead and (first := min(self._ahead)) <= len(self.octets):
            piece = self._ahead.pop(first)
            self._held -= len(piece)
            self.octets += piece[len(self.octets) - first :]
        return new


@dataclass(frozen=True)
class Step:
    """Something that the client sent."""

    packet: Packet
    """The IP packet in which it was sent."""
    data: bytes
    after: int
    """Octets of the server that the client had got before."""
    after_end: bool = False
    """It knew that the server had ended."""
    fin: bool = False
    reset: bool = False


@dataclass(frozen=True)
class Recording:
    """One TCP conversation as a client had it."""

    syn: Packet
    steps: tuple[Step, ...]
    answer: bytes
    """What the server sent."""
    ended: bool
    """The server ended its half."""
    window: int
    """The largest window that the client offered, as in the header."""

    @property
    def client(self) -> tuple[Any, int]:
        """Address and port."""
        return network_of(self.syn).src, self.syn.tcp.srcport

    @property
    def server(self) -> tuple[Any, int]:
        """Address and port."""
        return network_of(self.syn).dst, self.syn.tcp.dstport


def network_of(packet: Packet) -> Any:
    """The packet's IPv4 or IPv6 header."""
    return packet.get("ip") or packet.get("ipv6")


def recording_of(packets: Iterable[Packet]) -> Recording:
    """The first TCP conversation among `packets` that begins with a SYN.

    Raises ValueError where there is none, or where it lacks something that the client sent.
    """
    waiting = iter(packets)
    for packet in waiting:
        tcp = packet.get("tcp")
        if tcp is not None and network_of(packet) is not None and _is_whole(packet):
            flags = tcp.flags
            if flags.syn and not flags.ack and not packet.faults_of(tcp):
                return _Reading(packet).run(waiting)
    raise ValueError("there is no TCP conversation that begins with a SYN")


def _is_whole(packet: Packet) -> bool:
    return packet.tcp.hdr_len is not None and packet.tcp.window_size_value is not None


class _Reading:
    """Reads the conversation that a SYN begins."""

    def __init__(self, syn: Packet) -> None:
        self._syn = bare(syn)
        self._isn: int = syn.tcp.seq_raw
        self._server_isn: int | None = None
        self._sent, self._got = Assembly(), Assembly()
        self._steps: list[Step] = []
        self._end: int | None = None
        """Where the server's FIN stands."""
        self._window = 1
        self._closed = False

    def run(self, packets: Iterable[Packet]) -> Recording:
        key = self._key(self._syn)
        for packet in packets:
            tcp = packet.get("tcp")
            if tcp is None or network_of(packet) is None or not _is_whole(packet):
                continue
            if self._key(packet) == key:
                if tcp.flags.syn and tcp.seq_raw != self._isn:
                    break  # another conversation of the same ends
                self._client(packet, tcp)
            elif self._key(packet) == (*key[2:], *key[:2]):
                self._server(packet, tcp)
        if self._sent.has_gap:
            raise ValueError("the recording lacks something that the client sent, after"
                             f" {len(self._sent.octets)} octets")
        answer = bytes(self._got.octets)
        ended = self._end is not None and self._end <= len(answer)
        return Recording(self._syn, tuple(self._steps), answer, ended, self._window)

    @staticmethod
    def _key(packet: Packet) -> tuple[Any, ...]:
        network, tcp = network_of(packet), packet.tcp
        return network.src, tcp.srcport, network.dst, tcp.dstport

    def _client(self, packet: Packet, tcp: Any) -> None:
        flags = tcp.flags
        if flags.syn or self._closed:
            return
        self._window = max(self._window, tcp.window_size_value)
        offset = difference(tcp.seq_raw - self._isn - 1)
        data, whole = data_of(packet)
        if not whole:
            raise ValueError(f"packet {packet.number} was cut when it was captured, so that what"
                             " the client sent is not all there")
        before = len(self._sent.octets)
        if data:
            self._sent.add(offset, data)
        new = bytes(self._sent.octets[before:])
        if new or flags.fin or flags.reset:
            after = 0
            if self._server_isn is not None and flags.ack:
                after = max(difference(tcp.ack_raw - self._server_isn - 1), 0)
            knows_end = self._end is not None and after > self._end
            after = min(after, len(self._got.octets))
            self._steps.append(Step(bare(packet), new, after, knows_end, flags.fin, flags.reset))
        self._closed = bool(flags.reset or flags.fin and not self._sent.has_gap)

    def _server(self, packet: Packet, tcp: Any) -> None:
        flags = tcp.flags
        if flags.syn:
            self._server_isn = tcp.seq_raw
            return
        if self._server_isn is None:
            return
        offset = difference(tcp.seq_raw - self._server_isn - 1)
        data, _ = data_of(packet)
        if data and offset + len(data) > 0:
            self._got.add(max(offset, 0), data[max(-offset, 0) :])
        if flags.fin:
            self._end = offset + len(data)


def difference(number: int) -> int:
    """A difference of sequence numbers (RFC 9293, 3.4)."""
    number &= _MASK
    return number - (1 << 32) if number >= 1 << 31 else number


def data_of(packet: Packet) -> tuple[bytes, bool]:
    """What a TCP segment carries, and whether all of it was captured."""
    origin, _, end, limit, captured = bounds_of(packet.tcp)
    whole = not (packet.caplen < packet.length and limit >= captured)
    return packet.octets[end - origin : limit - origin], whole


def bare(packet: Packet) -> Packet:
    """The IP packet without what lies around it."""
    network = network_of(packet)
    origin, start, _, limit, _ = bounds_of(network)
    octets = packet.octets[start - origin : limit - origin]
    return Packet(octets, linktype=LINKTYPE_RAW, time_ns=packet.time_ns, number=packet.number,
                  registry=packet._owner.registry)
