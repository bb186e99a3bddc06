"""Batches that lie in a block of the kernel's capture ring, indexed when first looked at.

Who only writes the packets to a file needs no index: see `rawlab.engine.block_records`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rawlab.batch import Batch, Index, Interface

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

_LAST_TIME = 10
"""The 32-bit word of a block with the seconds of its last packet; nanoseconds follow."""
_SECOND_NS = 1_000_000_000


class RingBlock:
    """A block of the ring as the kernel filled it, lent until the ring takes it back.

    `octets`, `halves` and `words` are the same memory; `plan` is the ring's, as
    `rawlab.engine.ring` has it.
    """

    __slots__ = ("_make_index", "count", "halves", "octets", "plan", "words")

    def __init__(
        self,
        octets: memoryview,
        words: memoryview,
        plan: memoryview,
        make_index: Callable[[RingBlock, bool], tuple[Index, int]],
    ) -> None:
        self.octets = octets
        self.halves = octets.cast("H")
        self.words = words
        self.plan = plan
        self.count: int = words[3]
        """How many packets the kernel says that there are."""
        self._make_index: Callable[[RingBlock, bool], tuple[Index, int]] | None = make_index

    @property
    def last_ns(self) -> int:
        """When the last packet was captured, nanoseconds since the epoch."""
        return int(self.words[_LAST_TIME] * _SECOND_NS + self.words[_LAST_TIME + 1])

    def index(self, hold_gil: bool = False) -> tuple[Index, int]:
        """The index of the packets, and how many there are. Raises ValueError after `end`."""
        if self._make_index is None:
            raise ValueError("the packets have been given back to the kernel: keep() what you need")
        return self._make_index(self, hold_gil)

    def end(self) -> None:
        """The ring takes the block back."""
        self._make_index = None


class LeasedBatch(Batch):
    """Packets of a block, whose index is made when it is first asked for."""

    __slots__ = ("_block", "_index")

    def __init__(
        self,
        octets: memoryview,
        block: RingBlock,
        interfaces: Sequence[Interface],
        first_number: int = 1,
        registry: Registry | None = None,
    ) -> None:
        self._block = block
        self._index: Index | None = None
        self.octets = octets
        self.count = block.count
        self.interfaces = interfaces
        self.first_number = first_number
        self.registry = registry
        self.numbers = None
        self._found = None

    @property
    def index(self) -> Index:  # type: ignore[override]
        """Where each packet lies."""
        if self._index is None:
            self._index, found = self._block.index()
            self.count = min(self.count, found)
        return self._index

    @property
    def unindexed(self) -> RingBlock | None:
        """The block, as long as no index was made of it."""
        return self._block if self._index is None else None
