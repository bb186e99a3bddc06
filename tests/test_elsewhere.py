"""On macOS and Windows rawlab imports, reads files, and captures by libpcap; looked at on Linux."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import elsewhere

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "captures" / "dns.pcap"
TIMEOUT_S = 60

systems = pytest.mark.parametrize("system", elsewhere.MODULES)


def run_on(system: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs rawlab as on another system."""
    return subprocess.run(
        [sys.executable, elsewhere.__file__, system, *words],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def run_here(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rawlab", *words],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd=ROOT,
    )  # fmt: skip


@systems
def test_every_module_can_be_imported(system: str) -> None:
    done = run_on(system, "import")
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    present = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for top in ("rawlab", "dissectors")
        for path in (ROOT / top).rglob("*.py")
    }
    assert imported >= present - {"rawlab", "rawlab.__main__", "dissectors"}


COMMANDS = [
    ("read", "-r", str(SAMPLE)),
    ("read", "-v", "-r", str(SAMPLE)),
    ("read", "-r", str(SAMPLE), "udp", "port", "53"),
    ("read", "-r", str(SAMPLE), "-Y", "dns"),
    ("read", "-r", str(SAMPLE), "-T", "fields", "-e", "ip.src", "-e", "dns.qry.name"),
    ("protocols", "udp"),
    ("--version",),
]


@systems
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:1] + words[3:]))
def test_commands_print_the_same(system: str, words: tuple[str, ...]) -> None:
    there, here = run_on(system, *words), run_here(*words)
    assert (there.returncode, there.stderr) == (0, "")
    assert there.stdout == here.stdout
    assert there.stdout


@systems
def test_what_needs_linux_says_so(system: str) -> None:
    done = run_on(system, "demo")
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr


@systems
def test_the_doctor_looks_at_what_is_there(system: str) -> None:
    done = run_on(system, "doctor")
    assert done.returncode == 0, done.stderr
    names = [line.split("\t")[1] for line in done.stdout.splitlines()]
    assert names == ["engine", "capture filters", "capture by libpcap"]


@systems
def test_interfaces_are_listed(system: str) -> None:
    done = run_on(system, "interfaces")
    assert done.returncode == 0, done.stderr
    names = [line.split("\t")[0] for line in done.stdout.splitlines()]
    known = {name for _, name in socket.if_nameindex()}
    if system == "darwin":
        assert set(names) == known
    else:
        assert set(names) >= known


@systems
def test_packets_are_captured_by_libpcap(system: str) -> None:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except PermissionError:
        pytest.skip("CAP_NET_RAW is missing")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
        speaker.bind(("127.0.0.1", 0))
        port = speaker.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, elsewhere.__file__, system, "sniff", "-i", "lo", "-c", "2",
             "-T", "fields", "-e", "udp.length", f"udp port {port}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        try:
            assert process.stderr is not None
            assert "listening on lo" in process.stderr.readline()
            for text in (b"one", b"three"):
                speaker.sendto(text, ("127.0.0.1", port))
            printed, told = process.communicate(timeout=TIMEOUT_S)
        finally:
            process.kill()
            process.communicate(timeout=TIMEOUT_S)
    assert printed == "11\n13\n"
    assert told.splitlines() == [
        "2 packets captured", "2 packets received by filter", "0 packets dropped by kernel"
    ]  # fmt: skip
    assert process.returncode == 0


def test_what_only_linux_has_is_installed_on_linux_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (pyroute2,) = [line for line in project["dependencies"] if line.startswith("pyroute2")]
    assert "sys_platform == 'linux'" in pyroute2
