"""`rawlab sniff`: captures packets from interfaces and prints them."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.filters import wrong_filter
from rawlab.cli.letters import ContextCommand, printing_options, protocol_options
from rawlab.cli.output import Output
from rawlab.cli.printing import PrintOptions, make_printer
from rawlab.cli.registry import make_registry
from rawlab.cli.stopping import STOP_SIGNALS, on_signals

if TYPE_CHECKING:
    from rawlab.capture import Counts, Sniffer
    from rawlab.text.printer import Printer

SNAPLEN = 262_144
KIB = 1024


@click.command(cls=ContextCommand)
@click.option("-i", "interfaces", multiple=True, metavar="INTERFACE",
              help='Capture on this interface; may be repeated; "any" is all of them.')
@click.option("-s", "snaplen", type=click.IntRange(min=0), default=SNAPLEN, metavar="OCTETS",
              help="Capture no more than OCTETS of a packet (0: 262144).")
@click.option("-p", "calm", is_flag=True, help="Not in promiscuous mode.")
@click.option("-Q", "direction", type=click.Choice(["in", "out", "inout"]), default="inout",
              help="Capture what comes in, what goes out, or both.")
@click.option("-B", "buffer_kib", type=click.IntRange(min=128), metavar="KIB",
              help="Size of the kernel's buffer, in units of 1024 octets.")
@click.option("-D", "list_interfaces", is_flag=True, help="List the interfaces and exit.")
@printing_options
@protocol_options
@click.argument("words", nargs=-1, metavar="[FILTER]...")
def command(interfaces: tuple[str, ...], list_interfaces: bool, **given: Any) -> int:
    """Capture packets and print them, until interrupted.

    FILTER is a capture filter in libpcap's syntax, the one of tcpdump:

        rawlab sniff -i eth0 udp port 53
    """
    if list_interfaces:
        from rawlab.cli.interfaces import show_interfaces

        show_interfaces()
        return 0
    from rawlab.capture import Sniffer

    settings = _settings(given)
    registry = make_registry(given.pop("protocol_files"), given.pop("decode_as"))
    options = PrintOptions.take(given)
    printer = make_printer(options, registry)
    with wrong_filter(settings.filter or ""):
        sniffer = Sniffer(
            interfaces or None, count=options.count, settings=settings, registry=registry
        )
    with sniffer, on_signals(sniffer.stop, *STOP_SIGNALS):
        _announce(sniffer, settings.snaplen)
        try:
            _print_packets(sniffer, printer)
        finally:
            sniffer.close()
            report(sniffer.counts)
    return 0


def _settings(given: dict[str, Any]) -> Any:
    """Takes the options about capturing out of all that click parsed."""
    from rawlab.capture import RingSettings

    chosen: dict[str, Any] = {
        "snaplen": given.pop("snaplen") or SNAPLEN,
        "promiscuous": not given.pop("calm"),
        "direction": given.pop("direction"),
        "filter": " ".join(given.pop("words")) or None,
    }
    buffer_kib = given.pop("buffer_kib")
    if buffer_kib is not None:
        chosen["buffer_octets"] = buffer_kib * KIB
    return RingSettings(**chosen)


def _announce(sniffer: Sniffer, snaplen: int) -> None:
    names = ", ".join(interface.name for interface in sniffer.interfaces) or "any"
    print(f"rawlab: listening on {names}, snapshot length {snaplen} octets", file=sys.stderr)


def _print_packets(sniffer: Sniffer, printer: Printer) -> None:
    output = Output(live=True)
    with on_signals(lambda: report(sniffer.counts), signal.SIGUSR1):
        output.write(printer.heading())
        for batch in sniffer.batches():
            for text in printer.texts(batch, len(batch)):
                output.write(text)


def report(counts: Counts) -> None:
    """The closing lines on standard error."""
    for number, what in (
        (counts.captured, "captured"),
        (counts.received, "received by filter"),
        (counts.dropped, "dropped by kernel"),
    ):
        print(f"{number} packet{'' if number == 1 else 's'} {what}", file=sys.stderr)
