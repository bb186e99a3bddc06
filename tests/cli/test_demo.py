"""The demo: live in virtual hosts, or from a recorded capture."""

from __future__ import annotations

import errno
import subprocess

import pytest

from cli.running import PROGRAM, rawlab
from rawlab.cli.demo import INVENTED, show_recorded
from rawlab.cli.main import main
from rawlab.cli.registry import make_registry
from rawlab.lab import Lab, LabUnavailable, available


def test_live() -> None:
    problem = available()
    if problem is not None:
        pytest.skip(problem)
    done = rawlab("demo")
    printed = done.stdout.decode()
    assert done.returncode == 0
    check(printed)
    assert "packets captured" in done.stderr.decode()


def test_recorded(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show_recorded(make_registry([str(INVENTED)], []))
    check(capfdbinary.readouterr().out.decode())


def test_where_hosts_cannot_be_made_it_says_so(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_here() -> Lab:
        raise LabUnavailable("no virtual hosts: not today", errno.EPERM)

    monkeypatch.setattr("rawlab.lab.Lab", none_here)
    assert main(["demo"]) == 0
    printed, told = capfdbinary.readouterr()
    check(printed.decode())
    assert told.decode() == (
        "rawlab: no virtual hosts: not today. A recording of the same follows.\n"
    )


def test_a_reader_that_has_seen_enough() -> None:
    problem = available()
    if problem is not None:
        pytest.skip(problem)
    with subprocess.Popen([*PROGRAM, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as it:
        assert it.stdout is not None
        assert it.stderr is not None
        it.stdout.readline()
        it.stdout.close()
        told = it.stderr.read().decode().splitlines()
    assert it.returncode == 0
    assert all("listening" in line or line.split()[1] == "packets" for line in told)


def check(printed: str) -> None:
    """What is seen live and from the recording."""
    told = ("ARP", "ICMP echo", "ICMPV6 echo", "UDP", "TCP [syn]", "BEACON attic", "  beacon\n")
    assert [one for one in told if one not in printed] == []
    assert "Destination [eth.dst]: " in printed
