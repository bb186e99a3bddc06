"""Packets and their listeners for tests of replay."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import numpy as np

from capture.namespaces import Namespace
from rawlab.batch import Batch
from rawlab.inject.batching import batch_of_octets
from rawlab.schema.draft import Draft

ETH_P_ALL = 3
MS = 1_000_000
START_NS = 1_700_000_000_000_000_000


def recorded(packets: Sequence[Draft | bytes], *times_ms: float) -> Batch:
    """A batch of packets that were captured at these times."""
    batch = batch_of_octets([bytes(packet) for packet in packets], 1)
    times = np.asarray(batch.time_ns)
    times[:] = START_NS
    if times_ms:
        times += np.array([round(time * MS) for time in times_ms], dtype=np.int64)
    return batch


class Listener:
    """Takes all frames that arrive on an interface."""

    def __init__(self, inside: Namespace, interface: str) -> None:
        self._socket = inside.open(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((interface, ETH_P_ALL))
        self._socket.settimeout(0.3)

    def frames(self, wanted: int = 1 << 30) -> list[bytes]:
        """What has arrived, and arrives until nothing comes for a while."""
        found: list[bytes] = []
        try:
            while len(found) < wanted:
                octets, address = self._socket.recvfrom(1 << 16)
                if address[2] != socket.PACKET_OUTGOING:
                    found.append(octets)
        except TimeoutError:
            pass
        return found

    def close(self) -> None:
        self._socket.close()
