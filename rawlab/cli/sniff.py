"""`rawlab sniff`: captures packets from interfaces, prints them and writes them to files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.capturing import (
    PRINT_LATENCY_MS,
    CaptureOptions,
    capture_options,
    show_link_types,
    show_program,
)
from rawlab.cli.filters import wrong_filter
from rawlab.cli.letters import ContextCommand, printing_options, protocol_options
from rawlab.cli.printing import PrintOptions, make_printer
from rawlab.cli.registry import make_registry

if TYPE_CHECKING:
    from rawlab.capture import RingSettings, Sniffer, Workers
    from rawlab.schema.registry import Registry


@click.command(cls=ContextCommand)
@capture_options
@click.option("-D", "list_interfaces", is_flag=True, help="List the interfaces and exit.")
@click.option("-L", "list_link_types", is_flag=True,
              help="List the link types that can be captured, for -y, and exit.")
@click.option("-d", "show_filter", count=True,
              help="Print the compiled capture filter and exit; -dd as C, -ddd as numbers.")
@printing_options
@protocol_options
@click.argument("words", nargs=-1, metavar="[FILTER]...")
def command(
    list_interfaces: bool, list_link_types: bool, show_filter: int, **given: Any
) -> int:
    """Capture packets and print them, until interrupted.

    FILTER is a capture filter in libpcap's syntax, the one of tcpdump:

        rawlab sniff -i eth0 udp port 53
    """
    capture = CaptureOptions.take(given)
    if list_interfaces:
        from rawlab.cli.interfaces import show_interfaces

        show_interfaces()
    elif list_link_types:
        show_link_types(capture.interfaces)
    elif show_filter:
        with wrong_filter(capture.filter or ""):
            show_program(capture, show_filter)
    else:
        return _run(capture, given)
    return 0


def _run(capture: CaptureOptions, given: dict[str, Any]) -> int:
    """Opens everything that needs privileges, and then lets the packets flow."""
    from rawlab.cli.output import Output
    from rawlab.cli.session import Session, Sinks

    registry = make_registry(given.pop("protocol_files"), given.pop("decode_as"))
    options = PrintOptions.take(given)
    printer = make_printer(options, registry)
    counted_here = capture.workers > 1
    with wrong_filter(capture.filter or ""):
        settings = capture.settings(PRINT_LATENCY_MS)
        count = None if counted_here else options.count
        sniffing = _open(capture, settings, count, registry)
    with sniffing:
        _announce(sniffing, capture, settings.snaplen)
        sinks = Sinks(
            left=options.count if counted_here else None,
            printer=printer,
            output=Output(live=True),
        )
        return Session(sniffing, sinks).run()


def _open(
    capture: CaptureOptions, settings: RingSettings, count: int | None, registry: Registry
) -> Sniffer | Workers:
    from rawlab.capture import Sniffer, Workers

    names = capture.interfaces or None
    if capture.workers > 1:
        return Workers(names, capture.workers, settings=settings, registry=registry)
    return Sniffer(names, count=count, settings=settings, registry=registry)


def _announce(sniffing: Sniffer | Workers, capture: CaptureOptions, snaplen: int) -> None:
    interfaces = sniffing.sniffers[0].interfaces
    names = ", ".join(interface.name for interface in interfaces) or "any"
    link_type = f", link type {capture.link_type.upper()}" if capture.link_type else ""
    workers = f", {capture.workers} workers" if capture.workers > 1 else ""
    print(
        f"rawlab: listening on {names}{link_type}, snapshot length {snaplen} octets{workers}",
        file=sys.stderr,
    )
