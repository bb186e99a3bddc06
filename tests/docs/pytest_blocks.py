"""Tests on a page: "python test" blocks, each a file that pytest runs.

What stands after "python test" are options of pytest. A block of kind "text" right behind is what
it prints when it fails, some lines of it in their order; without one the test has to pass.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.pages import ROOT, RUN_S, Block, blocks

KIND = "python test"


@dataclass(frozen=True)
class PageTest:
    """A test of a page, and what it prints if it is to fail."""

    block: Block
    printed: str | None

    def __str__(self) -> str:
        return str(self.block)


def page_tests(page: Path) -> Iterator[PageTest]:
    """The tests of a page, in order."""
    found = list(blocks(page))
    for number, block in enumerate(found):
        if block.kind.startswith(KIND):
            behind = found[number + 1 : number + 2]
            fails = bool(behind) and behind[0].kind == "text"
            yield PageTest(block, behind[0].text if fails else None)


def run_test(test: PageTest, folder: Path) -> None:
    """Run it from the project's directory; in `folder` goldens of tests before may lie."""
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    path = folder / "test_client.py"
    path.write_text(test.block.text)
    options = test.block.kind.removeprefix(KIND).split()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", folder / "pytest.ini",
         "-rs", "--rootdir", folder, *options, path],
        cwd=ROOT, env=os.environ | {"TZ": "UTC", "NO_COLOR": "1", "COLUMNS": "140"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=RUN_S, check=False)
    if test.printed is None:
        assert done.returncode == 0, f"{test}:\n{done.stdout}"
        if "skipped" in done.stdout:
            pytest.skip(next(line for line in done.stdout.splitlines() if "SKIPPED" in line))
        return
    assert done.returncode == 1, f"{test}:\n{done.stdout}"
    lines = pytest.LineMatcher([line.rstrip() for line in done.stdout.splitlines()])
    lines.fnmatch_lines([line.replace("...", "*").replace("[", "[[]")
                         for line in test.printed.splitlines()])
