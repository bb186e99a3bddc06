"""Handing messages to a socket: parts taken, queues that are full, packets refused."""

from __future__ import annotations

import errno
import select
import socket
import time
from typing import TYPE_CHECKING

from rawlab.inject.errors import is_down, is_gone

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rawlab.inject.messages import Messages
    from rawlab.inject.sender import Tally

PATIENCE_S = 1.0
"""How long a queue may stay full before what waits for it is given up."""
_PAUSE_S = 0.00005
"""The first pause when a driver's queue is full, which nothing tells the end of."""
_LONGEST_PAUSE_S = 0.01
_FULL = (errno.EAGAIN, errno.ENOBUFS)
_GONE = (errno.ENXIO, errno.ENODEV)


class Handing:
    """Hands packets to one socket, and waits while its queue is full."""

    def __init__(self, opened: socket.socket, interface: str | None, tally: Tally) -> None:
        self.socket = opened
        self._interface = interface or ""
        self._tally = tally
        self._waiting_since: float | None = None
        self._pause_s = _PAUSE_S
        self._poll = select.poll()
        self._poll.register(opened, select.POLLOUT)

    def hand(self, messages: Messages, sizes: NDArray[np.int64]) -> int:
        """Hand over all of `messages`, of these sizes in octets; how many were taken."""
        tally = self._tally
        before = tally.sent
        descriptor = self.socket.fileno()
        done, count = 0, messages.count
        while done < count:
            try:
                new = messages.send(descriptor, done, count)
            except InterruptedError:
                continue
            except OSError as error:
                number = error.errno or errno.EIO
                if number not in _FULL:
                    self._refuse(number, 1)
                    done += 1
                elif not self._wait(number):
                    self._refuse(number, count - done)
                    done = count
                continue
            tally.octets += int(sizes[done : done + new].sum())
            tally.sent += new
            done += new
            self._waiting_since = None
        return tally.sent - before

    def hand_one(self, octets: bytes, address: tuple[object, ...] | None) -> bool:
        """Hand over one packet without waiting; whether it was taken."""
        try:
            if address is None:
                size = self.socket.send(octets, socket.MSG_DONTWAIT)
            else:
                size = self.socket.sendto(octets, socket.MSG_DONTWAIT, address)
        except OSError as error:
            self._refuse(error.errno or errno.EIO, 1)
            return False
        self._tally.sent += 1
        self._tally.octets += size
        return True

    def _wait(self, number: int) -> bool:
        """Wait for a full queue; whether it is worth another try.

        The socket's own buffer tells when it has room (EAGAIN), a driver's queue does not.
        """
        now = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since = now
            self._pause_s = _PAUSE_S
        left_s = self._waiting_since + PATIENCE_S - now
        if left_s <= 0:
            self._waiting_since = None
            return False
        if number == errno.EAGAIN:
            self._poll.poll(left_s * 1000)
        else:
            time.sleep(min(self._pause_s, left_s))
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return True

    def _refuse(self, number: int, packets: int) -> None:
        """Count packets as refused; raise InterfaceDown where no other could leave either."""
        if number == errno.ENETDOWN:
            raise is_down(self._interface or "the interface")
        if number in _GONE:
            raise is_gone(self._interface or "the interface")
        self._tally.refuse(number, packets)
