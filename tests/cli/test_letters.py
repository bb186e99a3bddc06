"""`-e` is a flag, or takes a name after `-T fields`, wherever that stands."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from rawlab.cli.letters import ContextCommand, printing_options


@click.command(cls=ContextCommand)
@click.option("-r", "file")
@printing_options
@click.argument("words", nargs=-1)
def probe(file: str | None, words: tuple[str, ...], **given: Any) -> None:
    """Prints what was understood."""
    told = ("form", "link_header", "names", "numeric", "verbose", "times")
    click.echo(repr([file, *(given.get(name) for name in told), words]))


CASES = [
    ("-e -r x", ["x", None, True, None, 0, 0, 0, ()]),
    ("-nner x", ["x", None, True, None, 2, 0, 0, ()]),
    ("-ne -ttttt -vv -r x udp port 53",
     ["x", None, True, None, 1, 2, 5, ("udp", "port", "53")]),
    ("-T fields -e ip.src -e ip.dst -r x",
     ["x", "fields", None, ("ip.src", "ip.dst"), 0, 0, 0, ()]),
    ("-r x -e ip.src -T fields -e ip.dst",
     ["x", "fields", None, ("ip.src", "ip.dst"), 0, 0, 0, ()]),
    ("-Tfields -eip.src -r x", ["x", "fields", None, ("ip.src",), 0, 0, 0, ()]),
    ("-eip.src -T fields -r x", ["x", "fields", None, ("ip.src",), 0, 0, 0, ()]),
    ("-nTfields -e ip.src -r x", ["x", "fields", None, ("ip.src",), 1, 0, 0, ()]),
    ("-nT fields -e ip.src -r x", ["x", "fields", None, ("ip.src",), 1, 0, 0, ()]),
    ("-T json -e -r x", ["x", "json", True, None, 0, 0, 0, ()]),
    ("-r -T -e fields", ["-T", None, True, None, 0, 0, 0, ("fields",)]),
    ("-e -r x -- -T fields", ["x", None, True, None, 0, 0, 0, ("-T", "fields")]),
]


@pytest.mark.parametrize(("line", "want"), CASES, ids=[line for line, _ in CASES])
def test_understands(line: str, want: list[object]) -> None:
    result = CliRunner().invoke(probe, line.split(), catch_exceptions=False)
    assert result.output == repr(want) + "\n"


@pytest.mark.parametrize(
    "line", ["-Q -r x", "-T xml -r x", "-c 0 -r x", "-c many -r x", "-T fields -e"]
)
def test_refuses(line: str) -> None:
    assert CliRunner().invoke(probe, line.split()).exit_code == 2


def test_help_tells_both() -> None:
    output = CliRunner().invoke(probe, ["--help"]).output
    assert "Print the link header on each line (with -T fields: -e NAME, a field)." in " ".join(
        output.split()
    )
