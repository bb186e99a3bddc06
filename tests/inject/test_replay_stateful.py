"""Recorded clients against live servers: real HTTP servers on virtual hosts."""

from __future__ import annotations

import http.client
import http.server
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

import rawlab
from rawlab.batch import Batch
from rawlab.inject.batching import batch_of_octets
from rawlab.inject.reset_guard import ResetGuard
from rawlab.inject.stateful import StatefulReplayed, stateful_replay
from rawlab.lab import Host, Lab, LabUnavailable, Link

LARGE = bytes(range(256)) * 1000


@dataclass
class Net:
    lab: Lab
    a: Host
    b: Host
    link: Link


@pytest.fixture(scope="module")
def net() -> Iterator[Net]:
    try:
        lab = Lab()
    except LabUnavailable as problem:
        pytest.skip(str(problem))
    with lab:
        a, b = lab.host("a"), lab.host("b")
        yield Net(lab, a, b, lab.link(a, b))


class Pages(http.server.BaseHTTPRequestHandler):
    """Answers the same every time: no date, the requests' bodies and paths in the answer."""

    protocol_version = "HTTP/1.1"
    word = b"hello "

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.word + self.path.encode() + b" " + self.rfile.read(size)
        if self.path == "/large":
            body = LARGE
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


class OtherPages(Pages):
    word = b"hellO "


class ShortPages(Pages):
    word = b""


@contextmanager
def serving(
    host: Host, handler: type[Pages], family: socket.AddressFamily = socket.AF_INET
) -> Iterator[int]:
    """An HTTP server on a host; its port."""
    server = http.server.ThreadingHTTPServer(("", 0), handler, bind_and_activate=False)
    server.socket.close()
    server.address_family = family
    server.socket = host.socket(family, socket.SOCK_STREAM)
    server.socket.bind(("", 0))
    server.socket.listen(5)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()
        server.socket.close()
        thread.join()


def browse(opened: socket.socket) -> None:
    """What is recorded: three requests on one connection."""
    browser = http.client.HTTPConnection("server")
    browser.sock = opened
    for method, path, body in (("GET", "/one", None), ("POST", "/two", b"x" * 5000),
                               ("GET", "/large", None)):
        browser.request(method, path, body)
        browser.getresponse().read()
    browser.close()


@contextmanager
def recording(net: Net) -> Iterator[Callable[[], Batch]]:
    """Records what passes on the first host; the function gives it, as a capture file would."""
    opened = net.a.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    opened.bind(("eth0", 3))

    def taken() -> Batch:
        time.sleep(0.1)
        frames = []
        with suppress(BlockingIOError):
            while True:
                frames.append(opened.recv(1 << 17, socket.MSG_DONTWAIT))
        return batch_of_octets(frames, 1)

    with opened:
        yield taken


def record(net: Net, family: socket.AddressFamily = socket.AF_INET) -> Batch:
    address = net.link.second.ipv4 if family == socket.AF_INET else net.link.second.ipv6
    with serving(net.b, Pages, family) as port, recording(net) as taken:
        opened = net.a.socket(family, socket.SOCK_STREAM)
        opened.connect((str(address), port))
        browse(opened)
        return taken()


@pytest.fixture(scope="module")
def browsed(net: Net) -> Batch:
    return record(net)


def play(net: Net, batch: Batch, port: int, **how: object) -> StatefulReplayed:
    return stateful_replay(batch, (str(net.link.second.ipv4), port), opener=net.a.socket,
                           **how)  # type: ignore[arg-type]


def test_a_recorded_client_gets_the_same_from_the_same_server(net: Net, browsed: Batch) -> None:
    with serving(net.b, Pages) as port, recording(net) as taken:
        done = play(net, browsed, port)
        again = taken()
    assert done.divergences == ()
    assert done.complete
    assert done.sent_octets == done.recorded_octets > 5000
    assert done.received.count(b"HTTP/1.1 200 OK") == 3
    assert done.received.endswith(LARGE)
    assert done.retransmissions == 0
    flags = [packet.tcp.flags for packet in again if "tcp" in packet]
    assert not any(one.reset for one in flags)
    assert sum(bool(one.fin) for one in flags) == 2
    ours = [p for p in again if "tcp" in p and p.tcp.dstport == port]
    assert all(check.status == 1 for packet in ours for check in packet.checksums)
    stamps = [o.tsval for p in ours for o in p.tcp.options if o.option_kind == 8]
    assert len(stamps) == len(ours)
    assert stamps == sorted(stamps)


def test_over_ipv6(net: Net) -> None:
    batch = record(net, socket.AF_INET6)
    with serving(net.b, Pages, socket.AF_INET6) as port:
        done = stateful_replay(batch, (str(net.link.second.ipv6), port), opener=net.a.socket)
    assert (done.divergences, done.complete) == ((), True)
    assert done.received.endswith(LARGE)


def test_the_first_octet_that_differs_is_told(net: Net, browsed: Batch) -> None:
    with serving(net.b, OtherPages) as port:
        done = play(net, browsed, port)
    assert done.complete
    (found,) = done.divergences
    assert found.kind == "different"
    assert found.offset == done.received.index(b"hellO") + 4
    assert (found.want[:4], found.got[:4]) == (b"o /o", b"O /o")


def test_what_is_missing_is_waited_for_once_and_told(net: Net, browsed: Batch) -> None:
    with serving(net.b, ShortPages) as port:
        done = play(net, browsed, port, timeout_s=0.5)
    assert done.complete
    kinds = [one.kind for one in done.divergences]
    assert kinds[0] == "different"
    assert "timeout" in kinds or "shorter" in kinds
    assert done.received.endswith(LARGE)


def one_shot(host: Host, act: Callable[[socket.socket], None]) -> tuple[int, threading.Thread]:
    """A server of one connection; its port."""
    listening = host.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(("", 0))
    listening.listen(1)
    listening.settimeout(20)

    def serve() -> None:
        with listening, listening.accept()[0] as accepted:
            act(accepted)

    thread = threading.Thread(target=serve)
    thread.start()
    return listening.getsockname()[1], thread


def test_a_reset_is_told(net: Net, browsed: Batch) -> None:
    def act(accepted: socket.socket) -> None:
        accepted.recv(10)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    port, thread = one_shot(net.b, act)
    done = play(net, browsed, port)
    thread.join()
    assert [one.kind for one in done.divergences] == ["reset"]
    assert not done.complete


def test_a_server_that_ends_early_is_told(net: Net, browsed: Batch) -> None:
    def act(accepted: socket.socket) -> None:
        accepted.sendall(b"HTTP/1.1 200 OK\r\n")
        accepted.shutdown(socket.SHUT_WR)
        while accepted.recv(1 << 16):
            pass

    port, thread = one_shot(net.b, act)
    done = play(net, browsed, port)
    thread.join()
    assert [(one.kind, one.offset) for one in done.divergences] == [("shorter", 17)]
    assert done.complete


def test_a_closed_port_resets_and_nobody_at_all_is_silent(net: Net, browsed: Batch) -> None:
    done = play(net, browsed, 9)
    assert [(one.kind, one.offset) for one in done.divergences] == [("reset", 0)]
    with ResetGuard(str(net.link.second.ipv4), opener=net.b.socket) as guard:
        done = play(net, browsed, guard.port, timeout_s=1.0)
    assert [one.kind for one in done.divergences] == ["unanswered"]
    assert done.retransmissions >= 1
    assert not done.complete


def test_a_guarded_port_is_silent_and_then_resets_again(net: Net) -> None:
    address = str(net.link.second.ipv4)
    guard = ResetGuard(address, opener=net.b.socket)
    with net.a.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(0.4)
        with pytest.raises(TimeoutError):
            client.connect((address, guard.port))
    with pytest.raises(OSError, match="in use"):
        ResetGuard(address, guard.port, opener=net.b.socket)
    guard.close()
    with net.a.socket(socket.AF_INET, socket.SOCK_STREAM) as client, pytest.raises(
        ConnectionRefusedError
    ):
        client.connect((address, guard.port))


def test_on_the_command_line(net: Net, browsed: Batch, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    rawlab.write(path, browsed)
    for handler, told in ((Pages, "the server sent what was recorded"),
                          (OtherPages, "diverged: at octet ")):
        with serving(net.b, handler) as port:
            server = f"{net.link.second.ipv4}:{port}"
            done = net.a.run(sys.executable, "-m", "rawlab", "replay", str(path), "--stateful",
                             "--to", server, "tcp", timeout_s=30, environment=environment())
        lines = done.stderr.decode().splitlines()
        assert done.returncode == 0, lines
        assert f"octets sent to {net.link.second.ipv4} port {port}" in lines[0]
        assert lines[1].startswith(told)
    done = net.a.run(sys.executable, "-m", "rawlab", "replay", str(path), "--stateful", "--to",
                     f"{net.link.second.ipv4}:9", timeout_s=30, environment=environment())
    assert done.returncode == 1
    assert b"reset the connection" in done.stderr


def environment() -> dict[str, str]:
    """The tests' own environment, in which a new Python finds the same rawlab."""
    return {**os.environ, "PYTHONPATH": str(Path(rawlab.__file__).parent.parent)}


def test_what_cannot_be_played_is_an_error(net: Net, browsed: Batch) -> None:
    with pytest.raises(ValueError, match="no TCP conversation"):
        play(net, browsed.where("tcp.flags.syn == 0"), 80)
    with pytest.raises(ValueError, match="lacks something"):
        play(net, browsed.pick([p for p in range(len(browsed)) if not (
            "tcp" in browsed[p] and browsed[p].octets.count(b"GET /one"))]), 80)
    with pytest.raises(ValueError, match="is of IPv"):
        stateful_replay(browsed, "[::1]:80", opener=net.a.socket)
    cut = [rawlab.Packet(p.octets[:76], length=p.caplen) for p in browsed]
    with pytest.raises(ValueError, match="was cut"):
        play(net, cut, 80)  # type: ignore[arg-type]
