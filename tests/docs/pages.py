"""The examples of a page: its fenced blocks, and how each kind of them is run."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FLAGS = doctest.ELLIPSIS
RUN_S = 30
"""How long one command of an example may take."""
FENCE = "```"
ELSEWHERE = "# in another terminal: "
PROMPT = "$ "


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    """Of its first line of text, from 1."""
    kind: str
    """What stands after the opening fence: "python", "console", "console live", "sh"."""
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of `page`, in order; AssertionError where one is not closed."""
    kind: str | None = None
    found: list[str] = []
    start = 0
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not line.startswith(FENCE):
            found.append(line)
        elif kind is None:
            kind, start, found = line.removeprefix(FENCE).strip(), number + 1, []
        else:
            yield Block(page, start, kind, "".join(text + "\n" for text in found))
            kind = None
    assert kind is None, f"{page}: the block at line {start} is not closed"


def run_python(block: Block, names: dict[str, Any]) -> None:
    """Run a block of Python: a session where it has prompts, else a script."""
    if ">>>" not in block.text:
        lines = "\n" * (block.line - 1) + block.text
        exec(compile(lines, str(block.page), "exec", dont_inherit=True), names)
        return
    session = doctest.DocTestParser().get_doctest(
        block.text, {}, str(block), str(block.page), block.line - 1)
    session.globs = names
    told: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
    runner.run(session, out=told.append, clear_globs=False)
    assert not told, "".join(told)


@dataclass(frozen=True)
class Call:
    """A command of an example, and what it prints."""

    words: str
    expected: str
    elsewhere: tuple[str, ...] = ()
    """Commands that are given elsewhere while it runs."""


def calls(block: Block) -> Iterator[Call]:
    """The commands of a console block with what they print."""
    words: str | None = None
    expected: list[str] = []
    elsewhere: list[str] = []
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            if words is not None:
                yield Call(words, "".join(expected), tuple(elsewhere))
            words, expected, elsewhere = line.removeprefix(PROMPT), [], []
        elif line.startswith(ELSEWHERE):
            elsewhere.append(line.removeprefix(ELSEWHERE))
        elif words is not None and words.endswith("\\"):
            words = words.removesuffix("\\") + line.strip()
        else:
            expected.append(line + "\n")
    assert words is not None, f"{block}: no line begins with {PROMPT!r}"
    yield Call(words, "".join(expected), tuple(elsewhere))


def run_console(block: Block) -> None:
    """Run the commands of a block, and compare what they print."""
    for call in calls(block):
        printed = run_call(call)
        checker = doctest.OutputChecker()
        if not checker.check_output(call.expected, printed, FLAGS):
            example = doctest.Example(call.words, call.expected)
            difference = checker.output_difference(example, printed, FLAGS)
            raise AssertionError(f"{block}: {call.words}\n{difference}")


def run_call(call: Call) -> str:
    """What a command prints, on both its streams."""
    process = shell(call.words)
    assert process.stdout is not None
    timer = threading.Timer(RUN_S, process.kill)
    timer.start()
    printed = ""
    try:
        if call.elsewhere:
            printed = process.stdout.readline()  # it is listening
        for words in call.elsewhere:
            shell(words).wait(RUN_S)
        printed += process.stdout.read()
        process.wait()
    finally:
        timer.cancel()
        process.stdout.close()
        if process.poll() is None:
            process.kill()
            process.wait()
    return printed


def shell(words: str) -> subprocess.Popen[str]:
    """Start a command line in the project's directory, where `rawlab` is this one."""
    words = words.removeprefix("sudo ").replace(".venv/bin/rawlab", "rawlab")
    function = f'rawlab() {{ "{sys.executable}" -m rawlab "$@"; }}\n'
    environment = os.environ | {"TZ": "UTC", "NO_COLOR": "1"}
    return subprocess.Popen(
        ["bash", "-c", function + words], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
