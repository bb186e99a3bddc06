"""Capturing by libpcap (BPF, Npcap): on systems that have no AF_PACKET, or by choice."""

from __future__ import annotations

import struct
import time

from rawlab.batch import Index, Interface
from rawlab.capture.counts import Counts
from rawlab.capture.errors import cannot_open, interface_removed
from rawlab.capture.pcap_feed import Block, make_feed
from rawlab.capture.pcap_handle import ANY, SLL2, is_removal, linktype_of, open_handle
from rawlab.capture.settings import RingSettings
from rawlab.engine.records import INTERFACE, OFFSET

_MICROSECONDS = 1_000_000
_SLL2_INDEX_OFFSET = 4


class PcapSource:
    """One interface (or "any"), captured by libpcap; the face is that of `Source`.

    Its time stamps are whole microseconds. What it counts as dropped is what libpcap does.
    """

    def __init__(self, name: str, settings: RingSettings, interfaces: list[Interface]) -> None:
        """Opens it. Raises CaptureError kinds, and ValueError for a wrong filter or setting."""
        self.name = name
        self.captured = 0
        self.missed = 0
        self._interfaces = interfaces
        self._number = len(interfaces)
        self._snaplen = settings.snaplen
        self._numbers: dict[int, int] = {}
        self._received = 0
        self._dropped = 0
        self._truncated = 0
        self._until_ns: int | None = None
        self._past_the_end = False
        self._gone = False
        self._told = False
        self._open = True
        self._taken: tuple[memoryview, Index, int] | None = None
        self._lent: memoryview | None = None
        self._handle = open_handle(name, settings)
        try:
            self._linktype = linktype_of(int(self._handle.datalink()))
            self._feed = make_feed(
                self._handle, settings.block_octets, settings.buffer_octets
            )
        except BaseException:
            self._handle.close()
            raise
        interfaces.append(Interface(name, self._linktype, self._snaplen, "", _MICROSECONDS))

    @property
    def ready(self) -> bool:
        """Whether a block waits to be taken."""
        if self._taken is None and self._open and not (self._gone or self._past_the_end):
            self._taken = self._ask()
        return self._taken is not None

    def _ask(self) -> tuple[memoryview, Index, int] | None:
        import cypcap

        try:
            block = self._feed.next_block()
        except cypcap.Error as error:
            self._gone = is_removal(error)
            if not self._gone:
                reason = OSError(error.args[-1])
                raise cannot_open(self.name, "receiving", reason, "open it again") from None
            return None
        return None if block is None else self._finished(block)

    def _finished(self, block: Block) -> tuple[memoryview, Index, int] | None:
        """The packets of a block that came before the end."""
        times_ns = block.times_ns()
        count = len(times_ns)
        if self._until_ns is not None and times_ns[-1] > self._until_ns:
            self._past_the_end = True
            count = next(at for at, when in enumerate(times_ns) if when > self._until_ns)
            if count == 0:
                return None
        octets = memoryview(block.octets).toreadonly()
        index = block.index(count, self._number, self._linktype, times_ns)
        self._received += count
        self._truncated += block.truncated(count)
        if self.name == ANY and self._linktype == SLL2:
            self._tell_apart(octets, index, count)
        return octets, index, count

    def _tell_apart(self, octets: memoryview, index: Index, count: int) -> None:
        """Packets of "any" get the interface that their header names by its index."""
        cells = index.cast("B").cast("q")
        for place in range(count):
            start = cells[OFFSET * count + place] + _SLL2_INDEX_OFFSET
            (number,) = struct.unpack_from(">I", octets, start)
            if number not in self._numbers:
                self._numbers[number] = len(self._interfaces)
                name = self._name_of(number)
                self._interfaces.append(
                    Interface(name, self._linktype, self._snaplen, "", _MICROSECONDS)
                )
            cells[INTERFACE * count + place] = self._numbers[number]

    def _name_of(self, index: int) -> str:
        from rawlab.capture.device import device_name

        return device_name(self._handle.get_selectable_fd(), index) or f"if{index}"

    @property
    def counts(self) -> Counts:
        """What became of the packets until now; also after `close`."""
        if self._open and not self._gone:
            self._dropped = max(self._handle.stats().drop, self._dropped)
        received = self._received + self._dropped
        unread = self._received - self.captured - self.missed
        return Counts(
            self.captured, received, self._dropped, self.missed, unread, self._truncated
        )

    def fileno(self) -> int:
        """A descriptor that is readable while a block is ready."""
        return self._feed.fileno()

    def take(self) -> tuple[memoryview, Index, int] | None:
        """The next block: octets (lent until `release`), index, count; None when none is ready.

        Raises InterfaceRemoved, once, after the last of an interface that is gone.
        """
        self.release()
        if not self.ready:
            if self._gone and not self._told:
                self._told = True
                raise interface_removed(self.name)
            return None
        taken, self._taken = self._taken, None
        self._lent = taken[0] if taken else None
        return taken

    def release(self) -> None:
        """Gives the block back; its octets can no longer be read then, except through a view."""
        if self._lent is not None:
            try:
                self._lent.release()
            except BufferError:
                pass
            self._lent = None

    def drained(self, late: bool) -> bool:
        """Whether no packet is left when nothing comes in any more."""
        return not self.ready and (late or self._past_the_end or self._gone)

    def let_nothing_in(self) -> None:
        """What comes from now on is not given; told by its time."""
        self._until_ns = time.time_ns()

    def begin(self) -> None:
        """Packets have been let in since the opening."""

    def recover(self) -> bool:
        """After an error of the descriptor: libpcap itself finds out whether it can go on."""
        return True

    def close(self) -> None:
        """Stops, and frees everything but the counts."""
        if self._open:
            _ = self.counts
            self._open = False
            self._feed.close()
            self._handle.close()
