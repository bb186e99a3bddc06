"""Virtual hosts: what is inside, how they reach each other, and that nothing of them stays."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyroute2
import pytest

import rawlab
from lab.pair import Pair
from rawlab.lab import Lab, LabUnavailable, LinkOptions, available

LINGERING = """
import sys, time
from rawlab.lab import Lab
with Lab() as lab:
    host = lab.host("a")
    host.run("sh", "-c", "setsid sh -c 'setsid sleep 1000 &' &")   # orphaned on purpose
    host.start_program("sleep", "1000")
    print(host.call(__import__("os").stat, "/proc/self/ns/net").st_ino, flush=True)
    {then}
"""


def own_namespace() -> int:
    return os.stat("/proc/self/ns/net").st_ino


def interfaces() -> list[str]:
    return sorted(name for _, name in socket.if_nameindex())


def fail(why: str) -> None:
    raise LookupError(why)


def inode(path: str) -> int:
    return os.stat(path).st_ino


def processes_in(namespace: int) -> list[int]:
    """The processes that live in a network namespace, by its inode."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.stat(entry / "ns/net").st_ino == namespace:
                found.append(int(entry.name))
        except OSError:
            pass  # it has ended meanwhile
    return found


def await_processes(namespace: int, wanted: range) -> None:
    """Waits until the number of processes in a namespace is in a range; fails after 5 s."""
    deadline = time.monotonic() + 5
    while len(processes_in(namespace)) not in wanted:
        assert time.monotonic() < deadline, processes_in(namespace)
        time.sleep(0.01)


def environment() -> dict[str, str]:
    """The tests' own environment, in which a new Python finds the same rawlab."""
    return {**os.environ, "PYTHONPATH": str(Path(rawlab.__file__).parent.parent)}


def test_a_host_has_a_network_of_its_own(pair: Pair) -> None:
    before = own_namespace()
    assert pair.a.call(socket.gethostname) == "a"
    assert pair.a.call(interfaces) == ["eth0", "lo"]
    spaces = {before, pair.a.call(own_namespace), pair.b.call(own_namespace)}
    assert len(spaces) == 3
    assert own_namespace() == before


def test_sockets_opened_inside_are_used_outside(pair: Pair) -> None:
    for family, address in (
        (socket.AF_INET, pair.link.second.ipv4),
        (socket.AF_INET6, pair.link.second.ipv6),
    ):
        with pair.b.socket(family) as server, pair.a.socket(family) as client:
            server.bind((address, 8000))
            server.listen()
            client.settimeout(5)
            client.connect((address, 8000))
            accepted, _ = server.accept()
            with accepted:
                accepted.sendall(b"over the wire")
                assert client.recv(100) == b"over the wire"


def test_frames_are_sent_and_seen(pair: Pair) -> None:
    anything = socket.htons(3)
    frame = bytes.fromhex("ffffffffffff 020000000101 88b5") + bytes(50)
    with (
        pair.a.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender,
        pair.b.socket(socket.AF_PACKET, socket.SOCK_RAW, anything) as receiver,
    ):
        sender.bind(("eth0", 0))
        receiver.bind(("eth0", 3))
        receiver.settimeout(5)
        sender.send(frame)
        while receiver.recv(2000) != frame:
            pass


def test_several_links_and_given_addresses(pair: Pair) -> None:
    third = pair.lab.host("c")
    link = pair.lab.link(
        pair.b, third, (["192.0.2.1/30"], ["192.0.2.2/30"]), LinkOptions(mtu=9000)
    )
    assert (link.first.interface, link.second.interface) == ("eth1", "eth0")
    assert link.second.ipv4 == "192.0.2.2"
    with pytest.raises(LookupError):
        _ = link.second.ipv6
    with pair.b.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("192.0.2.1", 7))
        with third.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(bytes(8000), ("192.0.2.1", 7))
            one.settimeout(5)
            assert one.recvfrom(9000)[1][0] == "192.0.2.2"


def test_an_interface_is_named_once(pair: Pair) -> None:
    with pytest.raises(ValueError, match="'a'"):
        pair.lab.host("a")


def test_what_a_call_raises_is_raised_with_its_place(pair: Pair) -> None:
    with pytest.raises(LookupError, match="such is life") as caught:
        pair.a.call(fail, "such is life")
    assert "in fail" in caught.value.__notes__[0]


def test_a_call_cannot_be_of_a_function_nobody_else_finds(pair: Pair) -> None:
    with pytest.raises(TypeError, match="top"):
        pair.a.call(lambda: None)


def test_a_call_whose_process_dies_says_so(pair: Pair) -> None:
    with pytest.raises(ChildProcessError, match="status 7"):
        pair.a.call(os._exit, 7)


def test_large_values_pass(pair: Pair) -> None:
    assert pair.a.call(bytes, 5_000_000) == bytes(5_000_000)


def test_calls_run_beside_each_other(pair: Pair) -> None:
    slow = pair.a.start(time.sleep, 60)
    assert pair.a.call(abs, -3) == 3
    with pytest.raises(TimeoutError):
        slow.result(timeout_s=0.01)
    slow.stop()


def test_programs(pair: Pair) -> None:
    done = pair.a.run("sh", "-c", "cat; echo oh >&2; exit 3", stdin=b"in")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"in", b"oh\n")
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        pair.a.run("no-such-program", environment={"PATH": "/usr/bin:/bin"})
    with pytest.raises(TimeoutError):
        pair.a.run("sleep", "60", timeout_s=0.01)


def test_a_program_is_told_to_end(pair: Pair) -> None:
    with pair.a.start_program("sleep", "60") as sleeping:
        sleeping.signal(signal.SIGTERM)
        assert sleeping.wait(timeout_s=5) == -signal.SIGTERM
        sleeping.signal(signal.SIGTERM)


def test_nothing_is_left_after_close() -> None:
    with Lab() as lab:
        host = lab.host("a")
        namespace = host.call(own_namespace)
        host.run("sh", "-c", "setsid sh -c 'setsid sleep 1000 &' &")
        await_processes(namespace, range(2, 9))
    assert processes_in(namespace) == []


@pytest.mark.parametrize("then", ["time.sleep(1000)", "raise SystemExit(3)"])
def test_nothing_is_left_of_a_lab_whose_maker_is_gone(then: str) -> None:
    script = LINGERING.format(then=then)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment()
    ) as maker:
        assert maker.stdout is not None
        namespace = int(maker.stdout.readline())
        if "sleep" in then:
            await_processes(namespace, range(3, 9))
            maker.kill()
        maker.wait()
        await_processes(namespace, range(1))


WITHOUT_RIGHTS = """
import socket
from rawlab.lab import Lab, available
assert "CapEff:\\t0000000000000000" in open("/proc/self/status").read()
assert available() is None, available()
with Lab() as lab:
    a, b = lab.host("a"), lab.host("b")
    link = lab.link(a, b)
    with b.socket() as server, a.socket() as client:
        server.bind((link.second.ipv4, 80))
        server.listen()
        client.connect((link.second.ipv4, 80))
print("done")
"""
NOBODY = 65534
TRIAL = """
import subprocess, sys
import pyroute2, rawlab.lab.keeper
subprocess.run([sys.executable, "-c", ""], check=True)   # setpriv itself may start any
"""


def anyone() -> tuple[list[str], dict[str, str]]:
    """How an ordinary user starts Python here, and in which environment: skips if there is no way.

    A Python below /root is root's alone; then the system's own will do, since lab needs no more.
    """
    path = [str(Path(module.__file__ or "").parent.parent) for module in (rawlab, pyroute2)]
    given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(path)}
    change = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    user = [] if os.geteuid() else change
    if user and not shutil.which("setpriv"):
        pytest.skip("setpriv (Debian: util-linux) is not installed")
    for python in (sys.executable, "/usr/bin/python3"):
        trial = [*user, python, "-c", TRIAL]
        if not subprocess.run(trial, capture_output=True, env=given, check=False).returncode:
            return [*user, python], given
    pytest.skip("there is no Python >= 3.11 here that ordinary users may run")


def test_as_an_ordinary_user() -> None:
    start, given = anyone()
    done = subprocess.run(
        [*start, "-c", WITHOUT_RIGHTS], capture_output=True, text=True, env=given, check=False
    )
    if "AssertionError: [Errno" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.stdout == "done\n", done.stderr


FORBIDDEN = """
from pathlib import Path
from rawlab.lab import Lab, LabUnavailable, available
from rawlab.lab.namespaces import CLONE_NEWUSER, unshare
unshare(CLONE_NEWUSER)         # a namespace of users whose limit may be set to nothing
Path("/proc/self/uid_map").write_text("0 {user} 1")
Path("/proc/sys/user/max_user_namespaces").write_text("0")
try:
    Lab(user_namespace=True)
except LabUnavailable as problem:
    print(problem)
"""


def test_a_reason_is_given_where_virtual_hosts_are_not_to_be() -> None:
    assert available() is None
    done = subprocess.run(
        [sys.executable, "-c", FORBIDDEN.format(user=os.geteuid())],
        capture_output=True, text=True, env=environment(), check=False,
    )
    assert "sysctl user.max_user_namespaces" in done.stdout, done.stderr
    assert issubclass(LabUnavailable, OSError)
