"""Standard output as a sink of text: block-buffered for files, line-buffered when live."""

from __future__ import annotations

import os
import sys

from rawlab.cli.failure import Failure

CHUNK = 1 << 16


class OutputClosed(Exception):
    """The reader of standard output has gone (`rawlab read ... | head`): no failure."""


class Output:
    """Writes text to standard output; what it cannot encode is written as an escape.

    With `live` every call of `write` reaches the reader at once.
    """

    def __init__(self, live: bool = False) -> None:
        if sys.stdout is None:
            raise Failure("standard output is closed")
        self._live = live
        self._encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.flush()
        self._stream = sys.stdout.buffer

    def write(self, text: str) -> None:
        """Writes `text`. Raises OutputClosed when nobody reads any more."""
        try:
            rest = memoryview(text.encode(self._encoding, "backslashreplace"))
            while rest:  # with PYTHONUNBUFFERED a signal cuts a write short
                rest = rest[self._stream.write(rest) :]
            if self._live:
                self._stream.flush()
        except BrokenPipeError:
            raise OutputClosed from None
        except OSError as error:
            raise Failure(f"cannot write to standard output: {error.strerror}") from error

    def flush(self) -> None:
        """Writes what is still buffered."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise OutputClosed from None
        except OSError as error:
            raise Failure(f"cannot write to standard output: {error.strerror}") from error


def colours() -> bool:
    """Whether standard output is a terminal whose user wants colours (https://no-color.org)."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "dumb") != "dumb"
    )
