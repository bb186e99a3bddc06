"""A thread that empties the capture ring, so that a slow caller does not make the kernel lose."""

from __future__ import annotations

import threading

from rawlab.capture.backlog import Backlog
from rawlab.capture.blocks import Blocks
from rawlab.capture.waiting import Wake


class Reader:
    """Moves blocks from the ring to a backlog in a thread of its own, until they end.

    It holds the GIL from the first block that is ready to the last, so that a caller who computes
    all the time lets it have all of them, not one each time.
    """

    def __init__(self, blocks: Blocks, backlog: Backlog, most: int | None) -> None:
        """With `most` it ends when so many packets more were put into the backlog."""
        self.arrived = Wake()
        """Set when something was put into the backlog, and at the end."""
        self.ended = False
        """Whether nothing more will be put."""
        self.error: OSError | None = None
        """Why it ended, when it was a failure."""
        self._blocks = blocks
        self._backlog = backlog
        self._most = None if most is None else backlog.packets + most
        self._thread = threading.Thread(target=self._run, name="rawlab capture", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def join(self) -> None:
        """Returns when the thread has ended, which `Blocks.stop` brings about."""
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        blocks = self._blocks
        try:
            while not self._enough() and not blocks.over():
                if self._move():
                    self.arrived.set()
                else:
                    blocks.wait()
        except OSError as error:
            self.error = error
        finally:
            self.ended = True
            self.arrived.set()

    def _move(self) -> bool:
        """Move the blocks that are ready; whether there were any."""
        blocks = self._blocks
        found = False
        while not blocks.stopped and not self._enough():
            batch = blocks.take(hold_gil=True)
            if batch is None or blocks.lender is None:
                break
            self._backlog.put(blocks.lender, batch)
            blocks.release()
            found = True
        return found

    def _enough(self) -> bool:
        return self._most is not None and self._backlog.packets >= self._most
