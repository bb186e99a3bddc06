"""`rawlab read`: prints the packets of a capture file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.display import display_filter, display_option
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
SNAPLEN = 262_144


@click.command(cls=ContextCommand)
@click.option("-r", "file", metavar="FILE",
              help="The capture file (pcap, pcapng, ...); - is stdin.")
@click.option("-d", "show_filter", count=True,
              help="Print the compiled capture filter and stop; -dd as C, -ddd as numbers.")
@click.option("--count", "only_count", is_flag=True,
              help="Print only how many packets there are (of those that match).")
@display_option
@printing_options
@protocol_options
@click.argument("words", nargs=-1, metavar="[FILTER]...")
def command(
    file: str | None, words: tuple[str, ...], show_filter: int, only_count: bool, **given: Any
) -> int:
    """Print the packets of a capture file.

    FILTER is a capture filter in libpcap's syntax, the one of tcpdump:

        rawlab read -r x.pcap udp port 53

    A display filter, in Wireshark's language, is given by -Y.
    """
    if show_filter:
        return _show_program(file, " ".join(words), show_filter)
    if file is None:
        file, words = _file_among(words)
    wanted = capture_filter(words)
    registry = make_registry(given.pop("protocol_files"), given.pop("decode_as"))
    shown = display_filter(given.pop("display"), registry)
    options = PrintOptions.take(given)
    printer = None if only_count else make_printer(options, registry)
    from rawlab.files import open_capture

    with open_capture(file, registry=registry) as capture:
        live = options.line_buffered or file == "-"
        batches = _selected(capture, wanted)
        if shown is not None:
            batches = map(shown.select, batches)
        if printer is None:
            _print_count(batches, options.count)
        else:
            _print_packets(batches, printer, options.count, live)
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


def _show_program(file: str | None, expression: str, form: int) -> int:
    """Prints the filter's program for what the file holds first, or for Ethernet."""
    from rawlab.batch import Interface
    from rawlab.files import open_capture
    from rawlab.files.capture_filter import compile_for
    from rawlab.text.bpf_listing import listing

    shown = Interface(linktype=1)
    if file is not None:
        with open_capture(file) as capture:
            batch = next((batch for batch in capture.batches() if len(batch)), None)
            if capture.interfaces:
                shown = capture.interfaces[0 if batch is None else batch.interface[0]]
    snaplen = shown.snaplen if 0 < shown.snaplen < SNAPLEN else SNAPLEN
    with wrong_filter(expression):
        print(listing(compile_for(expression, shown.linktype, snaplen), form), end="")
    return 0


def _selected(capture: CaptureFile, wanted: CaptureFilter | None) -> Iterator[Batch]:
    for batch in capture.batches(reuse=True):
        if wanted is None:
            yield batch
        else:
            with wrong_filter():
                picked = wanted.select(batch)
            yield picked


def _print_count(batches: Iterator[Batch], most: int | None) -> None:
    """Prints how many packets there are, as tcpdump does."""
    stop = Stop()
    found = 0
    most = EVERYTHING if most is None else most
    with on_signals(stop.request, *STOP_SIGNALS):
        while found < most and (batch := _next(batches, stop)) is not None:
            found += len(batch)
    found = min(found, most)
    if stop.requested and found < most:
        raise Failure(f"interrupted; {found} packets were counted until then")
    print(f"{found} packet{'' if found == 1 else 's'}")


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
