"""A short scene for two virtual hosts: what a sniffer should see when two machines meet.

All of it but the given frames goes through the kernel's own stack: ARP and neighbour discovery
happen because an address is not known yet, TCP acknowledges because that is what TCP does.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from dataclasses import dataclass

from rawlab.lab.host import Host
from rawlab.lab.links import Link
from rawlab.lab.task import Task

HTTP_PORT = 80
TIME_PORT = 37
TIMEOUT_S = 10.0
_ECHO_REQUEST, _ECHO_REPLY = 8, 0
_ECHO_REQUEST_V6, _ECHO_REPLY_V6 = 128, 129
_SINCE_1900 = 2_208_988_800


@dataclass(frozen=True)
class Script:
    """What is played, and how much of it."""

    echoes: int = 3
    """Pings over IPv4, and as many over IPv6."""
    questions: int = 3
    """Times that the first host asks the second for the time of day, over UDP (RFC 868)."""
    octets: int = 300_000
    """Length of the page that the first host gets from the second over HTTP."""
    frames: tuple[bytes, ...] = ()
    """Frames that the first host puts on the wire as they are."""
    pause_s: float = 0.0
    """Rest between one event and the next, for an audience that wants to watch."""


class Scene:
    """A scene in play, in the hosts' own processes: the caller is free to watch."""

    def __init__(self, answering: Task[None], asking: Task[None]) -> None:
        self._answering = answering
        self._asking = asking

    def wait(self, timeout_s: float | None = None) -> None:
        """Waits for the end. Raises what went wrong in a host (OSError), or TimeoutError."""
        self._asking.result(timeout_s)
        self._answering.result(timeout_s)

    def stop(self) -> None:
        """Ends it, wherever it is."""
        self._asking.stop()
        self._answering.stop()


def begin(first: Host, second: Host, link: Link, script: Script | None = None) -> Scene:
    """Begins a scene between the two ends of a link. Raises OSError when a port is taken."""
    script = script or Script()
    address = link.second.ipv4
    with (
        second.socket(socket.AF_INET, socket.SOCK_STREAM) as pages,
        second.socket(socket.AF_INET, socket.SOCK_DGRAM) as clock,
    ):
        pages.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        pages.bind((address, HTTP_PORT))
        pages.listen()
        clock.bind((address, TIME_PORT))
        answering = second.start_with([pages.fileno(), clock.fileno()], answer, script)
    return Scene(answering, first.start(ask, link, script))


def answer(descriptors: tuple[int, ...], script: Script) -> None:
    """Inside the second host: tells the time, then serves one page. Raises TimeoutError."""
    pages, clock = (socket.socket(fileno=descriptor) for descriptor in descriptors)
    with clock:
        clock.settimeout(TIMEOUT_S)
        for _ in range(script.questions):
            _, asker = clock.recvfrom(64)
            clock.sendto(struct.pack("!I", int(time.time()) + _SINCE_1900 & 0xFFFFFFFF), asker)
    with pages:
        pages.settimeout(TIMEOUT_S)
        connection, _ = pages.accept()
    with connection:
        connection.settimeout(TIMEOUT_S)
        connection.recv(4096)
        line = b"<p>Made by rawlab for whoever is looking.</p>\n"
        page = (line * (script.octets // len(line) + 1))[: script.octets]
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + page)


def ask(link: Link, script: Script) -> None:
    """Inside the first host: pings, asks, gets, and injects. Raises OSError, TimeoutError."""
    _ping(socket.AF_INET, link.second.ipv4, script)
    _ping(socket.AF_INET6, link.second.ipv6, script)
    _ask_for_the_time(link.second.ipv4, script)
    _get_the_page(link.second.ipv4)
    inject(link.first.interface, script)


def inject(interface: str, script: Script) -> None:
    """Inside a host: sends the script's frames as they are. Raises OSError."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        wire.bind((interface, 0))
        for frame in script.frames:
            wire.send(frame)
            time.sleep(script.pause_s)


def _ping(family: socket.AddressFamily, address: str, script: Script) -> None:
    """Sends echo requests one by one, and waits for the reply to each."""
    newer = family == socket.AF_INET6
    protocol = socket.IPPROTO_ICMPV6 if newer else socket.IPPROTO_ICMP
    identifier = os.getpid() & 0xFFFF
    with socket.socket(family, socket.SOCK_RAW, protocol) as wire:
        wire.settimeout(TIMEOUT_S)
        wire.connect((address, 0))
        for sequence in range(1, script.echoes + 1):
            body = struct.pack("!HHQ", identifier, sequence, time.time_ns()) + bytes(range(48))
            wire.send(_echo_request(newer, body))
            while not _is_reply(newer, wire.recv(2048), body):
                pass
            time.sleep(script.pause_s)


def _echo_request(newer: bool, body: bytes) -> bytes:
    """The message; its checksum in IPv6 is computed by the kernel, which knows the addresses."""
    if newer:
        return struct.pack("!BBH", _ECHO_REQUEST_V6, 0, 0) + body
    total = sum(struct.unpack(f"!{len(body) // 2}H", body)) + (_ECHO_REQUEST << 8)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBH", _ECHO_REQUEST, 0, total ^ 0xFFFF) + body


def _is_reply(newer: bool, octets: bytes, body: bytes) -> bool:
    """Whether the octets, which over IPv4 begin with the IP header, are the reply to `body`."""
    start = 0 if newer else 4 * (octets[0] & 15)
    kind = _ECHO_REPLY_V6 if newer else _ECHO_REPLY
    return octets[start] == kind and octets[start + 4 :] == body


def _ask_for_the_time(address: str, script: Script) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as clock:
        clock.settimeout(TIMEOUT_S)
        clock.connect((address, TIME_PORT))
        for _ in range(script.questions):
            clock.send(b"")
            clock.recv(64)
            time.sleep(script.pause_s)


def _get_the_page(address: str) -> None:
    with socket.create_connection((address, HTTP_PORT), TIMEOUT_S) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        while connection.recv(65536):
            pass
