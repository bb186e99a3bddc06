"""The demo: live in virtual hosts, or from a recorded capture."""

from __future__ import annotations

import pytest

from cli.running import rawlab
from rawlab.cli.demo import show_recorded
from rawlab.cli.registry import make_registry
from rawlab.lab import available


def test_live() -> None:
    problem = available()
    if problem is not None:
        pytest.skip(problem)
    done = rawlab("demo")
    printed = done.stdout.decode()
    assert done.returncode == 0
    for told in ("ARP", "ICMP echo", "TCP [syn]", "BEACON attic", "0x0000  "):
        assert told in printed
    assert "packets captured" in done.stderr.decode()


def test_recorded(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show_recorded(make_registry([], []))
    printed = capfdbinary.readouterr().out.decode()
    assert "TCP [syn]" in printed
    assert "Destination [eth.dst]: " in printed
