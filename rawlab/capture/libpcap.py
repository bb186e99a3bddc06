"""Capturing by libpcap: on systems that have no AF_PACKET, or by choice (room for BPF, Npcap)."""

from __future__ import annotations

import errno
import socket
import struct
import sys
import time
import warnings
from typing import TYPE_CHECKING

from rawlab.batch import Index, Interface
from rawlab.capture.counts import Counts
from rawlab.capture.errors import (
    CaptureError,
    cannot_open,
    interface_removed,
    no_such_interface,
    not_permitted,
)
from rawlab.capture.netmask import netmask
from rawlab.capture.pcap_handle import Block, make_feed
from rawlab.capture.settings import RingSettings
from rawlab.engine.records import INTERFACE, OFFSET

if TYPE_CHECKING:
    import cypcap

ANY = "any"
SLL2 = 276
_RAW_IP = 101
_DLT_RAW = 12
_MICROSECONDS = 1_000_000
_SLL2_INDEX_OFFSET = 4
_ANCILLARY = 0xFFFFF000
"""Where what is not in the packet begins, for BPF on Linux. libpcap filters some of the first
packets itself, and may be built without knowing of it."""


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
            self._linktype = _linktype(int(self._handle.datalink()))
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
            self._gone = _is_removal(error)
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

    def take(self, hold_gil: bool = False) -> tuple[memoryview, Index, int] | None:
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


def open_handle(name: str, settings: RingSettings) -> cypcap.Pcap:
    """A handle that captures. Raises CaptureError kinds, and ValueError for a wrong setting."""
    if settings.opener is not socket.socket:
        raise ValueError("libpcap opens its sockets itself; `opener` is for the capture ring")
    try:
        import cypcap
    except ImportError as error:
        remedy = "install Npcap" if sys.platform == "win32" else "pip install cypcap"
        raise cannot_open(name, "loading libpcap", OSError(str(error)), remedy) from None
    try:
        handle = cypcap.create(name)
    except cypcap.Error as error:
        raise _explained(name, error) from None
    try:
        _activate(handle, name, settings)
        _configure(handle, name, settings)
    except BaseException:
        handle.close()
        raise
    return handle


def _activate(handle: cypcap.Pcap, name: str, settings: RingSettings) -> None:
    import cypcap

    handle.set_snaplen(settings.snaplen)
    handle.set_timeout(settings.latency_ms / 1000)
    handle.set_buffer_size(min(settings.buffer_octets, (1 << 31) - 1))
    handle.set_promisc(settings.promiscuous and name != ANY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cypcap.Warning)
            handle.activate()
    except cypcap.Error as error:
        raise _explained(name, error) from None


def _configure(handle: cypcap.Pcap, name: str, settings: RingSettings) -> None:
    import cypcap

    offered = {_linktype(int(number)): int(number) for number in handle.list_datalinks()}
    wanted = settings.linktype
    if wanted is None and name == ANY and SLL2 in offered:
        wanted = SLL2
    if wanted is not None:
        if wanted not in offered:
            known = ", ".join(map(str, offered))
            raise ValueError(f"{name} does not offer link type {wanted}; it offers {known}")
        handle.set_datalink(offered[wanted])
    if settings.direction != "inout":
        direction = {"in": cypcap.Direction.IN, "out": cypcap.Direction.OUT}[settings.direction]
        try:
            handle.setdirection(direction)
        except cypcap.Error as error:
            reason = OSError(error.args[-1])
            raise cannot_open(name, "choosing the direction", reason, "take both") from None
    _filter(handle, name, settings)


def _filter(handle: cypcap.Pcap, name: str, settings: RingSettings) -> None:
    import cypcap

    if settings.filter is None and settings.bpf is None:
        return
    told = f"capture filter {settings.filter!r} for {name}: "
    try:
        if settings.filter is not None:
            program = handle.compile(settings.filter, netmask=netmask(name))
        else:
            program = cypcap.BpfProgram([tuple(line) for line in settings.bpf or ()])
        if any(k >= _ANCILLARY for _, _, _, k in program):
            raise ValueError(f"{told}libpcap cannot be relied on to see what lies beside a packet, "
                             "such as a stripped VLAN tag; the capture ring can")
        handle.setfilter(program)
    except cypcap.Error as error:
        if settings.filter is not None:
            raise ValueError(f"{told}{error.args[-1]}") from None
        reason, remedy = OSError(error.args[-1]), "the program is not valid classic BPF"
        raise cannot_open(name, "attaching the filter", reason, remedy) from None


def _explained(name: str, error: cypcap.Error) -> CaptureError:
    """What an error of opening means to the user."""
    import cypcap

    code, complaint = error.args[0], error.args[-1]
    if code in (cypcap.ErrorCode.PERM_DENIED, cypcap.ErrorCode.PROMISC_PERM_DENIED):
        return not_permitted(name)
    if code == cypcap.ErrorCode.NO_SUCH_DEVICE:
        return no_such_interface(name, device_names())
    if code == cypcap.ErrorCode.IFACE_NOT_UP:
        return CaptureError(
            f"cannot capture on {name}: it is down; switch it on (ip link set {name} up)",
            errno.ENETDOWN,
        )
    return CaptureError(f"cannot capture on {name}: {complaint or code}")


def device_names() -> list[str]:
    """The interfaces that can be captured on, without libpcap's other sources of packets."""
    import cypcap

    known = {name for _, name in socket.if_nameindex()}
    names = [found.name for found in cypcap.findalldevs()]
    return names if sys.platform == "win32" else [name for name in names if name in known]


def _is_removal(error: cypcap.Error) -> bool:
    """Whether libpcap says that the interface is gone; it has no number for that."""
    return "disappeared" in str(error.args[-1]) or "went away" in str(error.args[-1])


def _linktype(datalink: int) -> int:
    """The LINKTYPE_ value of a DLT_ value of this system; they differ for raw IP alone."""
    raw = 14 if sys.platform.startswith("openbsd") else _DLT_RAW
    return _RAW_IP if datalink == raw else datalink
