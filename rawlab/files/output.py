"""Where the octets of a written file go: a path, standard output, or a binary file object."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from typing import IO, Any, Protocol

Target = str | os.PathLike[str] | IO[bytes]
"""A path, "-" for standard output, or a file object that is open for writing octets."""


class WriteFailed(OSError):
    """Packets did not reach the file; what is in it up to then is whole where that can be."""

    def __init__(self, *reason: object, packets_lost: int = 0) -> None:
        super().__init__(*reason)
        self.packets_lost = packets_lost
        """Packets that were handed over and are not in the file."""


class Output(Protocol):
    """Octets out, in order."""

    name: str

    @property
    def reached(self) -> int:
        """How many octets of the last `write` reached the file."""

    def write(self, octets: memoryview) -> None:
        """Write all of it, in one call where the system does so; OSError kinds."""

    def cut_back(self, octets: int) -> None:
        """Take the last `octets` off the file again, where that can be done."""

    def flush(self) -> None: ...
    def close(self) -> None:
        """Close what was opened here, and nothing else."""


class DescriptorOutput:
    """An open file descriptor, without a buffer in between."""

    def __init__(self, number: int, name: str, owned: bool) -> None:
        self.name = name
        self._number = number
        self._owned = owned
        self._written: list[int] = []

    @property
    def reached(self) -> int:
        return sum(self._written)

    def write(self, octets: memoryview) -> None:
        written = self._written
        written.clear()
        while (reached := sum(written)) < len(octets):
            try:
                # A signal that cuts a write short raises as soon as the call is over, so the
                # call is one that notes how far it came.
                written.extend(map(os.write, (self._number,), (octets[reached:],)))
            except BlockingIOError:  # a non-blocking descriptor, as pipes of some parents are
                select.select([], [self._number], [])

    def cut_back(self, octets: int) -> None:
        if octets and stat.S_ISREG(os.fstat(self._number).st_mode):
            os.ftruncate(self._number, os.lseek(self._number, -octets, os.SEEK_CUR))

    def flush(self) -> None: ...

    def close(self) -> None:
        if self._owned:
            self._owned = False
            os.close(self._number)


class FileOutput:
    """A file object that somebody else opened, and will close."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.name = name
        self.reached = 0
        self._file = file

    def write(self, octets: memoryview) -> None:
        self.reached = 0
        while self.reached < len(octets):
            put = self._file.write(octets[self.reached :])
            # A file that does not say how much it took, took all.
            self.reached += len(octets) - self.reached if put is None else put

    def cut_back(self, octets: int) -> None:
        try:
            self._file.truncate(self._file.seek(-octets, os.SEEK_CUR))
        except (OSError, AttributeError, ValueError):
            return  # it cannot be cut

    def flush(self) -> None:
        if hasattr(self._file, "flush"):
            self._file.flush()

    def close(self) -> None:
        self.flush()


def open_output(target: Target) -> Output:
    """Create or open what is written to; an existing file is emptied.

    Raises OSError when that fails, TypeError for what is neither path nor binary file.
    """
    if isinstance(target, (str, os.PathLike)):
        path = os.fspath(target)
        if path != "-":
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
            return DescriptorOutput(os.open(path, flags, 0o666), path, owned=True)
        if sys.stdout is None:
            raise OSError("standard output is closed")
        sys.stdout.flush()
        return _of_file(sys.stdout.buffer, "standard output")
    file: Any = target
    if isinstance(file, io.TextIOBase):
        raise TypeError("a capture is written to a file that was opened in binary mode ('wb')")
    if not hasattr(file, "write"):
        raise TypeError(f"a path or a binary file is wanted, not {type(file).__name__}")
    name = getattr(file, "name", None)
    name = name if isinstance(name, str) else "file object"
    return _of_file(file, name) if isinstance(file, io.FileIO) else FileOutput(file, name)


def _of_file(file: IO[bytes], name: str) -> Output:
    """The descriptor of a file, where it has one."""
    try:
        return DescriptorOutput(file.fileno(), name, owned=False)
    except (OSError, AttributeError):
        return FileOutput(file, name)
