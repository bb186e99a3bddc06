"""Many packets in one system call: `sendmmsg`, its arrays laid out by numpy over a batch."""

from __future__ import annotations

import ctypes
import os

import numpy as np
from numpy.typing import NDArray

MSG_DONTWAIT = 0x40
BURST = 256
"""Messages in one system call."""


class _Vector(ctypes.Structure):
    """struct iovec; pointers are numbers here."""

    _fields_ = (("base", ctypes.c_size_t), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_size_t), ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_size_t), ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_size_t), ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )  # fmt: skip


class _Message(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("header", _Header), ("sent", ctypes.c_uint))


class Messages:
    """The messages of one batch, ready to be sent in any part."""

    def __init__(self) -> None:
        self._sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg
        self._room = 0
        self._held: object = None
        self._names: NDArray[np.uint8] | None = None
        self.count = 0

    def lay(
        self, octets: NDArray[np.uint8], offsets: NDArray[np.int64], sizes: NDArray[np.int64],
        names: NDArray[np.uint8] | None = None,
    ) -> None:
        """Point at packets, and at the address that each goes to: a row of `names`, if any.

        They are read until the next `lay`.
        """
        count = self.count = len(offsets)
        if count > self._room:
            self._grow(count)
        self._held = octets, names
        self._vectors["base"][:count] = octets.ctypes.data + offsets
        self._vectors["length"][:count] = sizes
        if names is None:
            if self._names is not None:
                self._headers["name"] = self._headers["name_length"] = 0
        else:
            places = names.ctypes.data + np.arange(count) * names.shape[1]
            self._headers["name"][:count] = places
            self._headers["name_length"][:count] = names.shape[1]
        self._names = names

    def _grow(self, count: int) -> None:
        self._room = room = 1 << max(8, (count - 1).bit_length())
        self._vectors = np.zeros(room, dtype=np.dtype(_Vector))
        self._messages = np.zeros(room, dtype=np.dtype(_Message))
        self._headers = self._messages["header"]
        step = self._vectors.itemsize
        self._headers["vectors"] = self._vectors.ctypes.data + np.arange(room) * step
        self._headers["vector_count"] = 1
        self._names = None
        self._at = self._messages.ctypes.data
        self._step = self._messages.itemsize

    def send(self, descriptor: int, first: int, last: int) -> int:
        """Hand packets first..last-1 to a socket, without waiting; how many it took, from 1.

        OSError says why it did not take the first one.
        """
        place = ctypes.c_void_p(self._at + first * self._step)
        taken: int = self._sendmmsg(descriptor, place, min(last - first, BURST), MSG_DONTWAIT)
        if taken < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return taken
