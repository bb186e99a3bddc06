"""What a filter remembers of packets before, for the times between them."""

from __future__ import annotations

from typing import Any


class History:
    """Times of the first packet, of the one before, and of the last one that matched."""

    def __init__(self) -> None:
        self.first_ns = 0
        self.before_ns = 0
        self.shown_ns = 0
        self._now_ns: int | None = None

    def see(self, packet: Any) -> None:
        """Take note of the next packet."""
        time_ns: int = packet.time_ns
        if self._now_ns is None:
            self.first_ns = self._now_ns = self.shown_ns = time_ns
        self.before_ns, self._now_ns = self._now_ns, time_ns

    def show(self, packet: Any) -> None:
        """The packet has matched."""
        self.shown_ns = packet.time_ns
