"""`rawlab demo`: two virtual hosts talk, and a sniffer on one of them tells what it sees."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rawlab.cli.failure import Failure, describe
from rawlab.cli.output import Output, colours
from rawlab.cli.registry import make_registry
from rawlab.cli.status import closing_lines, say
from rawlab.cli.stopping import STOP_SIGNALS, on_signals

if TYPE_CHECKING:
    from rawlab.lab import Lab
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

PROJECT = Path(__file__).resolve().parents[2]
INVENTED = PROJECT / "examples" / "tiny.py"
RECORDED = PROJECT / "captures" / "demo.pcap"
BEACONS = (
    bytes.fromhex("ffffffffffff 020000000101 88b5 80 0001 15 05") + b"attic",
    bytes.fromhex("ffffffffffff 020000000101 88b5 40 0002 fb 06") + b"cellar",
)
"""Frames of the protocol that `INVENTED` declares."""
PAGE_OCTETS = 120_000
MOST_SHOWN = 160
"""Octets of a packet whose dump still fits a screen."""


@click.command()
def command() -> None:
    """Watch two virtual hosts talk.

    Nothing outside is touched. Where virtual hosts cannot be made, a recorded capture is shown.
    """
    from rawlab.lab import Lab, LabUnavailable

    registry = make_registry([str(INVENTED)] if INVENTED.exists() else [], [])
    try:
        lab = Lab()
    except LabUnavailable as problem:
        told = f"rawlab: {describe(problem)}. A recording of the same follows."
        print(told, file=sys.stderr)
        show_recorded(registry)
        return
    with lab:
        _show_live(lab, registry)


def _show_live(lab: Lab, registry: Registry) -> None:
    """Plays the scene, and prints what passes the second host."""
    from rawlab.capture import RingSettings, Sniffer
    from rawlab.lab import scene

    first, second = lab.host("a"), lab.host("b")
    link = lab.link(first, second)
    script = scene.Script(octets=PAGE_OCTETS, frames=BEACONS)
    settings = RingSettings(opener=second.socket)
    with Sniffer(link.second.interface, settings=settings, registry=registry) as sniffer:
        print(f"rawlab: {link.first.ipv4} and {link.second.ipv4}, two virtual hosts, talk;"
              f" listening on {link.second.interface} of the second", file=sys.stderr)
        play = scene.begin(first, second, link, script)
        trouble: list[OSError] = []

        def watch() -> None:
            try:
                play.wait()
            except OSError as error:
                trouble.append(error)
            except EOFError:  # the lab was closed, since nobody watches any more
                pass
            sniffer.finish()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        with on_signals(sniffer.stop, *STOP_SIGNALS):
            _show(sniffer)
            sniffer.close()
            say(closing_lines(sniffer.counts))
    if trouble:
        raise Failure(f"the hosts' talk broke off: {describe(trouble[0])}")


def show_recorded(registry: Registry) -> None:
    """Prints a capture that the project recorded. Raises Failure where there is none."""
    from rawlab.files import open_capture

    if not RECORDED.exists():
        raise Failure("recorded captures are in a checkout of rawlab, and this is none")
    with open_capture(RECORDED, registry=registry) as capture:
        _show(capture)


def _show(packets: Iterable[Packet]) -> None:
    """Prints every packet on a line, and one of them whole."""
    from rawlab.text.hexdump import DumpForm
    from rawlab.text.line import LinePrinter
    from rawlab.text.paint import Paint
    from rawlab.text.times import Clock
    from rawlab.text.tree import TreePrinter

    output = Output(live=True)
    paint = Paint(colours())
    lines = LinePrinter(Clock(), paint)
    best: tuple[tuple[bool, int], Packet] | None = None
    for packet in packets:
        output.write(lines.line(packet) + "\n")
        rank = _rank(packet)
        if best is None or rank > best[0]:
            best = rank, packet
    if best is not None:
        tree = TreePrinter(Clock(), paint, DumpForm(characters=True)).tree(best[1])
        output.write("\n".join(["", *tree, ""]))
    output.flush()


def _rank(packet: Packet) -> tuple[bool, int]:
    """How well a packet shows what rawlab does: an invented protocol best, then many layers."""
    from rawlab.schema import header_name

    names = [header_name(type(layer)) for layer in packet.layers]
    return "beacon" in names, len(names) if packet.length <= MOST_SHOWN else 0
