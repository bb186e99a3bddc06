"""What every kind of capture file offers: its records, found piece by piece."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array

from rawlab.batch import Index, Interface
from rawlab.engine import records as engine
from rawlab.files.blocks import KeptBlock, Section
from rawlab.files.ending import Damaged

_REASONS = {
    engine.CAPTURED_TOO_LONG: "a packet claims more captured octets than may be",
    engine.BAD_LENGTH: "a block of {need} octets cannot be",
    engine.LENGTHS_DIFFER: "the two lengths of a block differ (the first is {need})",
    engine.UNKNOWN_INTERFACE: "a packet of an interface that its section does not describe",
    engine.OVERRUNS_RECORD: "a packet that exceeds its record of {need} octets",
    engine.RECORD_TOO_LONG: "a record of {need} octets, more than may be",
}


def cells(count: int) -> array[int]:
    """`count` cells of int64, all zero."""
    return array("q", bytes(8 * count))


class Records(ABC):
    """The records of one file.

    After `find`: `position` is where it stopped, `full` tells that it may go on without more
    octets, `need` how many octets the record there takes, `damage` what is wrong with it.
    """

    kind: str
    header_octets: int = 0
    """Octets of a record before the packet's own; unused where there are `places`."""
    length_at: int | None = None
    """Where in a record its own length stands, in 32 bits; None: it is header and packet."""
    big_endian: bool = False
    places: array[int] | None = None
    """Where the record of each indexed packet begins."""
    section: Section | None = None
    keep_blocks: bool = False

    def __init__(self) -> None:
        self.interfaces: list[Interface] = []
        self.names: dict[str, tuple[str, ...]] = {}
        self.secrets: list[tuple[int, bytes]] = []
        self.kept: list[KeptBlock] = []
        self.state = cells(engine.STATE_CELLS)
        self.damage: str | None = None

    @property
    def position(self) -> int:
        return self.state[engine.POSITION]

    @property
    def need(self) -> int:
        return self.state[engine.NEED]

    @property
    def full(self) -> bool:
        return self.state[engine.WHY] == engine.FULL

    def find(self, octets: memoryview, start: int, end: int, index: Index, before: int) -> int:
        """Index whole packets of ``octets[start:end]``; `before` octets of the file lie before.

        Returns how many, from the index's first column on.
        """
        self.damage = None
        count = self._find(octets, start, end, index, before)
        why = self.state[engine.WHY]
        if self.damage is None and why in _REASONS:
            self.damage = _REASONS[why].format(need=self.need)
        return count

    @abstractmethod
    def _find(
        self, octets: memoryview, start: int, end: int, index: Index, before: int
    ) -> int: ...



def want_header(head: memoryview, octets: int, kind: str) -> None:
    """Raises Damaged unless a file header of `octets` is all there."""
    if len(head) < octets:
        have = len(head)
        raise Damaged(f"a {kind} file that ends after {have} of the {octets} octets of its header")
