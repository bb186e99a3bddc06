"""Options about capturing, and the settings that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.capture import RingSettings
    from rawlab.capture.settings import Backend, Direction
    from rawlab.cli.recording import RecordOptions

SNAPLEN = 262_144
KIB = 1024
LEAST_KIB = 256
PRINT_LATENCY_MS = 1
"""Somebody waits for the lines."""
WRITE_LATENCY_MS = 50
"""Nobody reads the file before its end: full blocks cost less."""
WRITE_BLOCK_OCTETS = 1 << 20
"""Likewise: the cost of a block is spread over more packets, and it still fits a cache."""
LIVE_WRITE_LATENCY_MS = 4
"""Somebody may read what is written as it comes."""


@dataclass(frozen=True)
class CaptureOptions:
    """What the options about capturing say."""

    interfaces: tuple[str, ...]
    snaplen: int
    calm: bool
    direction: Direction
    buffer_kib: int | None
    block_timeout_ms: int | None
    link_type: str | None
    backend: Backend
    workers: int
    words: tuple[str, ...]

    @classmethod
    def take(cls, given: dict[str, Any]) -> CaptureOptions:
        """Takes them out of all that click parsed."""
        return cls(**{name: given.pop(name) for name in cls.__annotations__})

    @property
    def filter(self) -> str | None:
        """The capture filter."""
        return " ".join(self.words) or None

    def settings(self, latency_ms: int) -> RingSettings:
        """The settings; `latency_ms` is what suits, where the user does not say."""
        from rawlab.capture import RingSettings
        from rawlab.capture.device import linktype_number

        chosen: dict[str, Any] = {}
        if self.buffer_kib is not None:
            chosen["buffer_octets"] = self.buffer_kib * KIB
        if latency_ms == WRITE_LATENCY_MS:
            chosen["block_octets"] = WRITE_BLOCK_OCTETS
        return RingSettings(
            snaplen=self.snaplen or SNAPLEN,
            promiscuous=not self.calm,
            direction=self.direction,
            latency_ms=self.block_timeout_ms or latency_ms,
            linktype=None if self.link_type is None else linktype_number(self.link_type),
            filter=self.filter,
            backend=self.backend,
            **chosen,
        )


_OPTIONS = (
    click.option("-i", "interfaces", multiple=True, metavar="INTERFACE",
                 help='Capture on this interface; may be repeated; "any" is all of them.'),
    click.option("-s", "snaplen", type=click.IntRange(min=0), default=SNAPLEN, metavar="OCTETS",
                 help="Capture no more than OCTETS of a packet (0: 262144)."),
    click.option("-p", "calm", is_flag=True, help="Not in promiscuous mode."),
    click.option("-Q", "direction", type=click.Choice(["in", "out", "inout"]), default="inout",
                 help="Capture what comes in, what goes out, or both."),
    click.option("-B", "buffer_kib", type=click.IntRange(LEAST_KIB, (1 << 22) - 1), metavar="KIB",
                 help="Size of the kernel's buffer, in units of 1024 octets (65536)."),
    click.option("--block-timeout-ms", type=click.IntRange(1, 60_000), metavar="MS",
                 help="How long the kernel may hold a packet back: 1 when packets are printed, "
                 "50 when they are only written."),
    click.option("-y", "link_type", metavar="TYPE",
                 help="Capture as this link type, one of those that -L lists."),
    click.option("--backend", type=click.Choice(["auto", "ring", "libpcap"]), default="auto",
                 help="Capture by the kernel's ring or by libpcap (auto: the ring, on Linux)."),
    click.option("--workers", type=click.IntRange(1, 64), default=1, metavar="N",
                 help="Share the packets among N threads, each with a buffer of its own."),
)


def capture_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say how packets are captured."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def latency_ms(printing: bool, recording: RecordOptions | None) -> int:
    """How long the kernel may hold packets back, as suits what becomes of them."""
    if printing or recording is None:
        return PRINT_LATENCY_MS
    return LIVE_WRITE_LATENCY_MS if recording.live else WRITE_LATENCY_MS


def show_link_types(options: CaptureOptions) -> None:
    """Prints the link types that each interface offers, the one of its own first."""
    from rawlab.capture.device import LINKTYPE_NAMES
    from rawlab.capture.interfaces import default_interface
    from rawlab.capture.source import offered_linktypes

    for name in options.interfaces or (default_interface(),):
        print(f"Data link types for {escape(name)} (use option -y to set):")
        for linktype in offered_linktypes(name, options.backend):
            short, description = LINKTYPE_NAMES.get(linktype, (str(linktype), "not known"))
            print(f"  {short} ({description})")


def show_program(options: CaptureOptions, form: int) -> None:
    """Prints the compiled capture filter as tcpdump's -d, -dd (2) and -ddd (3) do."""
    from rawlab.capture.interfaces import default_interface
    from rawlab.capture.source import compiled_filter
    from rawlab.text.bpf_listing import listing

    settings = options.settings(PRINT_LATENCY_MS)
    for name in options.interfaces or (default_interface(),):
        print(listing(compiled_filter(name, settings), form), end="")
