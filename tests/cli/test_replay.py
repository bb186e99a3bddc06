"""`rawlab replay` as a user runs it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rawlab
from capture.namespaces import Namespace, Wire, add_wire
from cli.running import PROGRAM
from cli.running import rawlab as command
from dissectors import TCP, UDP, Ethernet, IPv4
from inject.replays import Listener, recorded


@pytest.fixture
def wire() -> Iterator[Wire]:
    if shutil.which("ip") is None:
        pytest.skip("iproute2 (the command ip) is missing")
    inside = Namespace()
    try:
        inside.enter_new()
    except PermissionError:
        inside.close()
        pytest.skip("making a network namespace needs CAP_SYS_ADMIN")
    yield add_wire(inside)
    inside.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.pcapng"
    packets = [Ethernet() / IPv4(src="10.1.0.1", dst="10.2.0.2")
               / UDP(srcport=5000, dstport=53 + n % 2) / bytes([n] * 20) for n in range(10)]
    rawlab.write(path, recorded(packets, *range(0, 100, 10)))
    return path


def run(wire: Wire, *words: object, stdin: bytes = b"") -> tuple[int, list[str]]:
    done = wire.namespace.run(lambda: command("replay", *map(str, words), stdin=stdin))
    assert done.stdout == b""
    return done.returncode, done.stderr.decode().splitlines()


def test_packets_go_out_and_the_report_comes(wire: Wire, file: Path) -> None:
    listener = Listener(wire.namespace, wire.near)
    status, lines = run(wire, file, "-i", wire.far, "--map-ip", "10.0.0.0/8=192.0.0.0/8",
                        "--map-port", "53=5353", "--src-mac", "02:00:00:00:00:01",
                        "-Y", "udp.dstport == 53", "udp", "and", "src", "port", "5000")
    assert status == 0
    assert lines[0].startswith("5 packets sent (310 octets in 0.0")
    assert lines[1] == "0 packets refused"
    assert lines[2].startswith("off the schedule: p50 ")
    found = [rawlab.Packet(frame) for frame in listener.frames()]
    assert [packet.octets[42] for packet in found] == [0, 2, 4, 6, 8]
    assert {(str(p.ip.src), p.udp.dstport, p.eth.src) for p in found} == {
        ("192.1.0.1", 5353, "02:00:00:00:00:01")}
    assert all(check.status == 1 for packet in found for check in packet.checksums)


def test_from_a_pipe_as_fast_as_can_be(wire: Wire, file: Path) -> None:
    status, lines = run(wire, "-", "-i", wire.far, "--topspeed", stdin=file.read_bytes())
    assert (status, len(lines)) == (0, 2)
    assert run(wire, "-r", file, "-i", wire.far, "-q", "--loop", "3", "--rate-pps", "1k") == (0, [])


def test_two_interfaces(wire: Wire, tmp_path: Path) -> None:
    other = add_wire(wire.namespace)
    path = tmp_path / "y.pcap"
    there = Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2") / TCP(dstport=80, flags="S")
    back = Ethernet() / IPv4(src="10.0.0.2", dst="10.0.0.1") / TCP(srcport=80, dstport=0, flags="A")
    rawlab.write(path, recorded([there, back, back], 0, 1, 2))
    status, lines = run(wire, path, "-i", wire.far, "--server-interface", other.far)
    assert status == 0
    assert lines[1:3] == [f"  1 on {wire.far}", f"  2 on {other.far}"]


def test_a_cut_file_is_sent_as_far_as_it_goes(wire: Wire, file: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.pcapng"
    path.write_bytes(file.read_bytes()[:-5])
    status, lines = run(wire, path, "-i", wire.far)
    assert status == 1
    assert lines[0].startswith("9 packets sent")
    assert lines[-1].startswith(f"rawlab: {path}: cut at octet")


def test_an_interrupt_ends_it_with_the_report(wire: Wire, file: Path) -> None:
    words = [*PROGRAM, "replay", str(file), "-i", wire.far, "--speed", "0.001"]
    listener = Listener(wire.namespace, wire.near)
    process = wire.namespace.run(lambda: subprocess.Popen(words, stderr=subprocess.PIPE, text=True))
    deadline = time.monotonic() + 20
    while not listener.frames(1):
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=10)
    assert process.returncode == 0
    assert told.splitlines()[0].startswith("1 packet sent")
    assert "off the schedule" in told


@pytest.mark.parametrize(("words", "told"), [
    ("", "which file?"), ("FILE", "which interface?"),
    ("FILE -i lo --speed 2 --topspeed", "give one of --speed"), ("FILE -i lo --speed 0", "--speed"),
    ("FILE -i lo --client 10.0.0.1", "--server-interface"),
    ("FILE -i lo --server-interface lo --client x", "--client"),
    ("FILE -i lo --map-ip 10.0.0.1", "--map-ip"), ("FILE -i lo --map-port 80=x", "--map-port"),
    ("FILE -i lo --src-mac 1", "--src-mac"), ("FILE -i lo udp prot 5", "did you mean proto"),
    ("FILE -i lo -Y udp.prt", "-Y"), ("FILE --to 127.0.0.1", "--stateful"),
    ("FILE --stateful", "--to"), ("FILE --stateful --to 127.0.0.1 -i lo", "--interface"),
    ("FILE --stateful --to 127.0.0.1:x", "a port is"), ("- -i lo --loop 2", "standard input"),
])
def test_mistakes_are_told(file: Path, words: str, told: str) -> None:
    done = command("replay", *words.replace("FILE", str(file)).split())
    assert done.returncode == 2, done.stderr
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert told in lines[0]


def test_what_fails_is_told(wire: Wire, file: Path) -> None:
    for words, told in (((file, "-i", "nix"), "no interface is named"),
                        (("nofile", "-i", wire.far), "nofile: No such file"),
                        ((file, "--stateful", "--to", "127.0.0.1"), "no TCP conversation")):
        status, lines = run(wire, *words)
        assert (status, len(lines)) == (1, 1)
        assert told in lines[0]
