"""Compression in a thread of its own, so that whoever writes does not wait for it."""

from __future__ import annotations

import threading
import time
from collections import deque

from rawlab.files.encoders import Encoder
from rawlab.files.output import Output, WriteFailed
from rawlab.files.sinks import failure

WAITING_OCTETS = 1 << 26
"""Octets that may wait for the thread; whoever writes more waits too."""
_FLUSH_S = 1.0
"""How long octets stay unreadable in the compressor when few come."""


class CompressingSink:
    """Octets go into a queue, and a thread writes what they are compressed to.

    The file is written a flush at a time, each of which makes all before it readable, about every
    mebibyte (8 for xz and bzip2) and every second. So it never ends in the middle of one, unless
    the system stops in the middle of a write. An error of the thread comes out of the next call;
    the packets since the last flush are lost then, and counted.
    """

    compressed = True
    reached = 0

    def __init__(self, output: Output, encoder: Encoder) -> None:
        self.name = output.name
        self._output = output
        self._encoder = encoder
        self._changed = threading.Condition()
        # What follows is guarded by it.
        self._queue: deque[tuple[bytes, int]] = deque()
        self._waiting = 0
        self._taken = 0
        self._safe = 0
        self._error: OSError | None = None
        self._ended = False
        self._closing = False
        self._flush_wanted = False
        self._thread = threading.Thread(target=self._run, name="rawlab compression", daemon=True)
        self._thread.start()

    def put(self, octets: memoryview, packets: int) -> None:
        copied = bytes(octets)
        with self._changed:
            while self._waiting and self._waiting + len(copied) > WAITING_OCTETS:
                if self._ended:
                    break
                self._changed.wait()
            self._taken += packets
            if self._ended:
                raise self._failure()
            self._queue.append((copied, packets))
            self._waiting += len(copied)
            self._changed.notify_all()

    def flush(self) -> None:
        with self._changed:
            self._flush_wanted = True
            self._changed.notify_all()
            while self._flush_wanted and not self._ended:
                self._changed.wait()
            if self._ended:
                raise self._failure()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        try:
            self._output.close()
        except OSError as error:
            self._error = self._error or error
        if self._error is not None or self._safe != self._taken:
            raise self._failure()

    def _failure(self) -> WriteFailed:
        lost = self._taken - self._safe
        if self._error is None:
            return WriteFailed(f"{self._output.name}: compression has ended", packets_lost=lost)
        return failure(self._error, self._output.name, lost)

    # In the thread.

    def _run(self) -> None:
        try:
            self._work()
        except OSError as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _work(self) -> None:
        pieces: list[bytes] = []
        since_flush = packets = 0
        last_flush_s = time.monotonic()
        while True:
            octets, added, asked, over = self._next(since_flush, last_flush_s)
            if octets:
                pieces.append(self._encoder.compress(octets))
                since_flush += len(octets)
                packets += added
            due = asked or since_flush >= self._encoder.flush_octets
            if due or since_flush and time.monotonic() - last_flush_s >= _FLUSH_S or over:
                pieces.append(self._encoder.finish() if over else self._encoder.flush())
                self._write(b"".join(pieces), packets)
                pieces, since_flush, packets = [], 0, 0
                last_flush_s = time.monotonic()
            if over:
                return
            if asked:
                with self._changed:
                    self._flush_wanted = False
                    self._changed.notify_all()

    def _next(self, since_flush: int, last_flush_s: float) -> tuple[bytes, int, bool, bool]:
        """(octets, packets, whether to flush, whether that was all), once there is any of it."""
        with self._changed:
            if not self._queue and not self._flush_wanted and not self._closing:
                left_s = last_flush_s + _FLUSH_S - time.monotonic() if since_flush else None
                if left_s is None or left_s > 0:
                    self._changed.wait(left_s)
            if not self._queue:
                return b"", 0, self._flush_wanted, self._closing
            octets, packets = self._queue.popleft()
            self._waiting -= len(octets)
            self._changed.notify_all()
            return octets, packets, self._flush_wanted and not self._queue, False

    def _write(self, octets: bytes, packets: int) -> None:
        """Write a flush, wholly or not at all."""
        try:
            self._output.write(memoryview(octets))
        except BaseException:
            self._output.cut_back(self._output.reached)
            raise
        with self._changed:
            self._safe += packets
