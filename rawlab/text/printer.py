"""What every printer of packets has in common."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet

PIECE = 512
"""Packets whose text is put together before it is handed on."""


class Printer(Protocol):
    """Turns batches into text."""

    def heading(self) -> str:
        """What stands before the first packet."""

    def texts(self, batch: Batch, count: int) -> Iterator[str]:
        """The text of the first `count` packets of `batch`, in pieces of bounded size."""


def pieces(batch: Batch, count: int) -> Iterator[Iterator[Packet]]:
    """The first `count` packets of `batch`, PIECE at a time."""
    packets = iter(batch)
    left = min(count, len(batch))
    while left > 0:
        yield islice(packets, min(left, PIECE))
        left -= PIECE
