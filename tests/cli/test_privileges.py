"""`rawlab sniff` gives up its privileges, and needs nothing more of what it gave up."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import rawlab
from cli import auditing
from cli.running import PROGRAM, TIMEOUT_S

ROOT = Path(__file__).resolve().parent.parent.parent
ETHERNET = 1
NOBODY = pwd.getpwnam("nobody")
SUDO = {"SUDO_UID": str(NOBODY.pw_uid), "SUDO_GID": str(NOBODY.pw_gid)}
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else and make networks"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach and write."""
    path = Path(tempfile.mkdtemp(prefix="rawlab-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


def sample_frames() -> bytes:
    """The Ethernet frames of the captures in the repository, each after its length."""
    return b"".join(
        struct.pack("I", len(packet.octets)) + packet.octets
        for path in sorted((ROOT / "captures").glob("*.pcap"))
        for packet in rawlab.read(str(path))
        if packet.linktype == ETHERNET
    )


FRAMES = sample_frames()


def audited(*words: str, **environment: str) -> tuple[str, list[str], list[str]]:
    """What the command printed, what it said, and what it opened without privileges."""
    if shutil.which("unshare") is None:
        pytest.skip("the command unshare is missing (util-linux)")
    done = subprocess.run(
        ["unshare", "--net", sys.executable, auditing.__file__, "sniff", "-i", "lo", *words],
        input=FRAMES, capture_output=True, timeout=TIMEOUT_S, check=False,
        env={**os.environ, **SUDO, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    said = done.stderr.decode().splitlines()
    assert done.returncode == 0, said
    opened = [line.removeprefix("opened: ") for line in said if line.startswith("opened: ")]
    told = [line for line in said if not line.startswith("opened: ")]
    return done.stdout.decode(), told, opened


PRINTED = [
    "", "-e -#", "-v", "-xx", "-XX", "-ttt", "-tttt --nano", "-T fields -e ip.src -e frame.time",
    "-T json", "-Y udp.port!=0||arp",
]  # fmt: skip


@pytest.mark.parametrize("options", PRINTED)
def test_printing_opens_no_file_without_privileges(options: str) -> None:
    printed, told, opened = audited("-c", "100", *options.split())
    assert printed.count("\n") >= 100
    assert {"100 packets captured", "100 packets matched the display filter"} & set(told)
    assert opened == []


WRITTEN = [
    "x.pcapng", "x.pcap", "x.pcapng.gz", "x.pcap.zst", "x.pcapng.xz", "x.pcapng.lz4",
    "x.pcapng --print -v", "%H.pcap -G 3600", "x.pcap -C 4k -W 20", "%H.pcapng -G 3600 -C 4k",
    "x.pcapng -Y udp.port!=0||arp",
]  # fmt: skip


@pytest.mark.parametrize("options", WRITTEN)
def test_writing_opens_the_output_alone(options: str, folder: Path) -> None:
    name, *others = options.split()
    _, told, opened = audited("-c", "100", "-w", f"{folder}/{name}", *others)
    assert {"100 packets captured", "100 packets matched the display filter"} & set(told)
    files = sorted(folder.iterdir())
    assert sorted(set(opened)) == [str(file) for file in files]
    assert {file.stat().st_uid for file in files} == {NOBODY.pw_uid}
    assert sum(len(list(rawlab.read(str(file)))) for file in files) == 100


def test_a_command_on_the_files_runs_as_the_user_without_landlock(folder: Path) -> None:
    command = folder / "note"
    command.write_text(
        f"#!/bin/sh\nid -u > {folder}/uid\ngrep Cap /proc/self/status > {folder}/caps\n"
    )
    command.chmod(0o755)
    audited("-c", "10", "-w", f"{folder}/x.pcapng", "-z", str(command))
    assert (folder / "uid").read_text() == f"{NOBODY.pw_uid}\n"
    assert set((folder / "caps").read_text().split()[1::2]) == {"0" * 16}


def test_a_folder_of_others_is_told(folder: Path) -> None:
    folder.chmod(0o755)
    done = subprocess.run(
        [*PROGRAM, "sniff", "-i", "lo", "-w", f"{folder}/x.pcapng"],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        env={**os.environ, **SUDO},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        f"rawlab: {folder}/x.pcapng: Permission denied (files are written as nobody (who called"
        " sudo), without root's privileges; -Z USER chooses another user)\n"
    )


@pytest.mark.parametrize("user", ["sudo", "-Z", "root"])
def test_the_running_command_has_nothing_left(user: str) -> None:
    words = ["-Z", NOBODY.pw_name] if user == "-Z" else []
    kept = {name: value for name, value in os.environ.items() if name not in SUDO}
    process = subprocess.Popen(
        [*PROGRAM, "sniff", "-i", "lo", *words, "udp port 9"],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**kept, **(SUDO if user == "sudo" else {})},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        heading = process.stderr.readline()
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        identity = 0 if user == "root" else NOBODY.pw_uid
        assert (f", as {NOBODY.pw_name} (" in heading) == (user != "root")
        assert status["Uid"] == [str(identity)] * 4
        assert status["Gid"] == [str(0 if user == "root" else NOBODY.pw_gid)] * 4
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert status[name] == ["0" * 16]
        assert status["NoNewPrivs"] == ["1"]
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=TIMEOUT_S)
        assert told.startswith("0 packets captured\n")
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def test_a_wrong_user_is_a_usage_error() -> None:
    done = subprocess.run(
        [*PROGRAM, "sniff", "-i", "lo", "-Z", "nosuch\x1b[2J"],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert r"no user is called 'nosuch\x1b[2J'" in done.stderr
    assert "\x1b" not in done.stderr
