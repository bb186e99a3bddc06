"""The options of `sniff -w`: what they mean, and what does not go together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from rawlab.cli.main import main
from rawlab.cli.recording import RecordOptions, parted, recording_options

WRONG = [
    (["-C", "1"], "-C is about files: say -w FILE too"),
    (["-G", "60"], "-G is about files"),
    (["-W", "3"], "-W is about files"),
    (["-z", "gzip"], "-z is about files"),
    (["--format", "pcap"], "-w FILE"),
    (["-w", "-", "-C", "1"], "-C needs a file"),
    (["-w", "-", "-z", "gzip"], "-z needs a file"),
    (["-w", "x", "-W", "3"], "-C SIZE or -G SECONDS"),
    (["-w", "x", "-C", "0"], "no size"),
    (["-w", "x", "-C", "10q"], "say 10 (million octets), 500k, 10m or 1g"),
    (["-w", "x", "-C", "-1"], "no size"),
    (["-w", "x", "-G", "0"], "-G"),
    (["-w", "x", "-G", str(10**20)], "-G"),
    (["-w", ""], "-w takes the name of a file"),
    (["-w", "x", "-C", "1", "-W", "0"], "-W"),
    (["-w", "x", "-z", "no-such-command"], "no command 'no-such-command'"),
    (["-w", "x", "--format", "snoop"], "--format"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_does_not_go_together(
    words: list[str], told: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["sniff", "-i", "lo", *words]) == 2
    output, errors = capfdbinary.readouterr()
    assert output == b""
    (line,) = errors.decode().splitlines()
    assert line.startswith("rawlab sniff: ")
    assert told in line


def taken(*words: str) -> RecordOptions:
    """The options as the command line makes them."""
    found: list[RecordOptions | None] = []

    @click.command()
    @recording_options
    def command(**given: Any) -> None:
        found.append(RecordOptions.take(given))

    command.main(list(words), standalone_mode=False)
    assert found[0] is not None
    return found[0]


@pytest.mark.parametrize(
    ("size", "octets"),
    [("1", 1_000_000), ("25", 25_000_000), ("500k", 512_000), ("10M", 10 << 20), ("1g", 1 << 30)],
)
def test_sizes(size: str, octets: int) -> None:
    assert taken("-w", "x", "-C", size).rotation.size_octets == octets


def test_what_others_have_to_know() -> None:
    plain = taken("-w", "/tmp/x.pcap")
    assert (plain.writable, plain.command, plain.live) == ((Path("/tmp/x.pcap"),), None, False)
    assert taken("-w", "-").writable == ()
    assert taken("-w", "-").live
    assert taken("-w", "x", "-U").live
    assert taken("-w", "x", "-z", "gzip").command == "gzip"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("out.pcapng", "out-2.pcapng"),
        ("a.b/out.pcap.gz", "a.b/out-2.pcap.gz"),
        ("out", "out-2"),
        (".hidden", ".hidden-2"),
        ("x-%H.%M.pcap", "x-%H-2.%M.pcap"),
    ],
)
def test_names_of_workers_files(name: str, wanted: str) -> None:
    assert parted(name, 2) == wanted
