"""What takes the framed octets of a capture file and keeps count of those that are lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rawlab.files.output import Output, WriteFailed


class Sink(Protocol):
    """Takes octets with the packets in them. Each method raises WriteFailed."""

    name: str
    compressed: bool
    reached: int
    """Of the packets of a `put` that was interrupted, how many are in the file."""

    def put(self, octets: memoryview, packets: int) -> None:
        """Take octets, which are the caller's again when this returns."""

    def flush(self) -> None:
        """Wait until what was taken is in the file."""

    def close(self) -> None: ...


class PlainSink:
    """Writes at once; a write that fails leaves the records before it whole."""

    compressed = False

    def __init__(
        self, output: Output, whole: Callable[[memoryview], tuple[int, int]]
    ) -> None:
        """`whole` gives (packets, octets) of the whole records of some octets."""
        self.name = output.name
        self.reached = 0
        self._output = output
        self._whole = whole

    def put(self, octets: memoryview, packets: int) -> None:
        output = self._output
        try:
            output.write(octets)
        except BaseException as error:
            self.reached, size = self._whole(octets[: output.reached])
            output.cut_back(output.reached - size)
            if isinstance(error, OSError):
                raise failure(error, output.name, packets - self.reached) from None
            raise

    def flush(self) -> None:
        try:
            self._output.flush()
        except OSError as error:
            raise failure(error, self._output.name, 0) from None

    def close(self) -> None:
        try:
            self._output.close()
        except OSError as error:
            raise failure(error, self._output.name, 0) from None


def failure(error: OSError, name: str, packets: int) -> WriteFailed:
    """What is raised for an error of the system."""
    if error.errno is None:
        return WriteFailed(f"{name}: {error}", packets_lost=packets)
    return WriteFailed(error.errno, error.strerror, name, packets_lost=packets)
