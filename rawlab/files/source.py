"""Where the octets of a file come from: a path, standard input, or a binary file object."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Callable
from typing import IO, Any, Protocol

Openable = str | os.PathLike[str] | IO[bytes]
"""A path, "-" for standard input, or a file object that is open for reading octets."""


class Source(Protocol):
    """Octets in order, as they arrive."""

    name: str

    def read_into(self, room: memoryview) -> int:
        """Put what is there, at least one octet, into `room`; return how many, 0 at the end."""

    def octets_left(self) -> int:
        """About how many octets are still to come; 0 where that is not known."""

    def close(self) -> None:
        """Close what was opened here, and nothing else."""


class FileSource:
    """Octets of an open file; a pipe's are handed on as they come, without waiting for more."""

    def __init__(self, file: IO[bytes], name: str, owned: bool) -> None:
        self.name = name
        self._file = file
        self._owned = owned
        self._readinto = _reading_method(file)

    def read_into(self, room: memoryview) -> int:
        got = self._readinto(room)
        while got is None:  # a non-blocking descriptor with nothing to read yet
            select.select([self._file], [], [])
            got = self._readinto(room)
        return got

    def octets_left(self) -> int:
        try:
            number = self._file.fileno()
            status = os.fstat(number)
            return max(0, status.st_size - os.lseek(number, 0, os.SEEK_CUR))
        except (OSError, AttributeError):
            return 0

    def close(self) -> None:
        if self._owned:
            self._file.close()


def _reading_method(file: Any) -> Callable[[memoryview], int | None]:
    """The method of `file` that fills a buffer with what one read gives."""
    if isinstance(file, io.TextIOBase):
        raise TypeError("a capture is read from a file that was opened in binary mode ('rb')")
    for name in ("readinto1", "readinto"):
        method: Callable[[memoryview], int | None] | None = getattr(file, name, None)
        if method is not None:
            return method
    if not hasattr(file, "read"):
        raise TypeError(f"a path or a binary file is wanted, not {type(file).__name__}")

    def read_into(room: memoryview) -> int:
        octets = file.read(len(room))
        room[: len(octets)] = octets
        return len(octets)

    return read_into


def open_source(source: Openable) -> FileSource:
    """Open `source` for reading.

    Raises OSError when a path cannot be opened, TypeError for what is neither path nor file.
    """
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if path != "-":
            return FileSource(open(path, "rb", buffering=0), path, owned=True)
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return FileSource(sys.stdin.buffer, "standard input", owned=False)
    name = getattr(source, "name", None)
    return FileSource(source, name if isinstance(name, str) else "file object", owned=False)
