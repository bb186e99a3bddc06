"""Privileges given up by real processes, as the kernel tells of them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from capture import dropping
from rawlab.capture.identity import identity
from rawlab.capture.landlock import landlock_version

TIMEOUT_S = 60
SCRIPT = Path(dropping.__file__)
ROOT = SCRIPT.parent.parent.parent
SUDO = ("SUDO_UID", "SUDO_GID", "DOAS_USER", "PKEXEC_UID")
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
NONE = "0" * 16

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
needs_landlock = pytest.mark.skipif(landlock_version() == 0, reason="this kernel has no Landlock")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach and write."""
    path = Path(tempfile.mkdtemp(prefix="rawlab-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


class Dropping:
    """The script, after it has dropped its privileges and before it goes on."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.said = process.stdout.readline().strip()

    def status(self) -> dict[str, str]:
        """What the kernel says of it."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def owner(self) -> int:
        """Who may look into it: the user it is, or root if it hides its memory (ptrace(2))."""
        return Path(f"/proc/{self._process.pid}/maps").stat().st_uid

    def results(self) -> dict[str, Any]:
        """What became of its attempts."""
        printed, complaint = self._process.communicate("go on\n", timeout=TIMEOUT_S)
        assert self._process.returncode == 0, complaint
        results: dict[str, Any] = json.loads(printed)
        return results


@contextmanager
def dropping_process(
    *,
    python: str = sys.executable,
    environment: dict[str, str] | None = None,
    as_user: int | None = None,
    **plan: Any,
) -> Iterator[Dropping]:
    whole = {"start": "root", "user": None, "writable": [], "landlock": True, "threads": 0,
             "attempts": [], **plan}  # fmt: skip
    inherited = {name: value for name, value in os.environ.items() if name not in SUDO}
    process = subprocess.Popen(
        [python, str(SCRIPT), json.dumps(whole)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**inherited, "PYTHONPATH": str(ROOT), **(environment or {})},
        user=as_user, group=as_user, extra_groups=None if as_user is None else [],
        cwd="/",
    )  # fmt: skip
    try:
        yield Dropping(process)
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def check_nothing_is_left(status: dict[str, str], uid: int, gid: int) -> None:
    assert status["Uid"].split() == [str(uid)] * 4
    assert status["Gid"].split() == [str(gid)] * 4
    assert {name: status[name] for name in CAPABILITIES} == dict.fromkeys(CAPABILITIES, NONE)
    assert status["NoNewPrivs"] == "1"


def a_user() -> pwd.struct_passwd:
    """The user with the most groups who is not root."""
    others = [entry for entry in pwd.getpwall() if entry.pw_uid not in (0, os.getuid())]
    return max(others, key=lambda entry: len(os.getgrouplist(entry.pw_name, entry.pw_gid)))


CAPTURED = {"payloads": ["x", "x"], "received": 2}
NO_WAY_BACK = [("become root", ""), ("open a packet socket", "")]


@needs_root
@pytest.mark.parametrize("way", ["sudo", "doas", "pkexec", "-Z name", "-Z number"])
def test_root_becomes_the_user_with_all_groups(way: str) -> None:
    user = a_user()
    environment = {
        "sudo": {"SUDO_UID": str(user.pw_uid), "SUDO_GID": str(user.pw_gid)},
        "doas": {"DOAS_USER": user.pw_name},
        "pkexec": {"PKEXEC_UID": str(user.pw_uid)},
    }.get(way, {})
    chosen = {"-Z name": user.pw_name, "-Z number": str(user.pw_uid)}.get(way)
    with dropping_process(user=chosen, environment=environment, attempts=NO_WAY_BACK) as process:
        assert process.said.startswith(f"as {user.pw_name} (")
        status = process.status()
        check_nothing_is_left(status, user.pw_uid, user.pw_gid)
        groups = sorted(os.getgrouplist(user.pw_name, user.pw_gid))
        assert status["Groups"].split() == [str(group) for group in groups]
        assert process.owner() == 0, "the user's other processes could take its sockets"
        assert process.results() == CAPTURED | {
            "become root": "PermissionError", "open a packet socket": "PermissionError"
        }  # fmt: skip


@needs_root
def test_a_user_and_group_without_a_login() -> None:
    with dropping_process(user="123456:654321") as process:
        status = process.status()
        check_nothing_is_left(status, 123456, 654321)
        assert status["Groups"].split() == ["654321"]
        assert process.results() == CAPTURED


@needs_root
@pytest.mark.parametrize("environment", [{}, {"SUDO_UID": "0", "SUDO_GID": "0"}], ids=str)
def test_root_whom_nobody_called_stays_root_without_capabilities(
    environment: dict[str, str], folder: Path
) -> None:
    foreign = folder / "of-nobody"
    foreign.mkdir(mode=0o700)
    os.chown(foreign, dropping.NOBODY, dropping.NOBODY)
    own = folder / "of-root"
    own.mkdir(mode=0o700)
    attempts = [("write", f"{foreign}/x"), ("write", f"{own}/x"), ("open a packet socket", "")]
    with dropping_process(
        environment=environment, attempts=attempts, writable=[str(folder)]
    ) as process:
        check_nothing_is_left(process.status(), 0, 0)
        assert process.results() == CAPTURED | {
            f"write {foreign}/x": "PermissionError",
            f"write {own}/x": "done",
            "open a packet socket": "PermissionError",
        }


@needs_root
def test_who_has_nothing_to_lose_gains_nothing() -> None:
    with dropping_process(start="nobody", attempts=NO_WAY_BACK) as process:
        status = process.status()
        assert status["Uid"].split() == [str(dropping.NOBODY)] * 4
        assert status["NoNewPrivs"] == "1"
        assert [status[name] for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")] == [NONE] * 4
        assert set(process.results().values()) == {"PermissionError"}


@needs_root
@pytest.mark.parametrize("environment", [{}, {"SUDO_UID": "1000", "SUDO_GID": "1000"}], ids=str)
def test_root_of_a_user_namespace(environment: dict[str, str]) -> None:
    with dropping_process(start="rootless", environment=environment) as process:
        if process.said.startswith("unshare"):
            pytest.skip(f"an ordinary user cannot make namespaces here: {process.said}")
        assert process.said.startswith("as root (as before)")
        nobody = dropping.NOBODY  # as this namespace calls the one who is root in that one
        check_nothing_is_left(process.status(), nobody, nobody)
        assert process.results() == CAPTURED


@needs_root
@pytest.mark.skipif(shutil.which("setcap") is None, reason="setcap is missing")
def test_file_capabilities(folder: Path) -> None:
    if os.statvfs(folder).f_flag & os.ST_NOSUID:
        pytest.skip("programs gain no capabilities in the temporary folder (nosuid)")
    python = folder / "python"
    shutil.copy(os.path.realpath(sys.executable), python)
    python.chmod(0o755)
    granted = "cap_net_raw"
    if not readable_by_all(Path(sys.base_prefix)):
        granted += ",cap_dac_read_search"  # to start at all
    done = subprocess.run(["setcap", f"{granted}+ep", python], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"file capabilities cannot be set: {done.stderr.decode().strip()}")
    paths = [str(ROOT), *filter(None, sys.path)]
    environment = {"PYTHONHOME": sys.base_prefix, "PYTHONPATH": os.pathsep.join(paths)}
    nobody = dropping.NOBODY
    with dropping_process(
        python=str(python), environment=environment, as_user=nobody, attempts=NO_WAY_BACK
    ) as process:
        status = process.status()
        assert status["Uid"].split() == [str(nobody)] * 4
        held = {name: status[name] for name in CAPABILITIES if name != "CapBnd"}
        assert held == dict.fromkeys(held, NONE)
        assert status["NoNewPrivs"] == "1"
        assert process.results() == CAPTURED | {
            "become root": "PermissionError", "open a packet socket": "PermissionError"
        }  # fmt: skip


def readable_by_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))


@needs_root
@needs_landlock
def test_landlock_keeps_the_output_folder_only(folder: Path) -> None:
    kept, other = folder / "kept", folder / "other"
    for made in (kept, other):
        made.mkdir()
    (other / "old").write_bytes(b"")
    attempts = [
        ("write", f"{kept}/new"), ("rename", f"{kept}/new"), ("remove", f"{kept}/new.moved"),
        ("write", f"{other}/new"), ("write", f"{other}/old"), ("rename", f"{other}/old"),
        ("remove", f"{other}/old"), ("read", f"{other}/old"), ("read", "/etc/passwd"),
        ("read", json.__file__), ("write", "/dev/null"),
    ]  # fmt: skip
    with dropping_process(
        user="root", writable=[f"{kept}/x.pcapng"], attempts=attempts
    ) as process:
        results = process.results()
    allowed = {f"write {kept}/new", f"rename {kept}/new", f"remove {kept}/new.moved",
               f"read {json.__file__}", "write /dev/null"}  # fmt: skip
    assert results == CAPTURED | {
        key: "done" if key in allowed else "PermissionError"
        for key in (f"{name} {argument}" for name, argument in attempts)
    }
    assert sorted(other.iterdir()) == [other / "old"]


@needs_root
@needs_landlock
@pytest.mark.parametrize(
    "output",
    ["sub/x.pcap", "sub", "sub/%H.pcap", "sub/%Y/%H.pcap", "link", "sub/../sub/x.pcap"],
)
def test_landlock_finds_the_folder_of_the_output(folder: Path, output: str) -> None:
    (folder / "sub").mkdir()
    (folder / "link").symlink_to("sub/x.pcap")
    attempts = [("write", f"{folder}/sub/x.pcap"), ("write", f"{folder}/x.pcap")]
    with dropping_process(
        user="root", writable=[f"{folder}/{output}"], attempts=attempts
    ) as process:
        assert process.results() == CAPTURED | {
            f"write {folder}/sub/x.pcap": "done", f"write {folder}/x.pcap": "PermissionError"
        }  # fmt: skip


@needs_root
@needs_landlock
def test_landlock_lets_a_pipe_be_the_output(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    held = os.open(folder / "pipe", os.O_RDWR)
    attempts = [("write", f"{folder}/pipe"), ("write", f"{folder}/x")]
    with dropping_process(
        user="root", writable=[f"{folder}/pipe"], attempts=attempts
    ) as process:
        assert process.results() == CAPTURED | {
            f"write {folder}/pipe": "done", f"write {folder}/x": "PermissionError"
        }  # fmt: skip
    os.close(held)


@needs_root
@pytest.mark.skipif(landlock_version() < 6, reason="Landlock before version 6 keeps signals")
def test_landlock_takes_tcp_signals_and_programs() -> None:
    attempts = [("connect", "1"), ("signal", str(os.getpid())), ("execute", "exit 0")]
    with dropping_process(user="root", attempts=attempts) as process:
        results = process.results()
    assert results["connect 1"] == "PermissionError"
    assert results[f"signal {os.getpid()}"] == "PermissionError"
    with dropping_process(user="root", attempts=attempts, landlock=False) as process:
        results = process.results()
    assert results["connect 1"] == "ConnectionRefusedError"
    assert results[f"signal {os.getpid()}"] == "done"


@needs_root
def test_without_landlock_the_files_are_the_users(folder: Path) -> None:
    (folder / "of-root").mkdir(mode=0o700)
    attempts = [("write", f"{folder}/x"), ("write", f"{folder}/of-root/x")]
    with dropping_process(
        user=str(dropping.NOBODY), landlock=False, attempts=attempts
    ) as process:
        assert process.results() == CAPTURED | {
            f"write {folder}/x": "done", f"write {folder}/of-root/x": "PermissionError"
        }  # fmt: skip
    assert (folder / "x").stat().st_uid == dropping.NOBODY


@needs_root
def test_refused_when_threads_are_running() -> None:
    with dropping_process(threads=2) as process:
        assert process.said == (
            "PrivilegesKept: privileges are not dropped: 3 threads are running, "
            "and each holds its own"
        )


@needs_root
@pytest.mark.parametrize(
    ("user", "complaint"),
    [
        ("nosuch", "no user is called 'nosuch'"),
        ("", "no user is called ''"),
        ("123456", "no user has the number 123456; say UID:GID"),
        ("1:x", "a user: 'x' is no number of a user or group"),
        ("4294967295:0", "a user: '4294967295' is no number of a user or group"),
        ("root\x1b[2J", r"no user is called 'root\x1b[2J'"),
    ],
)
def test_a_wrong_user(user: str, complaint: str) -> None:
    with pytest.raises(ValueError) as raised:
        identity(user)
    assert str(raised.value) == complaint


@needs_root
def test_a_wrong_number_of_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_UID", "-1")
    with pytest.raises(ValueError, match="SUDO_UID"):
        identity()
