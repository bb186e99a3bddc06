"""What became of the packets: how many were captured, and how many were lost, where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Counts of packets since the capture began.

    received = captured + dropped + missed + unread, always.
    """

    captured: int = 0
    """Handed to the caller."""
    received: int = 0
    """Passed the filter."""
    dropped: int = 0
    """Passed the filter and were lost by the kernel, because the ring was full."""
    missed: int = 0
    """Taken from the ring and lost by rawlab, because the caller of a `for` or `async for` was so
    slow that the backlog was full."""
    unread: int = 0
    """Not handed to the caller: they wait while the capture is open, and are lost after."""
    truncated: int = 0
    """Taken from the ring with fewer octets than they had on the wire."""
    frozen: int = 0
    """How often the ring was full (not packets)."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.captured + other.captured,
            self.received + other.received,
            self.dropped + other.dropped,
            self.missed + other.missed,
            self.unread + other.unread,
            self.truncated + other.truncated,
            self.frozen + other.frozen,
        )
