"""`rawlab fuzz` against real receivers: servers that break, parsers that die."""

from __future__ import annotations

import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rawlab
from cli.running import PROGRAM
from dissectors import ARP, UDP, Ethernet, IPv4
from rawlab.files.file_batch import FileBatch
from rawlab.fuzz import Fuzzer
from rawlab.plugins import default_registry

PROTOCOL = '''
from rawlab.schema import *
class Sample(Header, name="sample"):
    """Sample."""
    kind: U8 = U8(default=1)
    level: U8 = U8(default=0)
    word: U16 = U16(default=7)
'''
ETH_P_ALL = 3
FAILS_AT = 200
SERVER = f'''
import socket, sys
kind = getattr(socket, sys.argv[1])
s = socket.socket(socket.AF_INET, kind)
s.bind(("127.0.0.1", 0))
if kind == socket.SOCK_STREAM: s.listen(50)
print(s.getsockname()[1], flush=True)
def octets():
    if kind == socket.SOCK_DGRAM:
        return s.recvfrom(65536)
    c, _ = s.accept()
    with c:
        data = c.recv(65536)
    return data, None
while True:
    data, where = octets()
    if len(data) > 1 and data[:6] != b"rawlab" and data[1] >= {FAILS_AT}:
        raise SystemExit(3)
    if where: s.sendto(b"ok", where)
'''

@pytest.fixture
def protocol(tmp_path: Path) -> str:
    path = tmp_path / "sample.py"
    path.write_text(PROTOCOL)
    return str(path)


@pytest.fixture(params=["SOCK_DGRAM", "SOCK_STREAM"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that ends over a `level` of 200 or more; its target."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, request.param],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    yield f"{'udp' if request.param == 'SOCK_DGRAM' else 'tcp'}://127.0.0.1:{port}"
    process.kill()
    process.wait()
    process.stdout.close()


def fuzz(protocol: str, *words: str) -> tuple[int, str]:
    done = subprocess.run([*PROGRAM, "fuzz", "sample", "--protocol", protocol, *words],
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def saved(path: Path) -> list[tuple[bytes, str]]:
    """The packets of a file and their comments."""
    found = []
    with rawlab.read(path) as capture:
        for batch in capture.batches():
            assert isinstance(batch, FileBatch)
            found += [(packet.octets, " ".join(batch.comments(row)))
                      for row, packet in enumerate(batch)]
    return found


@pytest.mark.parametrize("every", [1, 10])
def test_a_server_that_ends_is_noticed(
    protocol: str, server: str, every: int, tmp_path: Path
) -> None:
    path = tmp_path / "found.pcapng"
    status, told = fuzz(protocol, "--to", server, "--monitor", server, "--every", str(every),
                        "--save", str(path))
    assert status == 1, told
    assert "1 failure" in told
    assert "to repeat it: rawlab fuzz Sample" in told
    found = saved(path)
    guilty = [(octets, text) for octets, text in found if octets[1] >= FAILS_AT]
    assert guilty, found
    assert all("seed 1, number " in text for _, text in found)
    if every == 1 and server.startswith("tcp"):
        assert len(found) == 1
        assert "sample.level = " in found[0][1]


def test_what_does_not_fail_is_left_with_success(protocol: str, server: str) -> None:
    status, told = fuzz(protocol, "--to", server, "--monitor", server, "-c", "15")
    assert (status, "15 packets delivered" in told, "0 failures" in told) == (0, True, True), told


PARSER = ("import os, sys; d = sys.stdin.buffer.read();"
          f" os.kill(os.getpid(), 11) if len(d) > 1 and d[1] >= {FAILS_AT} else 0")


def parser() -> str:
    return "exec:" + shlex.join([sys.executable, "-c", PARSER])


def test_a_parser_that_dies_and_how_to_repeat_it(protocol: str, tmp_path: Path) -> None:
    path = tmp_path / "found.pcapng"
    status, told = fuzz(protocol, "--to", parser(), "--save", str(path))
    assert status == 1
    assert "ended by SIGSEGV, after packet" in told
    ((octets, text),) = saved(path)
    assert octets[1] >= FAILS_AT
    assert text in told.replace(", after packet", "") or "SIGSEGV" in text
    repeat = shlex.split(told.rpartition("to repeat it: ")[2])
    again = subprocess.run([*PROGRAM, *repeat[1:], "--save", str(tmp_path / "again.pcapng")],
                           capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 1
    assert "1 packets delivered" in again.stderr
    assert saved(tmp_path / "again.pcapng") == [(octets, text)]


def test_it_goes_on_after_a_failure_when_told(protocol: str, tmp_path: Path) -> None:
    path = tmp_path / "found.pcapng"
    status, told = fuzz(protocol, "--to", parser(), "--keep-going", "-c", "60", "--save", str(path))
    assert status == 1
    assert "60 packets delivered" in told
    assert len(saved(path)) == told.count("failure: ") > 1


def test_a_parser_that_hangs_is_found_and_ended(protocol: str, tmp_path: Path) -> None:
    status, told = fuzz(protocol, "--to", "exec:sleep 3600", "--timeout-s", "0.3",
                        "--save", str(tmp_path / "found.pcapng"))
    assert status == 1
    assert "does not end within 0.3 s, after packet 1" in told


def test_ctrl_c_gives_the_report(protocol: str) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "fuzz", "sample", "--protocol", protocol, "--to", "exec:cat", "-c", "100000"],
        stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 0, told
    assert "delivered to exec:cat, 0 failures (interrupted)" in told


def test_packets_of_a_file_are_changed(protocol: str, tmp_path: Path) -> None:
    capture = tmp_path / "in.pcap"
    stack = Ethernet() / IPv4(dst="10.0.0.1") / UDP(dstport=9)
    packets = [rawlab.Packet(bytes(stack / octets)) for octets in (b"one", b"two")]
    rawlab.write(capture, packets)
    out = tmp_path / "out.pcapng"
    done = subprocess.run([*PROGRAM, "fuzz", "udp", "--from", str(capture), "-w", str(out),
                           "-c", "40"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = saved(out)
    assert len(found) == 40
    assert all(octets[8:] == (b"one", b"two")[i % 2] for i, (octets, _) in enumerate(found))
    done = subprocess.run([*PROGRAM, "fuzz", "dns", "--from", str(capture), "-w", str(out)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no packet in it holds DNS" in done.stderr


@pytest.mark.parametrize(("words", "status", "says"), [
    (["--to", "udp://192.0.2.1:9"], 1, "--i-own-this-network"),
    (["--to", "udp://127.0.0.1:9", "--monitor", "tcp://192.0.2.1:9"], 1, "--i-own-this-network"),
    (["-i", "nothing0"], 1, "nothing0 is not the loopback interface"),
    ([], 2, "say where to"),
    (["--to", "http://x"], 2, "--to: 'http://x' is none of udp://HOST:PORT"),
    (["--to", "exec:cat", "--monitor", "pid:x"], 2, "pid:NUMBER is wanted"),
    (["--to", "exec:no-such-command"], 1, "no-such-command: No such file"),
    (["--to", "exec:cat", "--monitor", "command:false"], 1, "before the first packet: false"),
])
def test_what_is_wrong_is_said_in_one_line(
    protocol: str, words: list[str], status: int, says: str
) -> None:
    got, told = fuzz(protocol, *words)
    assert (got, says in told, told.count("\n")) == (status, True, 1), told


def test_frames_go_out_on_an_interface() -> None:
    """On the loopback interface, which needs the capability CAP_NET_RAW."""
    try:
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(ETH_P_ALL))
    except PermissionError:
        pytest.skip("needs CAP_NET_RAW to open a packet socket")
    wanted = {case.octets for case in Fuzzer(
        ARP, seed=7, registry=default_registry(), root=Ethernet).cases(5)}
    with tap:
        tap.bind(("lo", ETH_P_ALL))
        tap.settimeout(5)
        done = subprocess.run([*PROGRAM, "fuzz", "arp", "-i", "lo", "-c", "5", "--seed", "7"],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "5 packets delivered to lo" in done.stderr
        while wanted:
            wanted.discard(tap.recv(65536))
