"""`rawlab sniff`: captures packets from interfaces, prints them and writes them to files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.capturing import (
    CaptureOptions,
    capture_options,
    latency_ms,
    show_link_types,
    show_program,
)
from rawlab.cli.display import display_filter, display_option
from rawlab.cli.failure import Failure
from rawlab.cli.filters import wrong_filter
from rawlab.cli.letters import ContextCommand, printing_options, protocol_options
from rawlab.cli.output import Output
from rawlab.cli.printing import PrintOptions, ready_printer
from rawlab.cli.recording import STDOUT, RecordOptions, recording_options
from rawlab.cli.registry import make_registry
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.capture import RingSettings, Sniffer, Workers
    from rawlab.capture.privileges import Dropped
    from rawlab.cli.recorder import Recorder
    from rawlab.filter import Filter
    from rawlab.schema.registry import Registry


@click.command(cls=ContextCommand)
@capture_options
@click.option("-D", "list_interfaces", is_flag=True, help="List the interfaces and exit.")
@click.option("-L", "list_link_types", is_flag=True,
              help="List the link types that can be captured, for -y, and exit.")
@click.option("-d", "show_filter", count=True,
              help="Print the compiled capture filter and exit; -dd as C, -ddd as numbers.")
@display_option
@recording_options
@click.option("--worker-files", is_flag=True,
              help="Each worker writes a file of its own: FILE with -1, -2 and so on.")
@click.option("--print", "print_too", is_flag=True, help="With -w, print the packets too.")
@click.option("-Z", "user", metavar="USER",
              help="Drop privileges to USER (default: who called sudo).")
@printing_options
@protocol_options
@click.argument("words", nargs=-1, metavar="[FILTER]...")
def command(
    list_interfaces: bool, list_link_types: bool, show_filter: int, **given: Any
) -> int:
    """Capture packets, and print them or write them to a file, until interrupted.

    FILTER is a capture filter in libpcap's syntax, the one of tcpdump:

        rawlab sniff -i eth0 udp port 53

        rawlab sniff -i eth0 -w dns.pcapng udp port 53
    """
    capture = CaptureOptions.take(given)
    if list_interfaces:
        from rawlab.cli.interfaces import show_interfaces

        show_interfaces()
    elif list_link_types:
        show_link_types(capture)
    elif show_filter:
        with wrong_filter(capture.filter or ""):
            show_program(capture, show_filter)
    else:
        return _run(capture, given)
    return 0


def _run(capture: CaptureOptions, given: dict[str, Any]) -> int:
    """Reads the options, opens what needs privileges, gives them up, and lets packets flow."""
    from rawlab.cli.session import Session, Sinks

    recording = RecordOptions.take(given)
    printing = recording is None or given["print_too"]
    worker_files = given.pop("worker_files")
    _check(capture, recording, given.pop("print_too"), worker_files)
    user = given.pop("user")
    registry = make_registry(given.pop("protocol_files"), given.pop("decode_as"))
    options = PrintOptions.take(given)
    sinks = Sinks(chosen=_ready_filter(given.pop("display"), registry))
    if printing:
        sinks.printer, sinks.output = ready_printer(options, registry), Output(live=True)
    if capture.workers > 1 or sinks.chosen is not None:
        sinks.left = options.count
    with wrong_filter(capture.filter or ""):
        settings = capture.settings(latency_ms(printing, recording))
        count = options.count if sinks.left is None else None
        sniffing = _open(capture, settings, count, registry)
    with sniffing:
        dropped = _drop_privileges(user, recording)
        if recording is not None:
            try:
                sinks.recorders = _open_files(recording, sniffing, worker_files)
            except PermissionError as error:
                raise _not_writable(error, dropped) from None
        who = str(dropped.identity) if dropped.changed else ""
        return Session(sniffing, sinks).run(_announcement(sniffing, capture, who))


def _check(
    capture: CaptureOptions, recording: RecordOptions | None, print_too: bool, worker_files: bool
) -> None:
    """Raises click.UsageError for options that do not go together."""
    if print_too and recording is None:
        raise click.UsageError("--print is about -w FILE, which is missing: packets are printed")
    if print_too and recording is not None and recording.target == STDOUT:
        raise click.UsageError("--print and -w - both want standard output")
    if worker_files:
        if recording is None or capture.workers == 1:
            raise click.UsageError("--worker-files is about -w FILE and --workers N: say both")
        if recording.target == STDOUT:
            raise click.UsageError("--worker-files needs a file: standard output is only one")


def _ready_filter(text: str | None, registry: Registry) -> Filter | None:
    """The display filter, with everything imported that it needs for the first packet."""
    from rawlab.batch import single

    # The threads that numpy's library would start by itself would keep their privileges.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    chosen = display_filter(text, registry)
    if chosen is None:
        return None
    chosen.again().select(single(bytes(60), 0, None, 1, 1, None, registry))
    return chosen


def _open(
    capture: CaptureOptions, settings: RingSettings, count: int | None, registry: Registry
) -> Sniffer | Workers:
    from rawlab.capture import Sniffer, Workers

    names = capture.interfaces or None
    if capture.workers > 1:
        return Workers(names, capture.workers, settings=settings, registry=registry)
    return Sniffer(names, count=count, settings=settings, registry=registry)


def _drop_privileges(user: str | None, recording: RecordOptions | None) -> Dropped:
    """Gives all privileges up. Raises click.UsageError for a user who does not exist."""
    from rawlab.capture.privileges import drop_privileges

    writable = recording.writable if recording is not None else ()
    landlock = recording is None or recording.command is None
    try:
        return drop_privileges(user, writable=writable, landlock=landlock)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _not_writable(error: PermissionError, dropped: Dropped) -> Failure:
    """What to do about a file that the user whom the process has become may not write."""
    return Failure(
        f"{error.filename}: {error.strerror} (files are written as {dropped.identity}, without"
        " root's privileges; -Z USER chooses another user)"
    )


def _open_files(
    recording: RecordOptions, sniffing: Sniffer | Workers, worker_files: bool
) -> list[Recorder]:
    if not worker_files:
        return [recording.open(sniffing)]
    return [recording.open(one, part) for part, one in enumerate(sniffing.sniffers, 1)]


def _announcement(sniffing: Sniffer | Workers, capture: CaptureOptions, who: str) -> str:
    names = ", ".join(escape(one.name) for one in sniffing.interfaces) or "any"
    words = [f"rawlab: listening on {names}"]
    if capture.link_type:
        words.append(f"link type {capture.link_type.upper()}")
    words.append(f"snapshot length {sniffing.settings.snaplen} octets")
    if capture.workers > 1:
        words.append(f"{capture.workers} workers")
    if who:
        words.append(f"as {who}")
    return ", ".join(words) + "\n"
