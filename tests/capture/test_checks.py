"""What the machine is found to be able to do, as root and without any capability."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rawlab.capture.checks import (
    check_all,
    check_capabilities,
    check_dropping,
    check_network_namespaces,
    check_ring,
    check_user_namespaces,
)
from rawlab.capture.device import find_device
from rawlab.capture.interfaces import default_interface, interfaces

UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]


def without_capabilities(program: str) -> str:
    """What a Python program prints when it has no capability at all."""
    if shutil.which("setpriv") is None:
        pytest.skip("util-linux's setpriv is missing")
    if os.geteuid() != 0:
        command = [sys.executable, "-c", program]
    else:
        command = [*UNPRIVILEGED, sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    return done.stdout.strip()


def test_every_finding_says_what_was_found() -> None:
    found = check_all()
    assert len({finding.name for finding in found}) == len(found)
    assert all(finding.what for finding in found)
    assert all(finding.ok or finding.remedy for finding in found)


def test_with_privileges_a_ring_can_be_had() -> None:
    if not check_capabilities()[0].ok:
        pytest.skip("CAP_NET_RAW is missing")
    assert check_ring().ok


def test_without_capabilities_all_is_said() -> None:
    printed = without_capabilities(
        "from rawlab.capture.checks import check_all\n"
        "for f in check_all(): print(f.name, f.ok, f.what, f.remedy)"
    )
    assert "CAP_NET_RAW False may not capture and send frames" in printed
    assert "capture ring False cannot capture on lo" in printed


def test_without_capabilities_the_error_says_what_to_do() -> None:
    printed = without_capabilities(
        "from rawlab.capture import sniff\n"
        "try: sniff('lo')\n"
        "except PermissionError as error: print(error.errno, error)"
    )
    python = os.path.realpath(sys.executable)
    assert printed == (
        "1 cannot capture on lo: opening a packet socket needs the capability CAP_NET_RAW; "
        f"use sudo, or grant it once: sudo setcap cap_net_raw+ep {python}"
    )


def test_interfaces_need_no_privileges() -> None:
    printed = without_capabilities(
        "from rawlab.capture.interfaces import interfaces\n"
        "print([(i.name, i.mtu, i.loopback, i.linktype, i.up) for i in interfaces()][0])"
    )
    assert printed == "('lo', 65536, True, 1, True)"


def test_interfaces_are_those_of_the_kernel() -> None:
    import socket

    found = interfaces()
    assert [(each.index, each.name) for each in found] == socket.if_nameindex()
    loopback = found[0]
    assert "127.0.0.1/8" in [str(address) for address in loopback.addresses]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for each in found:
            device = find_device(asked, each.name)
            assert (device.index, device.linktype) == (each.index, each.linktype)


def test_the_default_interface_is_that_of_the_default_route() -> None:
    shown = subprocess.run(["ip", "-4", "route", "show", "default"], capture_output=True, text=True)
    if not shown.stdout:
        pytest.skip("this machine has no default route")
    assert default_interface() == shown.stdout.split(" dev ")[1].split()[0]


def test_a_python_that_cannot_be_run_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    for finding in (check_dropping(), check_user_namespaces(), check_network_namespaces()):
        assert not finding.ok
        assert "cannot be run: No such file or directory" in finding.what
        assert finding.remedy
