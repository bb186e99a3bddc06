"""Frames by an AF_XDP socket in copy mode: fewer steps in the kernel than a packet socket takes.

The kernel reads frames from memory that it shares with us (the umem), in slots that a ring of
descriptors names, and gives the slots back by another ring. All that it sends, it sends within our
own system calls. The figures and structures are those of <linux/if_xdp.h>.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import socket
import struct
import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rawlab.engine.copying import copy_runs
from rawlab.inject.errors import cannot_send, is_down, is_gone
from rawlab.inject.handing import PATIENCE_S

if TYPE_CHECKING:
    from rawlab.capture.device import Device
    from rawlab.capture.settings import Opener
    from rawlab.inject.sender import Tally

AF_XDP, SOL_XDP = 44, 283
XDP_MMAP_OFFSETS, XDP_TX_RING, XDP_UMEM_REG = 1, 3, 4
XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_MAX_TX_SKB_BUDGET = 5, 6, 9
XDP_COPY, XDP_USE_NEED_WAKEUP = 2, 8
_TX_OFFSET, _COMPLETION_OFFSET = 0x80000000, 0x180000000
MSG_DONTWAIT = 0x40

SLOTS = 512
"""More would not stay in the processor's cache."""
_BUDGET = 256
"""Frames in one system call, where the kernel lets us say (from 6.17 on; else it takes 32)."""
_LARGEST_SLOT = 4096
_HEADER = 14
_PAUSE_S = 0.00005
_MASK = 0xFFFFFFFF
_GOING_ON = (0, errno.EAGAIN, errno.EBUSY, errno.ENOBUFS, errno.EINTR)


class Ring:
    """A ring that is shared with the kernel: counters of who fills and who empties, entries."""

    def __init__(
        self, opened: socket.socket, place: int, offsets: tuple[int, ...], cells: int
    ) -> None:
        producer, consumer, entries, _ = offsets
        self._memory = mmap.mmap(opened.fileno(), entries + SLOTS * 8 * cells, offset=place)
        self._words = np.frombuffer(self._memory, dtype=np.uint32)
        self._producer, self._consumer = producer // 4, consumer // 4
        numbers = np.frombuffer(self._memory, np.uint64, SLOTS * cells, entries)
        self.entries = numbers.reshape(SLOTS, cells)
        """Of frames to send: address and length; of what is done: address."""

    @property
    def producer(self) -> int:
        return int(self._words[self._producer])

    @producer.setter
    def producer(self, value: int) -> None:
        self._words[self._producer] = value & _MASK

    @property
    def consumer(self) -> int:
        return int(self._words[self._consumer])

    @consumer.setter
    def consumer(self, value: int) -> None:
        self._words[self._consumer] = value & _MASK


class XdpSocket:
    """Sends frames on the first queue of an Ethernet interface. Raises OSError when it cannot."""

    def __init__(self, device: Device, mtu: int, opener: Opener, tally: Tally) -> None:
        if platform.machine() not in ("x86_64", "AMD64"):
            raise OSError(errno.ENOTSUP, "the rings need a processor that keeps stores in order")
        self.largest = mtu + _HEADER
        self.smallest = _HEADER
        self._slot = 2048 if self.largest <= 2048 else _LARGEST_SLOT
        if self.largest > self._slot:
            raise OSError(errno.EMSGSIZE, f"an MTU of {mtu} is more than a slot holds")
        self._device = device
        self._tally = tally
        self._library = ctypes.CDLL(None, use_errno=True)
        self.socket = opener(AF_XDP, socket.SOCK_RAW, 0)
        try:
            self._set_up()
        except BaseException:
            self.socket.close()
            raise

    def _set_up(self) -> None:
        self._memory = mmap.mmap(-1, SLOTS * self._slot)
        address = np.frombuffer(self._memory, dtype=np.uint8).ctypes.data
        whole = struct.pack("QQIII4x", address, SLOTS * self._slot, self._slot, 0, 0)
        size = struct.pack("I", SLOTS)
        self.socket.setsockopt(SOL_XDP, XDP_UMEM_REG, whole)
        for option in (XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_TX_RING):
            self.socket.setsockopt(SOL_XDP, option, size)
        try:
            self.socket.setsockopt(SOL_XDP, XDP_MAX_TX_SKB_BUDGET, struct.pack("I", _BUDGET))
        except OSError:  # an older kernel
            pass
        offsets = struct.unpack("16Q", self.socket.getsockopt(SOL_XDP, XDP_MMAP_OFFSETS, 128))
        self._tx = Ring(self.socket, _TX_OFFSET, offsets[4:8], 2)
        self._done = Ring(self.socket, _COMPLETION_OFFSET, offsets[12:16], 1)
        flags = XDP_COPY | XDP_USE_NEED_WAKEUP
        to = struct.pack("HHIII", AF_XDP, flags, self._device.index, 0, 0)
        if self._library.bind(self.socket.fileno(), to, len(to)) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self._free = np.arange(SLOTS, dtype=np.int64) * self._slot
        self._room = SLOTS
        """The first so many places in `_free` are of slots that hold nothing."""

    def send(
        self, octets: bytes | bytearray | memoryview, offsets: NDArray[np.int64],
        sizes: NDArray[np.int64],
    ) -> int:
        """Send frames; how many left. Each has between `smallest` and `largest` octets."""
        before = self._tally.sent
        done, count = 0, len(sizes)
        reached = unseen = 0  # taken, as the kernel has shown; dropped, which it has yet to show
        waiting_since: float | None = None
        first = self._tx.producer
        while reached < count:
            fresh = min(count - done, self._room)
            if fresh:
                self._place(octets, offsets[done : done + fresh], sizes[done : done + fresh])
                done += fresh
            dropped = self._kick()
            begin, reached = reached, (self._tx.consumer - first) & _MASK
            self._tally.sent += reached - begin
            self._tally.octets += int(sizes[begin:reached].sum())
            if dropped:
                self._drop(int(sizes[reached - 1 if reached > begin else begin + unseen]))
            unseen = 0 if reached > begin else unseen + dropped
            if self._reclaim() or reached > begin or dropped:
                waiting_since = None
                continue
            now = time.monotonic()
            waiting_since = waiting_since or now
            if now - waiting_since > PATIENCE_S:
                self._give_up(count - reached)
                break
            time.sleep(_PAUSE_S)
        return self._tally.sent - before

    def close(self) -> None:
        """Close the socket; the shared memory goes with it."""
        self.socket.close()

    def _place(
        self, octets: bytes | bytearray | memoryview, offsets: NDArray[np.int64],
        sizes: NDArray[np.int64],
    ) -> None:
        """Copy frames into free slots, and name these to the kernel."""
        count = len(sizes)
        self._room -= count
        slots = self._free[self._room : self._room + count].copy()
        copy_runs(octets, _cells(offsets), _cells(sizes), memoryview(self._memory), _cells(slots))
        producer = self._tx.producer
        at = np.arange(producer, producer + count) % SLOTS
        self._tx.entries[at, 0] = slots
        self._tx.entries[at, 1] = sizes
        self._tx.producer = producer + count

    def _kick(self) -> int:
        """Let the kernel send what the ring names; how many it dropped on the way (0 or 1)."""
        taken = self._library.sendto(self.socket.fileno(), None, 0, MSG_DONTWAIT, None, 0)
        number = ctypes.get_errno() if taken < 0 else 0
        if number in _GOING_ON:
            return int(number == errno.EBUSY)
        if number == errno.ENETDOWN:
            raise is_down(self._device.name)
        if number in (errno.ENXIO, errno.ENODEV):
            raise is_gone(self._device.name)
        raise cannot_send(f"on {self._device.name}", "sending by AF_XDP", OSError(number, ""),
                          "does method sendmmsg work?")

    def _reclaim(self) -> int:
        """Take back the slots that the kernel has done with; how many."""
        begin, end = self._done.consumer, self._done.producer
        count = (end - begin) & _MASK
        if count:
            at = np.arange(begin, begin + count) % SLOTS
            self._free[self._room : self._room + count] = self._done.entries[at, 0]
            self._room += count
            self._done.consumer = end
        return count

    def _drop(self, octets: int) -> None:
        """Count a frame as refused that is, or will be, among those that were taken."""
        self._tally.refuse(errno.ENOBUFS)
        self._tally.sent -= 1
        self._tally.octets -= octets

    def _give_up(self, left: int) -> None:
        """Take back the frames that the kernel has not looked at."""
        reached, producer = self._tx.consumer, self._tx.producer
        count = (producer - reached) & _MASK
        at = np.arange(reached, reached + count) % SLOTS
        self._free[self._room : self._room + count] = self._tx.entries[at, 0]
        self._room += count
        self._tx.producer = reached
        self._tally.refuse(errno.ENOBUFS, left)


def _cells(numbers: NDArray[np.int64]) -> memoryview:
    return np.ascontiguousarray(numbers).data
