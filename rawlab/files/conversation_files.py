"""A file for each conversation, however many there are: one of them is open at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch
from rawlab.files.splitting import Writer
from rawlab.transform.conversations import Conversation, Conversations

Share = tuple[int, NDArray[np.intp]]
"""A conversation's number, and the positions of its packets in a batch."""
MOST_WAITING_OCTETS = 1 << 26
"""Octets that wait in memory; then each conversation's share is put into its file."""


class ConversationFiles:
    """Gathers packets and writes them conversation by conversation.

    `open_file(number, conversation, again)` opens the file of a conversation, to go on in it where
    `again`.
    """

    def __init__(self, open_file: Callable[[int, Conversation, bool], Writer]) -> None:
        self._open = open_file
        self._conversations = Conversations()
        self._waiting: list[tuple[Batch, list[Share]]] = []
        self._octets = 0
        self._files = 0

    @property
    def files(self) -> int:
        """How many files there are."""
        return self._files

    def write(self, batch: Batch) -> None:
        """Take the packets; the batch is kept."""
        if not batch.count:
            return
        kept = batch.keep()
        numbers = self._conversations.of(kept)
        order = np.argsort(numbers, kind="stable")
        there, starts = np.unique(numbers[order], return_index=True)
        parts = np.split(order, starts[1:])
        self._waiting.append((kept, list(zip(there.tolist(), parts, strict=True))))
        self._octets += len(kept.octets)
        if self._octets >= MOST_WAITING_OCTETS:
            self._put()

    def close(self) -> None:
        """Put what waits into its files."""
        self._put()

    def _put(self) -> None:
        shares: dict[int, list[Batch]] = {}
        for batch, parts in self._waiting:
            for number, positions in parts:
                shares.setdefault(number, []).append(batch.pick(positions))
        self._waiting.clear()
        self._octets = 0
        for number in sorted(shares):
            again = number < self._files
            writer = self._open(number, self._conversations.found[number], again)
            try:
                for share in shares.pop(number):
                    writer.write(share)
            finally:
                writer.close()
            self._files = max(self._files, number + 1)
