"""One interface that a replay leaves by: bursts of prepared messages, each in one system call."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from rawlab.inject.errors import wrong_linktype
from rawlab.inject.handing import Handing
from rawlab.inject.sender import Tally
from rawlab.inject.sockets import open_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rawlab.capture.settings import Opener
    from rawlab.inject.messages import Messages

_FULL = (errno.EAGAIN, errno.ENOBUFS)


class Lane(Handing):
    """Hands bursts to the link layer of one interface, and counts."""

    def __init__(self, interface: str, opener: Opener = socket.socket, bypass: bool = True) -> None:
        """Raises SendError kinds and NoSuchInterface, as `open_sender` does."""
        self.device, opened = open_link(interface, opener, bypass)
        self.interface = interface
        self.tally = Tally()
        super().__init__(opened, interface, self.tally)
        self._number = opened.fileno()

    def burst(self, messages: Messages, ends: Sequence[int], first: int, last: int) -> int:
        """Hand over packets first..last-1, or the first of them; how many were taken.

        `ends`: octets of all packets up to each one, from 0. 0: the first was refused and counted.
        It waits where a queue is full.
        """
        while True:
            try:
                taken = messages.send(self._number, first, last)
            except InterruptedError:
                continue
            except OSError as error:
                number = error.errno or errno.EIO
                if number in _FULL and self._wait(number):
                    continue
                self._refuse(number, 1)
                return 0
            self.tally.sent += taken
            self.tally.octets += ends[first + taken] - ends[first]
            self._waiting_since = None
            return taken

    def check(self, linktype: int) -> None:
        """Raises WrongLinkType for packets that begin with another header than is sent here."""
        if linktype != self.device.linktype:
            raise wrong_linktype(linktype, self.device.linktype, self.interface)

    def close(self) -> None:
        """Close the socket; the counts stay."""
        self.socket.close()
