"""`rawlab ping`, `traceroute` and `arping` on hosts of a lab, and what they say where it fails."""

from __future__ import annotations

import itertools
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asking.test_exchange import MB
from cli.running import PROGRAM, rawlab
from lab.pair import Pair
from rawlab.lab import Host, Lab

TIME = r"\d+\.\d{3} ms"


def run(host: Host, *words: str) -> tuple[int, str, str]:
    """`rawlab WORDS` on a host: its status, and what it printed."""
    done = host.run(sys.executable, "-m", "rawlab", *words, timeout_s=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("address", ["10.0.1.2", "fd00:0:0:1::2"])
def test_ping(pair: Pair, address: str) -> None:
    status, printed, complaint = run(pair.a, "ping", "-c", "3", "-i", "0.05", address)
    assert (status, complaint) == (0, "")
    lines = printed.splitlines()
    assert lines[0] == f"PING {address} ({address}): 56 octets of data"
    for number, line in enumerate(lines[1:4], 1):
        assert re.fullmatch(
            rf"64 octets from {address}: seq={number} ttl=64 time={TIME}", line), line
    assert lines[5] == f"--- {address} ping statistics ---"
    assert lines[6].startswith("3 packets transmitted, 3 received, 0% packet loss, time ")
    assert re.fullmatch(r"rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms", lines[7])


def test_ping_of_nobody(pair: Pair) -> None:
    status, printed, _ = run(pair.a, "ping", "-c", "2", "-i", "0", "-W", "0.1", "10.0.1.77")
    assert status == 1
    assert "no answer: seq=2" in printed
    assert "2 packets transmitted, 0 received, 100% packet loss" in printed
    status, printed, complaint = run(pair.a, "ping", "-c", "1", "192.0.2.1")
    assert (status, printed) == (1, "")
    assert complaint == ("rawlab: no route to 192.0.2.1: Network is unreachable;"
                         " ip route shows those that there are\n")


def test_a_request_that_is_too_large(pair: Pair) -> None:
    status, _, complaint = run(pair.a, "ping", "-c", "1", "-s", "3000", "10.0.1.2")
    assert status == 1
    assert complaint == (
        "rawlab: the kernel refused the request: Message too long; it is larger than the MTU\n")


def test_ping_ends_with_its_statistics_when_interrupted(pair: Pair) -> None:
    process = subprocess.Popen([*PROGRAM, "ping", "-i", "30", "127.0.0.1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = [process.stdout.readline() for _ in range(2)]
    status = Path(f"/proc/{process.pid}/status")
    if process.poll() is None:
        assert "CapEff:\t0000000000000000" in status.read_text(), "privileges are given up"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    printed, complaint = process.communicate(timeout=20)
    if "CAP_NET_RAW" in complaint:
        pytest.skip("a packet socket cannot be opened: CAP_NET_RAW is missing")
    assert "64 octets from 127.0.0.1: seq=1" in first[1]
    assert "1 packets transmitted, 1 received" in printed
    assert (process.returncode, complaint) == (0, "")


def test_arping(pair: Pair) -> None:
    for address in ("10.0.1.2", "fd00:0:0:1::2"):
        status, printed, complaint = run(
            pair.a, "arping", "-i", "eth0", "-c", "2", "-W", "0.3", address)
        assert (status, complaint) == (0, "")
        lines = printed.splitlines()
        assert re.fullmatch(rf"{address} is at {MB} time={TIME}", lines[0])
        assert lines[-1] == "2 asked, 2 answered"
    status, printed, _ = run(pair.a, "arping", "-i", "eth0", "-c", "1", "-W", "0.1", "10.0.1.77")
    assert (status, printed) == (1, "10.0.1.77: no answer\n1 asked, 0 answered\n")


@pytest.fixture
def way(lab: Lab) -> Lab:
    """a - first - second - b, in which the two in the middle forward, by IPv4 and IPv6."""
    hosts = [lab.host(name) for name in ("a", "first", "second", "b")]
    for one, other in itertools.pairwise(hosts):
        lab.link(one, other)
    for router in hosts[1:3]:
        for switch in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            done = router.run("sh", "-c", f"echo 1 > /proc/sys/net/{switch}")
            if done.returncode:
                pytest.skip(f"/proc/sys/net/{switch} cannot be written in a namespace: forwarding "
                            "is missing")
    for host, default in ((hosts[0], "1::2"), (hosts[1], "2::2"), (hosts[2], "2::1"),
                          (hosts[3], "3::1")):
        link, _, end = default.partition("::")
        host.run("ip", "route", "add", "default", "via", f"10.0.{link}.{end}")
        host.run("ip", "-6", "route", "add", "default", "via", f"fd00:0:0:{default}")
    return lab


@pytest.mark.parametrize("method", ["udp", "icmp", "tcp"])
def test_traceroute_through_two_routers(way: Lab, method: str) -> None:
    for address, hops in (
        ("10.0.3.2", ["10.0.1.2", "10.0.2.2", "10.0.3.2"]),
        ("fd00:0:0:3::2", ["fd00:0:0:1::2", "fd00:0:0:2::2", "fd00:0:0:3::2"]),
    ):
        status, printed, complaint = run(
            way.hosts["a"], "traceroute", "-M", method, "-q", "1", "-W", "1", address)
        assert (status, complaint) == (0, "")
        head, *lines = printed.splitlines()
        assert head == f"traceroute to {address} ({address}), 30 hops at most, by {method}"
        assert [line.split()[:2] for line in lines] == [
            [str(number), hop] for number, hop in enumerate(hops, 1)]
        assert all(re.search(rf"  {TIME}$", line) for line in lines)


def test_traceroute_to_where_nothing_is(way: Lab) -> None:
    status, printed, _ = run(way.hosts["a"], "traceroute", "-q", "2", "-m", "3", "-W", "0.3",
                             "198.51.100.1")
    lines = printed.splitlines()
    assert status == 1
    assert [line.split()[1] for line in lines[1:3]] == ["10.0.1.2", "10.0.2.2"]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        (("ping", "no such host"), 1, "no such host: no address is known"),
        (("ping", "-4", "-6", "::1"), 2, "-4 and -6 exclude each other"),
        (("ping", "-c", "0", "::1"), 2, "0 is not in the range x>=1"),
        (("ping", "-W", "0", "::1"), 2, "0.0 is not in the range"),
        (("ping",), 2, "Missing argument 'HOST'"),
        (("arping", "::1"), 2, "Missing option '-i'"),
        (("arping", "-i", "eth77", "127.0.0.1"), 1, "no interface is named 'eth77'"),
        (("traceroute", "-M", "sctp", "::1"), 2, "'sctp' is not one of"),
        (("traceroute", "-f", "9", "-m", "3", "::1"), 2, "-f 9 is beyond -m 3"),
        (("pign", "::1"), 2, "did you mean ping?"),
    ],
    ids=str,
)
def test_mistakes_are_one_line(words: tuple[str, ...], status: int, complaint: str) -> None:
    done = rawlab(*words)
    assert done.returncode == status
    said = done.stderr.decode()
    assert complaint in said
    assert said.count("\n") == 1


def test_without_privileges() -> None:
    done = subprocess.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", "--bounding-set", "-all",
         *PROGRAM, "ping", "-c", "1", "127.0.0.1"],
        capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    if "setpriv" in done.stderr or "No module" in done.stderr:
        pytest.skip(f"another user cannot run rawlab here: {done.stderr.strip()} is missing")
    assert done.returncode == 1
    assert "CAP_NET_RAW" in done.stderr
    assert done.stderr.count("\n") == 1
