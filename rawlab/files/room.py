"""A buffer that records are put into, used again for each batch."""

from __future__ import annotations

from array import array

from rawlab.engine import framing as engine

_AT_FIRST = 1 << 16


class Room:
    """Octets ``octets[:end]`` of a buffer that grows."""

    def __init__(self) -> None:
        self.octets = bytearray(_AT_FIRST)
        self.end = 0
        self.state = array("q", bytes(8 * engine.STATE_CELLS))
        """What the engine said last."""

    @property
    def filled(self) -> memoryview:
        """What is in it."""
        return memoryview(self.octets)[: self.end]

    def append(self, octets: bytes | memoryview) -> None:
        """Put octets in."""
        self.reserve(len(octets))
        self.octets[self.end : self.end + len(octets)] = octets
        self.end += len(octets)

    def reserve(self, octets: int) -> None:
        """Make room for so many more octets."""
        if self.end + octets > len(self.octets):
            grown = bytearray(max(2 * len(self.octets), self.end + octets))
            grown[: self.end] = memoryview(self.octets)[: self.end]
            self.octets = grown  # the old one may still be looked at
