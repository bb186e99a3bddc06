"""Playing the client of a recorded TCP conversation against a live server."""

from __future__ import annotations

import ipaddress
import secrets
import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rawlab.inject.client_half import ClientHalf
from rawlab.inject.errors import cannot_send, not_permitted
from rawlab.inject.pace import Waiter
from rawlab.inject.recorded_client import (
    LINKTYPE_RAW,
    Recording,
    data_of,
    network_of,
    recording_of,
)
from rawlab.inject.reset_guard import ResetGuard
from rawlab.inject.route import Address, Route, route_to
from rawlab.inject.segments import Divergence, Outgoing, Segment
from rawlab.inject.sender import Sender, open_sender
from rawlab.packet import Packet

if TYPE_CHECKING:
    from rawlab.capture.settings import Opener
    from rawlab.inject.selecting import Replayable
    from rawlab.schema.registry import Registry

_LARGEST = 1 << 17
_BUFFER_OCTETS = 4 << 20
_MSS = {4: 1460, 6: 1440}
"""Larger recorded segments are cut, whatever the server takes: Ethernet's MTU."""
_SYN_OPTIONS = (1, 2, 3, 4, 8)
"""Options that are sent as recorded: padding, MSS, window scale, SACK permitted, timestamps."""


@dataclass(frozen=True)
class StatefulReplayed:
    """What became of a conversation that was played again."""

    server: tuple[str, int]
    client: tuple[str, int]
    sent_octets: int
    """Of the client's stream."""
    recorded_octets: int
    """Of the client's stream in the recording."""
    received: bytes = field(repr=False)
    """The server's stream."""
    retransmissions: int
    divergences: tuple[Divergence, ...]
    """Where the server did otherwise than recorded; the first of each kind."""
    complete: bool
    """All that the client sent in the recording was sent, and acknowledged."""
    seconds: float


class StatefulReplay:
    """A conversation under way; any thread or signal handler may `stop` it.

    To be closed, or used in a `with` statement.
    """

    def __init__(
        self, recording: Recording, server: tuple[str, int | None], *, timeout_s: float = 5.0,
        source_port: int = 0, opener: Opener = socket.socket,
    ) -> None:  # fmt: skip
        """`server`: address and port (None: the recorded one). Raises OSError kinds, ValueError."""
        if not 0 < timeout_s < 1e6:
            raise ValueError(f"timeout_s must be more than 0, not {timeout_s}")
        address = ipaddress.ip_address(server[0])
        if address.version != network_of(recording.syn).version:
            raise ValueError(f"the recorded conversation is of IPv{10 - address.version}, and"
                             f" {address} is of IPv{address.version}")
        self._recording = recording
        self._route = route_to(address, opener=opener)
        self.server = str(address), recording.server[1] if server[1] is None else server[1]
        self._registry = recording.syn._owner.registry
        self._close = ExitStack()
        try:
            guard = ResetGuard(str(self._route.source), source_port, opener=opener,
                               interface=self._route.interface)
            self._close.callback(guard.close)
            self.client = str(self._route.source), guard.port
            self._sender: Sender = open_sender(level="ip", opener=opener)
            self._close.callback(self._sender.close)
            self._listener = _listen(self._route, opener)
            self._close.callback(self._listener.close)
            self._waiter = Waiter()
            self._close.callback(self._waiter.close)
        except BaseException:
            self._close.close()
            raise
        self._half = ClientHalf(recording, secrets.randbits(32), round(timeout_s * 1e9),
                                mss=_MSS[address.version])

    def stop(self) -> None:
        """Let `run` reset the connection and return."""
        self._waiter.stop()

    def run(self) -> StatefulReplayed:
        """Play it to its end."""
        half = self._half
        began = now = time.monotonic_ns()
        half.start(now)
        while not half.done:
            self._send()
            for segment in self._segments(half.next_ns or now):
                half.receive(segment, time.monotonic_ns())
                self._send()
            now = time.monotonic_ns()
            if self._waiter.stopped:
                half.abort(now)
            elif now >= (half.next_ns or now + 1):
                half.tick(now)
        self._send()
        recorded = sum(len(step.data) for step in self._recording.steps)
        return StatefulReplayed(
            self.server, self.client, half.sent_octets, recorded, half.received,
            half.retransmissions, tuple(half.divergences), half.complete, (now - began) / 1e9,
        )  # fmt: skip

    def close(self) -> None:
        """Give sockets and port back."""
        self._close.close()

    def __enter__(self) -> StatefulReplay:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _send(self) -> None:
        for outgoing in self._half.outgoing:
            self._sender.send_one(self._built(outgoing))
        self._half.outgoing.clear()

    def _built(self, outgoing: Outgoing) -> bytes:
        """The IP packet of a segment."""
        packet = outgoing.packet
        ip = {"src": self._route.source, "dst": self._route.destination}
        tcp: dict[str, Any] = {
            "srcport": self.client[1], "dstport": self.server[1], "seq_raw": outgoing.seq,
            "ack_raw": outgoing.ack, "flags": outgoing.flags, "urgent_pointer": 0,
            "window_size_value": outgoing.window, "payload": outgoing.data,
            "options": self._options(outgoing),
        }
        return packet.edit({network_of(packet): ip, packet.tcp: tcp}).octets

    def _options(self, outgoing: Outgoing) -> list[Any]:
        offered = self._recording.syn.tcp.options
        stamps: list[Any] = []
        if outgoing.stamps is not None:
            made = next(type(option) for option in offered if option.option_kind == 8)
            stamps = [made(tsval=outgoing.stamps[0], tsecr=outgoing.stamps[1])]
        if "S" not in outgoing.flags:
            return stamps
        return [one for option in offered if option.option_kind in _SYN_OPTIONS
                for one in (stamps if option.option_kind == 8 else [option])]

    def _segments(self, until_ns: int) -> Iterator[Segment]:
        """What the server sends, waiting for the first of it until a moment at the most."""
        wait_s = max(until_ns - time.monotonic_ns(), 0) / 1e9
        listener = self._listener.fileno()
        ready, _, _ = select.select([listener, self._waiter.fileno()], [], [], wait_s)
        while listener in ready:
            try:
                octets = self._listener.recv(_LARGEST, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            segment = self._read(octets)
            if segment is not None:
                yield segment

    def _read(self, octets: bytes) -> Segment | None:
        """A segment of the conversation; None for what is none."""
        if self._route.destination.version == 6:  # without its IPv6 header
            octets = _ipv6_header(self._route, len(octets)) + octets
        packet = Packet(octets, linktype=LINKTYPE_RAW, registry=self._registry)
        tcp = packet.get("tcp")
        if tcp is None or tcp.window_size_value is None:
            return None
        if (tcp.srcport, tcp.dstport) != (self.server[1], self.client[1]):
            return None
        flags, options = tcp.flags, tcp.options or ()
        kinds = {option.option_kind: option for option in options}
        return Segment(
            tcp.seq_raw, tcp.ack_raw if flags.ack else None, bool(flags.syn), bool(flags.fin),
            bool(flags.reset), tcp.window_size_value, data_of(packet)[0],
            getattr(kinds.get(2), "mss_val", None), getattr(kinds.get(3), "wscale__shift", None),
            getattr(kinds.get(8), "tsval", None),
        )  # fmt: skip


def _listen(route: Route, opener: Opener) -> socket.socket:
    """A raw socket that gets what TCP sends from the one address to the other."""
    family = socket.AF_INET if route.destination.version == 4 else socket.AF_INET6
    try:
        opened = opener(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
    except PermissionError:
        raise not_permitted("by route", "raw socket") from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_OCTETS)
        opened.bind(_place(route.source, route))
        opened.connect(_place(route.destination, route))
    except OSError as error:
        opened.close()
        raise cannot_send("by route", f"listening for {route.destination}", error,
                          "is there a route?") from None
    return opened


def _place(address: Address, route: Route) -> tuple[Any, ...]:
    if address.version == 4:
        return str(address), 0
    return str(address), 0, 0, route.index if address.is_link_local else 0


def _ipv6_header(route: Route, length: int) -> bytes:
    fixed = struct.pack("!IHBB", 6 << 28, min(length, 0xFFFF), socket.IPPROTO_TCP, 64)
    return fixed + route.destination.packed + route.source.packed


def stateful_replay(
    packets: Replayable,
    server: str | tuple[str, int | None],
    *,
    where: Any = None,
    filter: str | None = None,
    timeout_s: float = 5.0,
    source_port: int = 0,
    registry: Registry | None = None,
    opener: Opener = socket.socket,
) -> StatefulReplayed:
    """Play the client of a recorded TCP conversation against a server; tells where it diverged.

        rawlab.stateful_replay("x.pcap", ("10.0.0.2", 8080))

    `packets` as for `replay`; the first conversation that begins with a SYN is taken, among what
    `filter` (a capture filter) and `where` (a display filter) leave. What the client sent goes out
    in segments as recorded, from an address of this host and a free port (or `source_port`), with
    sequence numbers, acknowledgements, timestamps and checksums that suit what the server really
    sends; each as soon as the server has sent as much as it had in the recording, or `timeout_s`
    after it sent something last. What is not acknowledged is sent again. The kernel's resets are
    kept away from just this connection.

    Raises ValueError where there is no such conversation, OSError kinds where nothing can be sent.
    """
    from rawlab.inject.selecting import Selecting

    selecting = Selecting(packets, 1, filter, where, registry=registry)
    recording = recording_of(packet for batch in selecting.once() for packet in batch.keep())
    place: Sequence[Any] = parse_server(server) if isinstance(server, str) else server
    with StatefulReplay(recording, (place[0], place[1]), timeout_s=timeout_s,
                        source_port=source_port, opener=opener) as playing:
        return playing.run()


def parse_server(text: str) -> tuple[str, int | None]:
    """Address and port of "10.0.0.2", "10.0.0.2:80", "[fd00::2]:80" or a name; ValueError.

    OSError where a name is not known.
    """
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        if port and not port.startswith(":"):
            raise ValueError(f"{text!r} is not HOST or HOST:PORT")
        port = port[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if port and (not port.isascii() or not port.isdecimal() or not 0 < int(port) < 1 << 16):
        raise ValueError(f"{text!r}: a port is 1 to 65535")
    number = int(port) if port else None
    try:
        return str(ipaddress.ip_address(host)), number
    except ValueError:
        pass
    if not host:
        raise ValueError(f"{text!r} is not HOST or HOST:PORT")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise OSError(f"{host}: {error.strerror}") from None
    return str(found[0][4][0]), number
