"""The fixtures `capture`, `capture_on`, `loopback` and `lab`, with real packets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

import rawlab

pytest_plugins = "pytester"
pytestmark = pytest.mark.usefixtures("hosts")

HEAD = """
import socket
import threading
import time

import pytest

from dissectors import DNS, ICMP, IPv4, TCP, UDP
from rawlab.testing import assert_packet, expect

def send(octets=b"hello", port=5999):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(octets, ("127.0.0.1", port))
"""


def run(pytester: pytest.Pytester, test: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(test_x=HEAD + "\n" + test)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.pcapng"))


def test_what_passes(pytester: pytest.Pytester) -> None:
    temporary = pytester.path / "temporary"
    run(pytester, """
def test_packets_are_there_at_once(loopback, capture):
    for number in range(50):
        send(b"%d" % number)
        expect(capture.packets[-2:], [UDP(dstport=5999) / (b"%d" % number), ICMP()], only=True)
    assert len(capture) == 100
    assert capture.counts.dropped == 0

def test_waiting(loopback, capture):
    threading.Timer(0.2, send).start()
    first = capture.wait_for("udp.dstport == 5999", timeout_s=5)
    send()
    second = capture.wait_for(UDP(dstport=5999), timeout_s=5, after=first)
    assert second.number > first.number
    assert capture.wait_for(UDP) == first
    assert capture.wait_for(lambda packet: b"hello" in packet.octets) == first

@pytest.mark.capture(filter="udp port 53")
def test_a_capture_filter(loopback, capture):
    send(port=5999)
    send(port=53)
    assert [packet.udp.dstport for packet in capture] == [53]

def test_tcp_of_unchanged_code(loopback, capture):
    with socket.create_server(("127.0.0.1", 80)) as server:
        client = socket.create_connection(("127.0.0.1", 80))
        accepted, _ = server.accept()
        accepted.close()
        client.close()
    capture.wait_for(TCP(flags="FA", srcport=80))
    expect(capture.packets, [TCP(flags="S"), TCP(flags="SA", srcport=80), TCP(flags="A")])

def test_virtual_hosts(lab, capture_on):
    a, b = lab.host("a"), lab.host("b")
    link = lab.link(a, b)
    near, far = (capture_on("eth0", filter="udp", host=host) for host in (a, b))
    with a.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", (link.second.ipv4, 9))
    for tap in (near, far):
        assert_packet(tap.wait_for("udp"), IPv4(dst=link.second.ipv4) / UDP(dstport=9) / b"x")
""", f"--basetemp={temporary}").assert_outcomes(passed=5)
    assert kept(pytester.path) == []
    assert not temporary.exists() or list(temporary.iterdir()) == []


def test_the_machines_own_loopback(pytester: pytest.Pytester) -> None:
    from rawlab.capture.checks import check_ring

    found = check_ring()
    if not found.ok:
        pytest.skip(f"packets cannot be captured here: {found.what}")
    run(pytester, """
@pytest.mark.capture(filter="udp dst port 5997")
def test_x(capture):
    send(b"here", 5997)
    expect(capture, [UDP(dstport=5997) / b"here"], only=True)
""").assert_outcomes(passed=1)


def test_a_failure_is_kept_and_told(pytester: pytest.Pytester) -> None:
    result = run(pytester, """
def test_fails(loopback, capture):
    send(b"")
    capture.wait_for("icmp")
    assert_packet(capture.packets[0], UDP(dstport=6000))
""", "--basetemp=temporary")
    result.assert_outcomes(failed=1)
    (path,) = kept(pytester.path / "temporary")
    result.stdout.fnmatch_lines([
        ">*assert_packet(capture.packets[[]0], UDP(dstport=6000))",
        "E *AssertionError: packet 1 is not UDP(dstport=6000): 1 of 1 field differs",
        "E *! udp.dstport  want 6000, got 5999",
        "*- rawlab: packets on lo -*",
        "2 packets captured on lo",
        f"kept in {path}",
        "*1 *127.0.0.1:* > 127.0.0.1:5999 UDP length 8, 42 octets",
        "*2 * ICMP destination unreachable*",
    ])
    assert [packet.ip.proto for packet in rawlab.read(path)] == [17, 1]
    assert not [line for line in result.outlines if "comparing.py" in line], "our own frames"


def test_failures_are_kept_where_it_is_said(pytester: pytest.Pytester) -> None:
    run(pytester, """
@pytest.mark.parametrize("name", ["a", "b/../c"])
def test_fails(loopback, capture, name):
    send()
    assert not name

def test_passes(loopback, capture):
    send()
""", "--rawlab-captures=kept/here").assert_outcomes(failed=2, passed=1)
    assert [path.name for path in kept(pytester.path)] == [
        "test_x.py-test_fails-a-1-lo.pcapng", "test_x.py-test_fails-b-..-c-1-lo.pcapng"]
    assert {path.parent for path in kept(pytester.path)} == {pytester.path / "kept" / "here"}


def test_only_the_last_packets_are_told(pytester: pytest.Pytester) -> None:
    result = run(pytester, """
def test_fails(loopback, capture):
    for _ in range(30):
        send()
    assert False
""")
    result.stdout.fnmatch_lines(
        ["60 packets captured on lo", "kept in *", "*(50 before)", "* 51 *"])
    assert sum("127.0.0.1" in line for line in result.outlines) == 10


def test_waiting_in_vain(pytester: pytest.Pytester) -> None:
    result = run(pytester, """
def test_nothing(loopback, capture):
    capture.wait_for("tcp", timeout_s=0.1)

def test_something_else(loopback, capture):
    send()
    capture.wait_for(TCP(flags="S"), timeout_s=0.1)

def test_wrong_filter(loopback, capture):
    capture.wait_for("udp.dstprot == 53")
""")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines([
        "E *no packet on lo is 'tcp' (waited 0.1 s): there were no packets at all",
        "E *no packet on lo is TCP(flags='S') (waited 0.1 s), but 2 packets came:",
        "E *1 *127.0.0.1:5999*",
        "E *FilterError: *",
    ])


@pytest.mark.parametrize(("marker", "told"), [
    ('"loo"', "no interface is named 'loo'; did you mean lo? *"),
    ('filter="udp prt 53"', "capture filter 'udp prt 53' *"),
    ('fliter="udp"', "marker capture(*): got an unexpected keyword argument 'fliter'"),
])
def test_a_wrong_marker(pytester: pytest.Pytester, marker: str, told: str) -> None:
    result = run(pytester, f"""
@pytest.mark.capture({marker})
def test_x(loopback, capture):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


def test_fixtures_in_any_order(pytester: pytest.Pytester) -> None:
    """The interface goes before the capture does; the network comes after it was asked for."""
    run(pytester, """
def test_the_lab_ends_first(capture_on, lab):
    a, b = lab.host("a"), lab.host("b")
    lab.link(a, b)
    capture_on("eth0", host=a)
    lab.close()

def test_the_network_is_named_last(capture, loopback):
    send()
    expect(capture.packets, [UDP(dstport=5999), ICMP], only=True)
""").assert_outcomes(passed=2)


def test_a_failure_at_the_end_is_kept_too(pytester: pytest.Pytester) -> None:
    result = run(pytester, """
@pytest.fixture
def checked():
    yield
    assert False

def test_passes(checked, loopback, capture):
    send()
""", "--rawlab-captures=kept")
    result.assert_outcomes(passed=1, errors=1)
    assert len(list(rawlab.read(*kept(pytester.path)))) == 2


def test_recorded_time_does_not_stop_a_capture(pytester: pytest.Pytester, captures: Path) -> None:
    run(pytester, f"""
def test_both(loopback, capture, replay_capture):
    def handle(packet):
        time.sleep(3600)
        send()
        assert len(capture.packets) == 2 * packet.number
    replay_capture("{captures / "arp.pcap"}", handle, patch_time=True)
    capture.wait_for("udp", 0.1)
""").assert_outcomes(passed=1)


def test_a_burst_is_captured_whole(pytester: pytest.Pytester) -> None:
    run(pytester, """
def test_burst(loopback, capture):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 5999))
        for number in range(20_000):
            receiver.sendto(b"%d" % number, ("127.0.0.1", 5999))
    assert [int(packet.payload) for packet in capture.packets] == list(range(20_000))
    assert capture.counts.dropped == 0
""").assert_outcomes(passed=1)


def test_a_folder_that_cannot_be_made(pytester: pytest.Pytester) -> None:
    (pytester.path / "taken").write_text("a file")
    result = run(pytester, """
def test_fails(loopback, capture):
    send()
    assert False
""", "--rawlab-captures=taken")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["they could not be kept: *taken*"])


def test_sockets_are_inside_only_meanwhile(pytester: pytest.Pytester) -> None:
    """The port is free in the new network, and taken outside."""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]
        run(pytester, f"""
import asyncio

def test_inside(loopback):
    with socket.create_server(("127.0.0.1", {port})):
        pass
    here, there = socket.socketpair()
    here.close(), there.close()

def test_an_event_loop(loopback, capture):
    async def talk():
        async def answer(reader, writer):
            writer.write((await reader.readline()).upper())
            writer.close()
        server = await asyncio.start_server(answer, "127.0.0.1", {port})
        reader, writer = await asyncio.open_connection("127.0.0.1", {port})
        writer.write(b"hello\\n")
        answered = await reader.readline()
        writer.close()
        server.close()
        return answered
    assert asyncio.run(talk()) == b"HELLO\\n"
    assert_packet(capture.wait_for(TCP(srcport={port}) / b"HELLO\\n"), TCP)

def test_outside():
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", {port}))
""").assert_outcomes(passed=3)


def test_a_protocol_of_ones_own(pytester: pytest.Pytester, root: Path) -> None:
    run(pytester, f"""
import rawlab

@pytest.fixture
def rawlab_registry():
    registry = rawlab.default_registry().extended()
    rawlab.load_file("{root / "examples" / "sensor.py"}", registry)
    return registry

def test_decoded(loopback, capture):
    send(bytes.fromhex("01 0007"), port=9900)
    assert capture.wait_for("sensor.serial == 7").sensor.version == 1
""").assert_outcomes(passed=1)
