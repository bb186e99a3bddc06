"""IPv4 and IPv6 packets by raw sockets: the kernel finds the way and writes the frame."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rawlab.inject.errors import SendError
from rawlab.inject.handing import Handing
from rawlab.inject.messages import Messages
from rawlab.inject.sockets import open_raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rawlab.batch import Batch
    from rawlab.capture.settings import Opener
    from rawlab.inject.sender import Tally

RAW_LINKTYPES = (101, 228, 229)
"""Raw IP, IPv4, IPv6."""
_SHORTEST = {4: 20, 6: 40}
_DESTINATION = {4: (16, 4, 4), 6: (24, 16, 8)}
"""Where the destination lies in a header, its octets, and its place in the socket address."""
_NAMES = {4: (socket.AF_INET, 16), 6: (socket.AF_INET6, 28)}
"""Family and octets of a socket address."""
EINVAL = 22


class RawPath:
    """Sends IP packets by route, or on one interface."""

    def __init__(self, interface: str | None, opener: Opener, tally: Tally) -> None:
        self._interface = interface
        self._opener = opener
        self._tally = tally
        self._messages = Messages()
        self._ways: dict[int, Handing] = {}
        self._way(4)  # so that what is not permitted is told before the first packet

    def send(self, batch: Batch, first: int, last: int) -> int:
        if last <= first:
            return 0
        octets = np.frombuffer(batch.octets, dtype=np.uint8)
        offsets = np.frombuffer(batch.offset, dtype=np.int64)[first:last]
        sizes = np.frombuffer(batch.caplen, dtype=np.int64)[first:last]
        taken = 0
        for version, begin, end in _runs(octets, offsets, sizes):
            if version not in _SHORTEST:
                self._tally.refuse(EINVAL, end - begin)
                continue
            places, lengths = offsets[begin:end], sizes[begin:end]
            names = _addresses(octets, places, version)
            self._messages.lay(octets, places, lengths, names)
            taken += self._way(version).hand(self._messages, lengths)
        return taken

    def send_one(self, octets: bytes) -> bool:
        version = octets[0] >> 4 if octets else 0
        if len(octets) < _SHORTEST.get(version, 1 << 16):
            self._tally.refuse(EINVAL)
            return False
        at, size, _ = _DESTINATION[version]
        return self._way(version).hand_one(octets, (_text(octets[at : at + size]), 0))

    def prepare(self) -> None:
        for version in (4, 6):
            try:
                self._way(version)
            except SendError:
                if version == 4:
                    raise

    def close(self) -> None:
        for way in self._ways.values():
            way.socket.close()

    def _way(self, version: int) -> Handing:
        if version not in self._ways:
            opened = open_raw(version, self._interface, self._opener)
            self._ways[version] = Handing(opened, self._interface, self._tally)
        return self._ways[version]


def _text(address: bytes) -> str:
    return str(ipaddress.ip_address(address))


def _runs(
    octets: NDArray[np.uint8], offsets: NDArray[np.int64], sizes: NDArray[np.int64]
) -> Iterator[tuple[int, int, int]]:
    """Packets of one IP version that follow one another: (version, begin, end); 0: of none."""
    versions = np.zeros(len(offsets), dtype=np.int64)
    some = sizes > 0
    versions[some] = octets[offsets[some]] >> 4
    for version, shortest in _SHORTEST.items():
        versions[(versions == version) & (sizes < shortest)] = 0
    ends = [*(np.flatnonzero(np.diff(versions)) + 1).tolist(), len(versions)]
    begin = 0
    for end in ends:
        yield int(versions[begin]), begin, end
        begin = end


def _addresses(
    octets: NDArray[np.uint8], offsets: NDArray[np.int64], version: int
) -> NDArray[np.uint8]:
    """Socket addresses of the packets' destinations, a row each."""
    family, length = _NAMES[version]
    at, size, place = _DESTINATION[version]
    names = np.zeros((len(offsets), length), dtype=np.uint8)
    names[:, :2] = np.frombuffer(np.uint16(family).tobytes(), dtype=np.uint8)
    names[:, place : place + size] = octets[offsets[:, None] + np.arange(at, at + size)]
    return names
