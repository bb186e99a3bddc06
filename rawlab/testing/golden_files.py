"""The golden files of a test: `__golden__/` beside it, a file for each check."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rawlab.testing.golden import Packets, Told, differences, load, text_of, told

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

_MOST_LETTERS = 120


class Golden:
    """Compares packets with the golden files in `folder`; with `update`, writes these."""

    def __init__(
        self, folder: Path, test: str, *, update: bool = False, command: str = "",
        registry: Registry | None = None,
    ) -> None:
        self._folder = folder
        self._test = test
        self._update = update
        self._command = command or "the tests with update=True"
        self._registry = registry
        self._checked: set[Path] = set()
        self.written: list[Path] = []
        """Files that were written, since they were missing or not the same."""

    def check(
        self, packets: Packets, name: str | None = None, mask: Sequence[str] = ()
    ) -> None:
        """Assert that packets, or a capture file, are decoded as they were last time.

        The file has the name of the test, or `name`. `mask` names fields that may differ, with `*`
        and `?` for what varies: ["ip.id", "tcp.*seq*", "frame.time*"]. Raises AssertionError where
        there is no golden yet, or a difference; OSError, and ValueError for a wrong name.
        """
        __tracebackhide__ = True
        if isinstance(mask, str):
            raise ValueError(f'mask is a list of names: mask=["{mask}"]')
        path = self._path(name)
        found = told(packets, mask, self._registry)
        if self._update:
            self._write(path, found, mask)
            return
        if not path.exists():
            raise AssertionError(self._missing(path, found))
        lines = differences(load(path, mask), found)
        if lines:
            raise AssertionError("\n".join([
                f"the packets are not those of {path.name}:", *lines,
                f"if that is as it should be: {self._command}"]))

    def _path(self, name: str | None) -> Path:
        if name is not None and not re.fullmatch(r"[\w+=@-][\w.+=@-]*", name):
            raise ValueError(f"{name!r} is no name for a golden: letters, digits, . _ and - are")
        path = self._folder / file_name(self._test if name is None else name)
        if path in self._checked:
            raise ValueError(f"{path.name} was checked in this test before: give a name="
                             " to tell the checks apart")
        self._checked.add(path)
        return path

    def _write(self, path: Path, found: Sequence[Told], mask: Sequence[str]) -> None:
        try:
            if not differences(load(path, mask), found):
                return
        except (FileNotFoundError, ValueError):
            pass  # it is written for the first time, or anew
        path.parent.mkdir(exist_ok=True)
        path.write_text(text_of(found), encoding="utf-8")
        self.written.append(path)

    def _missing(self, path: Path, found: Sequence[Told]) -> str:
        count = f"{len(found)} packet{'' if len(found) == 1 else 's'}"
        return (f"there is no golden {path.parent.name}/{path.name} yet for {count}:"
                f" write it by {self._command}, and look at it before you keep it")


def file_name(name: str) -> str:
    """The name of the golden file for a test, or for a name that was given."""
    plain = re.sub(r"[^\w.+=@-]+", "-", name).strip("-.")
    if len(plain) > _MOST_LETTERS:
        plain = f"{plain[:_MOST_LETTERS]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"{plain}.json"


def update_command(test: str) -> str:
    """What writes the goldens of one test anew."""
    return f"pytest --rawlab-update {shlex.quote(test)}"
