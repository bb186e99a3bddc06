"""The blocks of packets that a handle of libpcap's gives, and how to wait for them."""

from __future__ import annotations

import sys
import threading
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from rawlab.batch import Index, new_index
from rawlab.capture.waiting import Wake
from rawlab.engine.records import CAPLEN, INTERFACE, LENGTH, LINKTYPE, OFFSET, TIME_NS

if TYPE_CHECKING:
    import cypcap

_AT_ONCE = 64
"""Packets for each call of libpcap."""


class Block:
    """Packets copied out of libpcap's buffer, one after the other."""

    def __init__(self) -> None:
        self.octets = bytearray()
        self._times_s: list[float] = []
        self._caplens: list[int] = []
        self._lengths: list[int] = []

    def __len__(self) -> int:
        return len(self._caplens)

    def receiver(self) -> Callable[[cypcap.Pkthdr, bytes], None]:
        """What libpcap calls with each packet."""
        octets = self.octets
        times_s, caplens, lengths = self._times_s, self._caplens, self._lengths

        def receive(header: cypcap.Pkthdr, packet: bytes) -> None:
            octets.extend(packet)
            times_s.append(header.ts)
            caplens.append(header.caplen)
            lengths.append(header.len)

        return receive

    def truncated(self, count: int) -> int:
        """How many of the first `count` packets had more octets on the wire."""
        return sum(map(int.__lt__, self._caplens[:count], self._lengths[:count]))

    def times_ns(self) -> list[int]:
        """When each packet came, in whole microseconds: a float keeps these, and no more."""
        return [round(time_s * 1e6) * 1000 for time_s in self._times_s]

    def index(self, count: int, interface: int, linktype: int, times_ns: list[int]) -> Index:
        """The index of the first `count` packets, all of one interface."""
        index = new_index(count)
        cells = index.cast("B").cast("q")
        caplens = self._caplens[:count]
        rows: dict[int, Iterable[int]] = {
            OFFSET: accumulate(caplens[:-1], initial=0),
            CAPLEN: caplens,
            LENGTH: self._lengths[:count],
            TIME_NS: times_ns[:count],
            INTERFACE: [interface] * count,
            LINKTYPE: [linktype] * count,
        }
        for row, values in rows.items():
            cells[row * count : (row + 1) * count] = array("q", values)
        return index


class Feed(Protocol):
    """Gives blocks of what arrives at a handle."""

    def next_block(self) -> Block | None:
        """What has arrived; None for nothing. Raises cypcap.Error when no more can come."""

    def fileno(self) -> int:
        """A descriptor that is readable when something has arrived."""

    def close(self) -> None:
        """Gives no more."""


class PolledFeed:
    """Asks the handle, whose descriptor can be waited for (BPF, Linux)."""

    def __init__(self, handle: cypcap.Pcap, block_octets: int) -> None:
        self._handle = handle
        self._block_octets = block_octets
        handle.setnonblock(True)

    def next_block(self) -> Block | None:
        block = Block()
        receive = block.receiver()
        before = -1
        while len(block) > before and len(block.octets) < self._block_octets:
            before = len(block)
            self._handle.dispatch(_AT_ONCE, receive)
        return block if len(block) else None

    def fileno(self) -> int:
        return int(self._handle.get_selectable_fd())

    def close(self) -> None:
        """Nothing is to be done."""


class ThreadFeed:
    """Asks the handle in a thread of its own, where it has nothing to wait for (Npcap)."""

    def __init__(self, handle: cypcap.Pcap, block_octets: int, most_octets: int) -> None:
        """`most_octets` wait at most; while there are more, libpcap's own buffer fills up."""
        self._handle = handle
        self._block_octets = block_octets
        self._most_octets = most_octets
        self._blocks: deque[Block] = deque()
        self._octets_put = 0
        self._octets_taken = 0
        self._error: Exception | None = None
        self._closed = False
        self._arrived = Wake()
        self._thread = threading.Thread(target=self._run, name="rawlab libpcap", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        import cypcap

        try:
            while not self._closed:
                if self._octets_put - self._octets_taken < self._most_octets:
                    self._ask()
                else:
                    time.sleep(0.001)
        except cypcap.Error as error:
            if not self._closed:
                self._error = error
        self._arrived.set()

    def _ask(self) -> None:
        block = Block()
        self._handle.dispatch(_AT_ONCE, block.receiver())
        if len(block):
            self._octets_put += len(block.octets)
            self._blocks.append(block)
            self._arrived.set()

    def next_block(self) -> Block | None:
        self._arrived.clear()
        if self._blocks:
            block = self._blocks.popleft()
            self._octets_taken += len(block.octets)
            if self._blocks or self._error is not None:
                self._arrived.set()
            return block
        if self._error is not None:
            raise self._error
        return None

    def fileno(self) -> int:
        return self._arrived.fileno()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._handle.breakloop()
            self._thread.join()


def make_feed(handle: cypcap.Pcap, block_octets: int, most_octets: int) -> Feed:
    """The way to wait that the handle has on this system."""
    if sys.platform == "win32" or handle.get_selectable_fd() < 0:
        return ThreadFeed(handle, block_octets, most_octets)
    if handle.get_required_select_timeout() is not None:
        return ThreadFeed(handle, block_octets, most_octets)
    return PolledFeed(handle, block_octets)
