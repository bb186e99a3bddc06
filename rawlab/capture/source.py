"""What a sniffer takes packets from, whichever the system offers."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Protocol

from rawlab.batch import Index, Interface
from rawlab.capture.counts import Counts
from rawlab.capture.settings import Backend, Program, RingSettings
from rawlab.leased import RingBlock

if TYPE_CHECKING:
    from rawlab.capture.fanout import Fanout


class Source(Protocol):
    """One interface (or "any") from which packets are captured, in blocks.

    `take` lends a block out, `release` gives it back. Nothing comes in after `let_nothing_in`.
    """

    name: str
    captured: int
    """Packets handed to the caller; counted by who hands them."""
    missed: int
    """Packets taken and thrown away, since the caller was too slow; counted likewise."""

    @property
    def ready(self) -> bool:
        """Whether a block waits to be taken."""

    @property
    def counts(self) -> Counts:
        """What became of the packets until now; also after `close`."""

    def fileno(self) -> int:
        """A descriptor that is readable while a block is ready."""

    def take(self) -> tuple[memoryview, Index | RingBlock, int] | None:
        """The next block, lent until `release`: octets, what tells where packets lie, how many.

        None when none is ready.
        """

    def release(self) -> None:
        """Gives the block that was taken last back."""

    def drained(self, late: bool) -> bool:
        """Whether no packet is left when nothing comes in any more.

        `late` says that there was time enough to finish the block that was being filled.
        """

    def let_nothing_in(self) -> None:
        """Stops receiving; what is there stays. From any thread."""

    def recover(self) -> bool:
        """After an error of the descriptor: false when the interface is gone."""

    def begin(self) -> None:
        """Lets packets in, where opening has not done so yet (see `Fanout`)."""

    def close(self) -> None:
        """Stops, and frees everything but the counts."""


def open_source(
    name: str, settings: RingSettings, interfaces: list[Interface], fanout: Fanout | None = None
) -> Source:
    """Opens an interface, and appends what it is to `interfaces`. Raises CaptureError kinds."""
    if _by_libpcap(settings.backend):
        from rawlab.capture.libpcap import PcapSource

        if fanout is not None:
            raise ValueError("packets are shared among workers by the capture ring, not by libpcap")
        return PcapSource(name, settings, interfaces)
    from rawlab.capture.ring import Ring

    return Ring(name, settings, interfaces, fanout)


def offered_linktypes(name: str, backend: Backend = "auto") -> tuple[int, ...]:
    """The LINKTYPE_ values that an interface can be captured as, the one of its own first.

    Raises CaptureError kinds; libpcap needs the privileges of a capture to tell.
    """
    if _by_libpcap(backend):
        from rawlab.capture.pcap_handle import pcap_linktypes

        return pcap_linktypes(name)
    from rawlab.capture.device import find_device

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        return find_device(asked, name).linktypes


def compiled_filter(name: str, settings: RingSettings) -> Program:
    """The filter of `settings` (none: what lets all pass), compiled for an interface.

    Raises CaptureError kinds, and ValueError for a wrong filter.
    """
    if _by_libpcap(settings.backend):
        from rawlab.capture.pcap_handle import pcap_filter

        return pcap_filter(name, settings)
    from rawlab.capture.device import find_device
    from rawlab.capture.kernel_filter import compile_filter

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        device = find_device(asked, name).choose(settings.linktype)
        return compile_filter(settings.filter or "", device, settings.snaplen)


def _by_libpcap(backend: Backend) -> bool:
    return backend == "libpcap" or (backend == "auto" and sys.platform != "linux")
