"""Giving up privileges for good, once sockets are open and imports are complete."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rawlab.capture.capabilities import (
    drop_bounding_set,
    drop_capabilities,
    forbid_new_privileges,
    hide_memory,
)
from rawlab.capture.identity import Identity, assume, identity
from rawlab.capture.landlock import landlock_effect, restrict

__all__ = ["Dropped", "Identity", "PrivilegesKept", "drop_privileges", "identity"]

_TASKS = "/proc/self/task"


class PrivilegesKept(PermissionError):
    """Privileges cannot be given up; the message is one line that says why."""


@dataclass(frozen=True)
class Dropped:
    """What holds for this process from now on."""

    identity: Identity
    """The user that it is now, and why this one."""
    capabilities: bool
    """Whether it has none, and can get none (Linux)."""
    landlock: int
    """The version of Landlock that confines it; 0: none does."""
    changed: bool
    """Whether it was another user before."""

    def __str__(self) -> str:
        """In words, such as "as alice (who called sudo), without capabilities"."""
        words = [f"as {self.identity}"]
        if self.capabilities:
            words.append("without capabilities")
        if self.landlock:
            words.append(f"without {landlock_effect(self.landlock)}")
        return ", ".join(words)


def drop_privileges(
    user: str | None = None, *, writable: Sequence[Path] = (), landlock: bool = True
) -> Dropped:
    """Become `user` (None: see `identity`), and lose every capability and the way to new ones.

    Open sockets keep working. `writable` are the output files or folders: with `landlock`, and
    where the kernel has it, files can be written in their folders alone, nothing can be executed,
    and only Python's own modules can be read. To be called before any other thread exists, since
    Linux keeps capabilities for each thread. Elsewhere only the user changes; on Windows nothing.
    Raises PrivilegesKept, and ValueError for a user who does not exist.
    """
    linux = sys.platform == "linux"
    threads = thread_count() if linux else 1
    if threads > 1:
        raise PrivilegesKept(
            f"privileges are not dropped: {threads} threads are running, and each holds its own"
        )
    chosen = identity(user)
    changed = hasattr(os, "geteuid") and os.geteuid() != chosen.uid
    readable = python_folders()
    try:
        if linux:
            drop_bounding_set()
        assume(chosen)
        if linux:
            drop_capabilities()
            forbid_new_privileges()
            hide_memory()
        version = restrict(writable, readable) if linux and landlock else 0
    except OSError as error:
        raise PrivilegesKept(f"privileges are not dropped: {error.strerror or error}") from None
    return Dropped(chosen, linux, version, changed)


def thread_count() -> int:
    """The threads of this process, those that Python does not know of included."""
    try:
        return len(os.listdir(_TASKS))
    except OSError:
        import threading

        return threading.active_count()


def python_folders() -> list[Path]:
    """The folders that Python's standard library and installed packages are imported from."""
    import sysconfig

    packages = Path(__file__).resolve().parent.parent
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    installed = {sysconfig.get_path(name) for name in names}
    return [*map(Path, sorted(installed)), packages, packages.parent / "dissectors"]
