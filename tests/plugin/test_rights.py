"""The fixtures for an ordinary user: captured in a network of the test's own, or skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import rawlab

NOBODY = 65534
TEST = """
import socket

def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", ("127.0.0.1", 5999))

def test_alone(capture):
    send()

def test_loopback(loopback, capture):
    send()
    assert capture.wait_for("udp").udp.dstport == 5999

def test_kept(loopback, capture):
    send()
    assert False
"""
NO_NAMESPACES = """
import sys
from pathlib import Path
from rawlab.lab.namespaces import CLONE_NEWUSER, unshare
unshare(CLONE_NEWUSER)         # a namespace of users whose limit may be set to nothing
Path("/proc/self/uid_map").write_text("0 {user} 1")
Path("/proc/sys/user/max_user_namespaces").write_text("0")
import ctypes
ctypes.CDLL(None).prctl(24, 21, 0, 0, 0)   # PR_CAPBSET_DROP, CAP_SYS_ADMIN
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""
TRIAL = """
import subprocess, sys
import pytest, rawlab.batch, numpy, pyroute2, cypcap
subprocess.run([sys.executable, "-c", ""], check=True)   # setpriv itself may start any
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an ordinary user may write in."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made)
        path.chmod(0o777)
        (path / "test_x.py").write_text(TEST)
        yield path


def ordinary_user(folder: Path) -> tuple[list[str], dict[str, str]]:
    """How an ordinary user starts Python here, and in which environment; skips if no way is."""
    parents = dict.fromkeys(
        str(Path(module.__file__ or "").parent.parent) for module in (rawlab, np, pytest))
    given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(parents), "HOME": str(folder),
             "PYTHONDONTWRITEBYTECODE": "1"}
    change = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    user = [] if os.geteuid() else change
    if user and not shutil.which("setpriv"):
        pytest.skip("setpriv (Debian: util-linux) is not installed")
    for python in (sys.executable, "/usr/bin/python3"):
        trial = [*user, python, "-c", TRIAL]
        if not subprocess.run(trial, capture_output=True, env=given, check=False).returncode:
            return [*user, python], given
    pytest.skip("there is no Python here with all modules that ordinary users may run")


def run(folder: Path, *how: str) -> subprocess.CompletedProcess[str]:
    start, given = ordinary_user(folder)
    return subprocess.run(
        [*start, *how, "-rs", "-p", "no:cacheprovider", "--rawlab-captures=kept", str(folder)],
        capture_output=True, text=True, env=given, cwd=folder, check=False)


@pytest.mark.usefixtures("hosts")
def test_as_an_ordinary_user(folder: Path) -> None:
    done = run(folder, "-m", "pytest")
    assert "1 failed, 1 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    assert "CAP_NET_RAW" in done.stdout
    assert "let the test use the fixture `loopback`" in done.stdout
    (path,) = (folder / "kept").iterdir()
    assert [packet.udp.dstport for packet in rawlab.read(path).where("udp and not icmp")] == [5999]


@pytest.mark.usefixtures("hosts")
def test_where_there_are_no_namespaces_it_is_skipped(folder: Path) -> None:
    start, _ = ordinary_user(folder)
    user = NOBODY if "setpriv" in start else os.geteuid()
    done = run(folder, "-c", NO_NAMESPACES.format(user=user))
    assert "passed" not in done.stdout, done.stdout + done.stderr
    assert "no virtual hosts: " in done.stdout, done.stdout + done.stderr
    assert "failed" not in done.stdout
