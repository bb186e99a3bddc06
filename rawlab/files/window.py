"""The part of a file that is in memory: one buffer that moves along the file."""

from __future__ import annotations

from rawlab.files.source import Source

WINDOW_OCTETS = 1 << 19
"""Size of the buffer, unless one record is larger."""

_WORTHWHILE = 1 << 14
"""Free octets at the buffer's end that are still worth a read."""


class Window:
    """Octets ``view[start:end]`` of a file, of which the first lies at octet `offset` of it."""

    def __init__(self, source: Source, octets: int = WINDOW_OCTETS) -> None:
        self.source = source
        self.start = 0
        self.end = 0
        self._size = octets
        self._before = 0
        """Octets of the file before the buffer's first one."""
        self._allocate(octets)

    def _allocate(self, octets: int) -> None:
        self._room = memoryview(bytearray(octets))
        self.view = self._room.toreadonly()

    @property
    def offset(self) -> int:
        """Place in the file of the octet at `start`."""
        return self._before + self.start

    def place_of(self, position: int) -> int:
        """Place in the file of the octet at `position` of the buffer."""
        return self._before + position

    def renew(self, octets: int = 0) -> None:
        """Go on in a new buffer (of at least `octets`), leaving the old one to who holds it."""
        old, start, end = self._room, self.start, self.end
        self._allocate(max(self._size, octets, end - start))
        self._room[: end - start] = old[start:end]
        self._moved_to_front()

    def _moved_to_front(self) -> None:
        self._before += self.start
        self.end -= self.start
        self.start = 0

    def _compact(self) -> None:
        if self.start:
            self._room[: self.end - self.start] = self._room[self.start : self.end]
            self._moved_to_front()

    def fill(self, need: int, reuse: bool) -> int:
        """Read on towards `need` octets from `start`; return how many octets came, 0 at the end.

        With `reuse`, octets before `start` are overwritten; otherwise they stay as they are.
        The buffer grows as octets arrive, never by what a record merely claims.
        """
        if reuse:
            self._compact()
        size = len(self._room)
        little_left = self.start + need > size or size - self.end < _WORTHWHILE
        if self.end == size or (self.start and little_left):
            self.renew(min(need, 2 * max(self.end - self.start, self._size)))
        got = self.source.read_into(self._room[self.end :])
        self.end += got
        return got

    def peek(self, octets: int) -> memoryview:
        """The next `octets`, or what there is of them before the end of the file."""
        while self.end - self.start < octets and self.fill(octets, reuse=True):
            pass
        return self.view[self.start : min(self.end, self.start + octets)]
