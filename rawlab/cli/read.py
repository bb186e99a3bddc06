"""`rawlab read`: prints the packets of a capture file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.failure import Failure
from rawlab.cli.filters import wrong_filter
from rawlab.cli.letters import ContextCommand, printing_options, protocol_options
from rawlab.cli.output import Output
from rawlab.cli.printing import PrintOptions, make_printer
from rawlab.cli.registry import make_registry
from rawlab.cli.stopping import STOP_SIGNALS, Stop, Stopped, on_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rawlab.batch import Batch
    from rawlab.files import CaptureFile
    from rawlab.files.capture_filter import CaptureFilter
    from rawlab.text.printer import Printer

EVERYTHING = sys.maxsize


@click.command(cls=ContextCommand)
@click.option("-r", "file", metavar="FILE",
              help="The capture file (pcap, pcapng, ...); - is stdin.")
@printing_options
@protocol_options
@click.argument("words", nargs=-1, metavar="[FILTER]...")
def command(file: str | None, words: tuple[str, ...], **given: Any) -> int:
    """Print the packets of a capture file.

    FILTER is a capture filter in libpcap's syntax, the one of tcpdump:

        rawlab read -r x.pcap udp port 53
    """
    if file is None:
        file, words = _file_among(words)
    wanted = capture_filter(words)
    registry = make_registry(given.pop("protocol_files"), given.pop("decode_as"))
    options = PrintOptions.take(given)
    printer = make_printer(options, registry)
    from rawlab.files import open_capture

    with open_capture(file, registry=registry) as capture:
        live = options.line_buffered or file == "-"
        _print_packets(_selected(capture, wanted), printer, options.count, live)
        if capture.cut is not None:
            raise Failure(f"{capture.name}: {capture.cut}")
    return 0


def _file_among(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Takes the first word for the file, which `-r` did not name."""
    if not words:
        raise click.UsageError("which file? say: rawlab read -r FILE")
    if words[0] != "-" and not Path(words[0]).exists():
        raise click.UsageError(f"no file is called {words[0]!r}; say: rawlab read -r FILE [FILTER]")
    return words[0], words[1:]


def capture_filter(words: tuple[str, ...]) -> CaptureFilter | None:
    """The capture filter that the trailing words are; None without any."""
    if not words:
        return None
    from rawlab.files.capture_filter import CaptureFilter

    with wrong_filter(" ".join(words)):
        return CaptureFilter(" ".join(words))


def _selected(capture: CaptureFile, wanted: CaptureFilter | None) -> Iterator[Batch]:
    for batch in capture.batches(reuse=True):
        if wanted is None:
            yield batch
        else:
            with wrong_filter():
                picked = wanted.select(batch)
            yield picked


def _print_packets(
    batches: Iterator[Batch], printer: Printer, count: int | None, live: bool
) -> None:
    output = Output(live)
    stop = Stop()
    left = EVERYTHING if count is None else count
    with on_signals(stop.request, *STOP_SIGNALS):
        output.write(printer.heading())
        while left > 0 and (batch := _next(batches, stop)) is not None:
            for text in printer.texts(batch, left):
                output.write(text)
                if stop.requested:
                    break
            left -= len(batch)
        output.flush()


def _next(batches: Iterator[Batch], stop: Stop) -> Batch | None:
    try:
        with stop.waiting():
            return next(batches, None)
    except Stopped:
        return None
