"""Stopping cleanly when asked to by a signal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_HANGUP = (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, *_HANGUP)


class Stopped(Exception):
    """A signal asked to stop while there was nothing but waiting to do."""


class Stop:
    """Whether a signal asked to stop; one that arrives while `waiting` raises Stopped there."""

    def __init__(self) -> None:
        self.requested = False
        self._waiting = False

    def request(self) -> None:
        """What the signal's handler calls."""
        self.requested = True
        if self._waiting:
            self._waiting = False
            raise Stopped

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around a step that may block for ever and may be given up in the middle."""
        self._waiting = True
        try:
            if self.requested:
                raise Stopped
            yield
        finally:
            self._waiting = False


@contextmanager
def on_signals(call: Callable[[], None], *numbers: signal.Signals) -> Iterator[None]:
    """Inside the block these signals call `call`; afterwards they mean what they meant before.

    A hangup that is ignored stays so, since nohup has asked for that.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        call()

    ignored = [one for one in _HANGUP if signal.getsignal(one) is signal.SIG_IGN]
    before = {
        number: signal.signal(number, handle) for number in numbers if number not in ignored
    }
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
