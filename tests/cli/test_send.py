"""`rawlab send` as a user types it."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.namespaces import Namespace, Wire, add_wire
from cli.running import PROGRAM, TIMEOUT_S, rawlab
from dissectors import TCP, UDP, Ethernet, IPv4
from dissectors.tcp_options import MaximumSegmentSize
from rawlab.files import read

PACKET = "Ethernet() / IPv4(src='10.0.0.1', dst='10.0.0.2') / UDP(srcport=1, dstport=9) / b'x'"
OCTETS = bytes(Ethernet() / IPv4(src="10.0.0.1", dst="10.0.0.2") / UDP(srcport=1, dstport=9) / b"x")


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A veth pair in a namespace of its own."""
    if shutil.which("ip") is None:
        pytest.skip("iproute2 (the command ip) is missing")
    made = Namespace()
    try:
        made.enter_new()
    except PermissionError:
        made.close()
        pytest.skip("making a network namespace needs CAP_SYS_ADMIN")
    yield add_wire(made)
    made.close()


def run(wire: Wire, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """`rawlab send -i FAR` inside."""
    return wire.namespace.run(lambda: rawlab("send", "-i", wire.far, *words, stdin=stdin))


def received(wire: Wire, count: int, *words: str, stdin: bytes = b"") -> list[bytes]:
    """What arrives when it is sent, which has to be `count` packets and no error."""
    with wire.namespace.sniff(wire.near, timeout_s=30, count=count) as sniffer:
        done = run(wire, *words, stdin=stdin)
        assert (done.returncode, done.stdout) == (0, b""), done.stderr
        assert done.stderr.decode().startswith(f"{count} packet{'' if count == 1 else 's'} sent (")
        assert done.stderr.endswith(b"\n0 packets refused\n")
        return [packet.octets for packet in sniffer]


@pytest.mark.parametrize("bypass", [(), ("--bypass",)])
def test_an_expression(wire: Wire, bypass: tuple[str, ...]) -> None:
    assert received(wire, 1, PACKET, *bypass) == [OCTETS]
    assert received(wire, 2000, PACKET, "--count", "2000", *bypass) == [OCTETS] * 2000


def test_several_expressions_lists_and_groups(wire: Wire) -> None:
    options = ("Ethernet() / IPv4(dst='10.0.0.2')"
               " / TCP(dstport=80, options=[MaximumSegmentSize(mss_val=1460)])")
    wanted = bytes(Ethernet() / IPv4(dst="10.0.0.2")
                   / TCP(dstport=80, options=(MaximumSegmentSize(mss_val=1460),)))
    got = received(wire, 4, PACKET, options, f"[{PACKET} for i in range(2)]")
    assert got == [OCTETS, wanted, OCTETS, OCTETS]


def test_hexadecimal(wire: Wire) -> None:
    spaced = OCTETS.hex(":")
    assert received(wire, 2, "--hex", OCTETS.hex(), "--hex", spaced) == [OCTETS, OCTETS]


def test_a_capture_file_and_standard_input(wire: Wire, captures: Path) -> None:
    wanted = [packet.octets for packet in read(captures / "arp.pcap")]
    assert received(wire, len(wanted), "-r", str(captures / "arp.pcap")) == wanted
    assert received(wire, 3 * len(wanted), "-r", "-", "--loop", "3",
                    stdin=(captures / "arp.pcap").read_bytes()) == 3 * wanted
    assert received(wire, 5, "-r", str(captures / "arp.pcap"), "-c", "5") == wanted[:5]


def test_what_is_refused_is_counted_and_the_status_is_1(wire: Wire) -> None:
    done = run(wire, f"[Ethernet(type=0x88b5) / bytes(1600), {PACKET}]", "-q")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[1:] == [
        "1 packet refused", "  1: Message too long (larger than the interface's MTU)"]


def test_quiet_says_nothing(wire: Wire) -> None:
    assert run(wire, "-q", PACKET).stderr == b""


def test_ctrl_c_ends_it_with_the_counts(wire: Wire) -> None:
    for rate in ((), ("--rate-pps", "0.01")):
        with wire.namespace.sniff(wire.near, timeout_s=TIMEOUT_S) as sniffer:
            words = [*PROGRAM, "send", "-i", wire.far, PACKET, "--loop", "0", *rate]
            sending = wire.namespace.run(lambda w=words: subprocess.Popen(  # type: ignore[misc]
                w, stderr=subprocess.PIPE))
            next(iter(sniffer))
            time.sleep(0.2)
            sending.send_signal(signal.SIGINT)
            _, said = sending.communicate(timeout=TIMEOUT_S)
            assert sending.returncode == 0
            lines = said.decode().splitlines()
            assert lines[-1] == "0 packets refused"
            sent = int(lines[-2].split()[0])
            counts = sniffer.counts
        assert counts.received == sent  # exact: every packet told of was there, and no other


def test_ctrl_c_ends_it_while_a_pipe_is_waited_for(wire: Wire, captures: Path) -> None:
    words = [*PROGRAM, "send", "-i", wire.far, "-r", "-"]
    wanted = [packet.octets for packet in read(captures / "arp.pcap")]
    with wire.namespace.sniff(wire.near, timeout_s=TIMEOUT_S, count=len(wanted)) as sniffer:
        sending = wire.namespace.run(lambda: subprocess.Popen(
            words, stdin=subprocess.PIPE, stderr=subprocess.PIPE))
        assert sending.stdin is not None
        sending.stdin.write((captures / "arp.pcap").read_bytes())
        sending.stdin.flush()
        assert [packet.octets for packet in sniffer] == wanted
    sending.send_signal(signal.SIGINT)  # nothing more comes, nor does the pipe end
    assert sending.wait(TIMEOUT_S) == 0
    assert sending.stderr is not None
    said = sending.stderr.read().decode()
    sending.stdin.close()
    sending.stderr.close()
    assert said.startswith(f"{len(wanted)} packets sent")


def test_a_terminal_shows_how_far_it_is(wire: Wire) -> None:
    terminal, end = pty.openpty()
    words = [*PROGRAM, "send", "-i", wire.far, PACKET, "--loop", "0", "--rate-pps", "50"]
    sending = wire.namespace.run(lambda: subprocess.Popen(words, stderr=end))
    os.close(end)
    shown = b""
    while b" sent, 0 refused" not in shown:  # the line is there
        shown += os.read(terminal, 1000)
    sending.send_signal(signal.SIGINT)
    while b"0 packets refused" not in shown:
        shown += os.read(terminal, 1000)
    os.close(terminal)
    assert sending.wait(TIMEOUT_S) == 0
    assert b"\r\x1b[K" in shown
    assert b" packets/s, " in shown


def test_what_is_filled_in_reaches_a_program(wire: Wire) -> None:
    import socket

    with wire.namespace.open(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.bind(("127.0.0.1", 0))
        program.settimeout(20)
        port = program.getsockname()[1]
        packet = f"IPv4(dst='127.0.0.1') / UDP(srcport=5, dstport={port}) / b'x'"
        done = wire.namespace.run(lambda: rawlab("send", "--fill", packet))
        assert done.returncode == 0, done.stderr
        assert program.recvfrom(100) == (b"x", ("127.0.0.1", 5))


WRONG = [
    (("--fill", "--hex", "45"), 2, "--fill is about packets given as expressions"),
    (("-i", "lo", "Ethernt()"), 2, "no header is called Ethernt; did you mean Ethernet?"),
    (("-i", "lo", "Ethernet(dts='x')"), 2, "no field 'dts': did you mean 'dst'?"),
    (("-i", "lo", "Ethernet("), 2, "was never closed"),
    (("UDP(dstport=70000, srcport=1)",), 2, "udp.dstport: 70000 is not within 0 to 65535"),
    (("IPv4",), 2, "say IPv4()"),
    (("17",), 2, "a packet is wanted"),
    (("open('/etc/passwd')",), 2, "no header is called open"),
    ((PACKET,), 2, "say -i INTERFACE"),
    ((), 2, "which packets?"),
    (("-r", "x", "--hex", "00"), 2, "one place"),
    (("--hex", "xyz"), 2, "not hexadecimal"),
    (("--hex", "45", "--rate-pps", "0"), 2, "such as 1000, 10k"),
    (("-i", "lo", "-r", "missing.pcap"), 1, "missing.pcap: No such file"),
    (("-i", "nope0", PACKET), 1, "no interface is named 'nope0'"),
    (("-i", "lo", "IPv4(dst='127.0.0.1')", "--level", "link"), 1, "level ip"),
]


@pytest.mark.parametrize(("words", "status", "says"), WRONG, ids=str)
def test_a_mistake_is_one_line(words: tuple[str, ...], status: int, says: str) -> None:
    done = rawlab("send", *words)
    assert done.returncode == status, done.stderr
    assert says in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("words", [("-i", "lo", PACKET), ("IPv4(dst='127.0.0.1')",)], ids=str)
def test_without_privileges_the_remedy_is_named(words: tuple[str, ...]) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv (util-linux) is missing")
    unprivileged = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
    done = subprocess.run([*unprivileged, *PROGRAM, "send", *words], capture_output=True,
                          timeout=TIMEOUT_S, check=False)
    if b"setpriv:" in done.stderr:
        pytest.skip("becoming another user needs root")
    assert done.returncode == 1
    assert b"CAP_NET_RAW" in done.stderr
    assert done.stderr.count(b"\n") == 1
