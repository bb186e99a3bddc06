"""A packet socket and its capture ring (AF_PACKET, TPACKET_V3), shared with the kernel."""

from __future__ import annotations

import ctypes
import errno
import mmap
import socket
import struct
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from rawlab.batch import Index, Interface, new_index
from rawlab.capture.counts import Counts
from rawlab.capture.device import Device, device_name, find_device
from rawlab.capture.errors import cannot_open, not_permitted
from rawlab.capture.kernel_filter import DROP_ALL, attach, compile_filter, whole_program
from rawlab.capture.settings import Opener, RingSettings
from rawlab.engine.ring import (
    PLAN_COOKED,
    PLAN_INDEXES,
    PLAN_INTERFACE,
    PLAN_KNOWN,
    PLAN_LINKTYPE,
    PLAN_SNAPLEN,
    PLAN_TRUNCATED,
    SLL2_LENGTH,
    TAG_LENGTH,
    index_block,
)
from rawlab.leased import RingBlock

if TYPE_CHECKING:
    from rawlab.capture.fanout import Fanout

SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP, PACKET_RX_RING, PACKET_STATISTICS = 1, 5, 6
PACKET_VERSION, PACKET_RESERVE, PACKET_TIMESTAMP = 10, 12, 17
PACKET_MR_PROMISC = 1
TPACKET_V3 = 2
TP_STATUS_USER = 1
SOF_TIMESTAMPING_SOFTWARE = 1 << 4
ETH_P_ALL = 3

# 32-bit words of struct tpacket_block_desc
_STATUS, _PACKETS, _FILLED = 2, 3, 5
_MOST_INTERFACES = 4096


class Ring:
    """A packet socket bound to one interface (or to "any") and its ring.

    `take` gives the packets of the next full block and lends the block out; `release` gives it
    back to the kernel. On opening it raises CaptureError kinds; then packets are being captured,
    unless they are shared with others by a `fanout`: then from `begin` on.
    """

    def __init__(
        self,
        name: str,
        settings: RingSettings,
        interfaces: list[Interface],
        fanout: Fanout | None = None,
    ) -> None:
        self.name = name
        self.number = len(interfaces)
        self.captured = 0
        self.missed = 0
        self._interfaces = interfaces
        self._statistics = (0, 0, 0)
        self._news: deque[tuple[int, int, int]] = deque()
        self._adding = Lock()
        self._next = 0
        self._status = _STATUS
        self._room = 64
        self._index = new_index(self._room)
        """Of the block that is lent; the next one uses it again."""
        self._taken: RingBlock | None = None
        self._leased: memoryview | None = None
        self.device, self.socket = _open(name, settings)
        try:
            self._start(settings, fanout)
        except BaseException:
            self.socket.close()
            raise

    def _start(self, settings: RingSettings, fanout: Fanout | None) -> None:
        device = self.device
        program = settings.bpf
        if settings.filter is not None:
            program = compile_filter(settings.filter, device, settings.snaplen)
        self._program = whole_program(program, device, settings.direction, settings.snaplen)
        self._block, self._blocks = settings.blocks()
        self._map(settings)
        self.begin()
        if fanout is not None:
            self.let_nothing_in()
        self._plan = memoryview(bytearray(8 * (PLAN_INDEXES + _MOST_INTERFACES))).cast("q")
        self._plan[PLAN_INTERFACE] = self.number
        self._plan[PLAN_LINKTYPE] = device.linktype
        self._plan[PLAN_SNAPLEN] = settings.snaplen
        self._plan[PLAN_COOKED] = 2 if device.every else int(device.cooked)
        self._interfaces.append(Interface(self.name, device.linktype, settings.snaplen))
        self._plan[PLAN_KNOWN] = len(self._interfaces)
        self._snaplen = settings.snaplen
        if settings.promiscuous and not device.every:
            request = struct.pack("iHH8s", device.index, PACKET_MR_PROMISC, 0, b"")
            self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, request)
        _bind(self.socket, device)
        if fanout is not None:
            fanout.join(self.socket, device)

    def begin(self) -> None:
        """Let in what passes the filter."""
        try:
            attach(self.socket, self._program)
        except OSError as error:
            remedy = "the program is not valid classic BPF"
            raise cannot_open(self.name, "attaching the filter", error, remedy) from None

    def _map(self, settings: RingSettings) -> None:
        headroom = SLL2_LENGTH + TAG_LENGTH if self.device.cooked else TAG_LENGTH
        request = struct.pack(
            "7I", self._block, self._blocks, self._block, self._blocks, settings.latency_ms, 0, 0
        )
        try:
            self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
            self.socket.setsockopt(SOL_PACKET, PACKET_RESERVE, headroom)
            self.socket.setsockopt(SOL_PACKET, PACKET_TIMESTAMP, SOF_TIMESTAMPING_SOFTWARE)
            self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
            self._memory = mmap.mmap(self.socket.fileno(), self._block * self._blocks)
        except OSError as error:
            megabytes = self._block * self._blocks >> 20
            raise cannot_open(
                self.name, f"making a ring of {megabytes} MB", error, "use a smaller buffer"
            ) from None
        self._octets = memoryview(self._memory)
        self._words = self._octets.cast("I")

    def fileno(self) -> int:
        """The socket's descriptor; -1 when closed."""
        return self.socket.fileno()

    @property
    def ready(self) -> bool:
        """Whether a block of packets waits to be taken."""
        return self._words[self._status] & TP_STATUS_USER != 0

    def drained(self, late: bool) -> bool:
        """Whether no packet is left, when nothing more comes in.

        `late` says that the kernel has had the time to finish the block that it was filling.
        """
        filling = self._words[(self._next * self._block >> 2) + _PACKETS]
        return not self.ready and (late or not filling)

    def take(self) -> tuple[memoryview, RingBlock, int] | None:
        """The next block that the kernel has finished, its octets, and the number of its packets.

        None for none. Lent until `release`.
        """
        self.release()
        if not self.ready:
            return None
        start = self._next * self._block
        words = self._words[start >> 2 : (start + self._block) >> 2]
        filled = min(words[_FILLED] + 7 & ~7, self._block)
        octets = self._octets[start : start + filled]
        self._taken = RingBlock(octets, words[: filled >> 2], self._plan, self._index_block)
        self._leased = octets.toreadonly()
        return self._leased, self._taken, self._taken.count

    def _index_block(self, block: RingBlock, hold_gil: bool) -> tuple[Index, int]:
        """The index of the block that is lent, and the number of its packets."""
        if block.count > self._room:  # for half as many more: the next block is of a size like this
            self._room = block.count + block.count // 2
            self._index = new_index(self._room)
        count = index_block(
            block.octets, block.halves, block.words, self._index, self._plan, hold_gil
        )
        if self.device.every:
            self._name_new_interfaces()
        return self._index, count

    def release(self) -> None:
        """Give the block that was taken last back to the kernel.

        Its octets can no longer be read then, unless somebody still holds a view of a part of them.
        """
        if self._taken is None or self._leased is None:
            return
        self._taken.end()
        try:
            self._leased.release()
        except BufferError:
            pass
        self._taken = self._leased = None
        self._words[self._status] = 0
        self._next = (self._next + 1) % self._blocks
        self._status = (self._next * self._block >> 2) + _STATUS

    def _name_new_interfaces(self) -> None:
        for number in range(len(self._interfaces), self._plan[PLAN_KNOWN]):
            index = self._plan[PLAN_INDEXES + number]
            name = device_name(self.socket, index) or f"if{index}"
            self._interfaces.append(Interface(name, self.device.linktype, self._snaplen))

    def let_nothing_in(self) -> None:
        """Stop receiving; what is in the ring stays."""
        try:
            attach(self.socket, DROP_ALL)
        except OSError:
            if self.socket.fileno() >= 0:  # else another thread has closed it meanwhile
                raise

    def recover(self) -> bool:
        """After an error of the socket: whether it can go on, since the interface is only down.

        False when the interface is gone.
        """
        number = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number not in (0, errno.ENETDOWN):
            raise cannot_open(self.name, "receiving", OSError(number, ""), "open it again")
        return self.device.every or bool(self.socket.getsockname()[0])

    @property
    def counts(self) -> Counts:
        """What became of the packets of this ring."""
        if self.socket.fileno() >= 0:
            news = struct.unpack("3I", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12))
            self._news.append(news)
            self._add_news()
        received, dropped, frozen = self._statistics
        missed = self.missed
        unread = max(received - dropped - missed - self.captured, 0)
        truncated = self._plan[PLAN_TRUNCATED]
        return Counts(self.captured, received, dropped, missed, unread, truncated, frozen)

    def _add_news(self) -> None:
        """Add what the kernel has said, which it says once only.

        Any thread may be here, and a signal handler in the middle of it: who comes second leaves
        its part to the first.
        """
        while self._news and self._adding.acquire(blocking=False):
            try:
                while self._news:
                    pairs = zip(self._statistics, self._news[0], strict=True)
                    received, dropped, frozen = (before + new for before, new in pairs)
                    self._statistics = (received, dropped, frozen)
                    self._news.popleft()
            finally:
                self._adding.release()

    def close(self) -> None:
        """Stop capturing and give the ring's memory back; batches that were kept stay valid."""
        if self.socket.fileno() < 0:
            return
        self.let_nothing_in()
        _ = self.counts
        self.release()
        self._words.release()
        self._octets.release()
        try:
            self._memory.close()
        except BufferError:  # somebody holds a view of a leased batch; the memory goes with it
            pass
        self.socket.close()


def _open(name: str, settings: RingSettings) -> tuple[Device, socket.socket]:
    """The interface, and a packet socket that receives nothing yet."""
    opener: Opener = settings.opener
    try:
        opened = opener(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError:
        raise not_permitted(name) from None
    except OSError as error:
        remedy = "the kernel needs CONFIG_PACKET"
        raise cannot_open(name, "opening a packet socket", error, remedy) from None
    try:
        device = find_device(opened, name).choose(settings.linktype)
        if not device.cooked:
            return device, opened
        opened.close()
        return device, opener(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    except BaseException:
        opened.close()
        raise


def _bind(opened: socket.socket, device: Device) -> None:
    """Begin to receive all protocols; by index, since Python's own bind cannot say "any"."""
    protocol = socket.htons(ETH_P_ALL)
    address = struct.pack("=HHiHBB8s", socket.AF_PACKET, protocol, device.index, 0, 0, 0, b"")
    if ctypes.CDLL(None, use_errno=True).bind(opened.fileno(), address, len(address)) < 0:
        number = ctypes.get_errno()
        if number != errno.ENETDOWN:
            error = OSError(number, "")
            raise cannot_open(device.name, "binding to it", error, "does it still exist?")
