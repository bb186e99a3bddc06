"""What `rawlab sniff -w` is told: where packets are written to, and in how many files."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from rawlab.capture import Sniffer, Workers
    from rawlab.cli.recorder import Recorder
    from rawlab.files.rotation import Rotation

STDOUT = "-"
_MILLION = 1_000_000
_MOST_S = 1 << 31
"""The longest period; some 68 years."""
_UNITS = {"": _MILLION, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def _octets(
    ctx: click.Context, param: click.Parameter, text: str | None
) -> int | None:
    """Of -C: millions as for tcpdump, or with k, m or g powers of 1024."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]+)([kmg]?)", text.lower())
    if found is None or not int(found[1]):
        raise click.BadParameter(f"{text!r} is no size: say 10 (million octets), 500k, 10m or 1g")
    return int(found[1]) * _UNITS[found[2]]


_OPTIONS = (
    click.option("-w", "write_to", metavar="FILE",
                 help='Write the packets to FILE ("-": standard output): pcapng, or pcap if the'
                 " name ends so; compressed if it ends in .gz, .zst, .lz4 or .xz."),
    click.option("--format", "file_form", type=click.Choice(["pcapng", "pcap"]),
                 help="The form of the file, whatever its name."),
    click.option("-C", "size_octets", callback=_octets, metavar="SIZE",
                 help="Go on in another file before one exceeds SIZE million octets, or with k, m,"
                 " g units of 1024; FILE1, FILE2 and so on."),
    click.option("-G", "period_s", type=click.IntRange(1, _MOST_S), metavar="SECONDS",
                 help="Go on in another file every SECONDS, on the clock; FILE is a name with"
                 " strftime's %H, %M and so on."),
    click.option("-W", "files", type=click.IntRange(min=1), metavar="COUNT",
                 help="With -C keep a ring of COUNT files; with -G alone stop after COUNT."),
    click.option("-z", "post_command", metavar="COMMAND",
                 help="Run COMMAND FILE on each file that is finished."),
    click.option("-U", "unbuffered", is_flag=True,
                 help="Write packets within milliseconds, for somebody who reads along."),
)  # fmt: skip


def recording_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options about writing to files."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class RecordOptions:
    """Where packets are written to, as the command line says."""

    target: str
    rotation: Rotation
    form: Literal["pcapng", "pcap"] | None = None
    command: str | None = None
    """Run on each finished file."""
    unbuffered: bool = False

    @classmethod
    def take(cls, given: dict[str, Any]) -> RecordOptions | None:
        """Takes its options out of all that click parsed; None without -w."""
        target = given.pop("write_to")
        form = given.pop("file_form")
        command = given.pop("post_command")
        unbuffered = given.pop("unbuffered")
        rotation = {key: given.pop(key) for key in ("size_octets", "period_s", "files")}
        letters = {
            "-C": rotation["size_octets"], "-G": rotation["period_s"], "-W": rotation["files"],
            "-z": command,
        }  # fmt: skip
        _check(target, [letter for letter, value in letters.items() if value is not None])
        if target is None:
            if form is not None:
                raise click.UsageError("--format is about the file of -w FILE")
            return None
        if command is not None and shutil.which(command) is None:
            raise click.UsageError(f"-z: no command {command!r} (it is run without a shell)")
        _get_ready(target)
        from rawlab.files.rotation import Rotation

        return cls(target, Rotation(**rotation), form, command, unbuffered)

    @property
    def writable(self) -> tuple[Path, ...]:
        """What has to stay writable when privileges are given up."""
        return () if self.target == STDOUT else (Path(self.target),)

    @property
    def live(self) -> bool:
        """Whether somebody may be reading along."""
        return self.unbuffered or self.target == STDOUT

    def open(self, sniffer: Sniffer | Workers, part: int | None = None) -> Recorder:
        """Creates the first file; with `part` the number of a worker is put into the names."""
        from rawlab.cli.recorder import Recorder

        return Recorder(self, sniffer, self.target if part is None else parted(self.target, part))


def _get_ready(target: str) -> None:
    """Does once what comes later, when privileges are gone and Python's files out of reach."""
    importlib.import_module("rawlab.cli.recorder")
    time.localtime()
    from rawlab.files.writing import compression_by_name

    compression = compression_by_name(target)
    if compression is not None:
        importlib.import_module("rawlab.files.compressing")
        from rawlab.files.encoders import start_encoder

        encoder = start_encoder(compression)
        encoder.compress(b"\0")
        encoder.flush()
        encoder.finish()


def _check(target: str | None, letters: list[str]) -> None:
    """Raises click.UsageError for options that do not go together, and for a wrong target."""
    if target == "":
        raise click.UsageError("-w takes the name of a file, and this one is empty")
    if target == STDOUT and not letters:
        refuse_terminal("-w -")
    if not letters:
        return
    first = letters[0]
    if target is None:
        raise click.UsageError(f"{first} is about files: say -w FILE too")
    if target == STDOUT:
        raise click.UsageError(f"{first} needs a file: standard output (-w -) is only one")
    if "-W" in letters and "-C" not in letters and "-G" not in letters:
        raise click.UsageError("-W counts the files of -C SIZE or -G SECONDS: say one of them too")


def refuse_terminal(words: str) -> None:
    """Raises click.UsageError if a capture file would go to a terminal, escapes and all.

    `words` are those that asked for it.
    """
    if sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError(
            f"{words}: standard output is a terminal, and a capture file is no text;"
            " say the name of a file, or send it to a program by a pipe"
        )


def parted(name: str, part: int) -> str:
    """The name of a worker's own file: `out.pcapng.gz` gives `out-1.pcapng.gz`."""
    path = Path(name)
    stem, dot, suffixes = path.name.partition(".")
    if not stem:  # .hidden
        return str(path.with_name(f"{path.name}-{part}"))
    return str(path.with_name(f"{stem}-{part}{dot}{suffixes}"))
