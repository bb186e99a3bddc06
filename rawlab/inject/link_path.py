"""Whole frames on an interface, by a packet socket (AF_PACKET) and sendmmsg."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rawlab.inject.handing import Handing
from rawlab.inject.messages import Messages
from rawlab.inject.sockets import open_link

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.capture.settings import Opener
    from rawlab.inject.sender import Tally


class LinkPath:
    """Sends frames on one interface."""

    def __init__(self, interface: str, opener: Opener, bypass: bool, tally: Tally) -> None:
        self.device, self._socket = open_link(interface, opener, bypass)
        self._handing = Handing(self._socket, interface, tally)
        self._messages = Messages()

    def send(self, batch: Batch, first: int, last: int) -> int:
        octets = np.frombuffer(batch.octets, dtype=np.uint8)
        offsets = np.frombuffer(batch.offset, dtype=np.int64)[first:last]
        sizes = np.frombuffer(batch.caplen, dtype=np.int64)[first:last]
        self._messages.lay(octets, offsets, sizes)
        return self._handing.hand(self._messages, sizes)

    def send_one(self, octets: bytes) -> bool:
        return self._handing.hand_one(octets, None)

    def prepare(self) -> None:
        pass

    def close(self) -> None:
        self._socket.close()
