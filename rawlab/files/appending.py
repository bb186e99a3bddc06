"""Going on in a capture file that was closed."""

from __future__ import annotations

import gzip
import importlib
import lzma
from pathlib import Path
from typing import IO, Any, Literal

from rawlab.batch import Batch
from rawlab.files.splitting import Writer
from rawlab.files.writing import create_capture

_PCAP_HEADER = 24


def appending(name: str, form: Literal["pcapng", "pcap"]) -> Writer:
    """Go on in the capture file `name`: a pcapng file in a further section.

    A compressed file goes on in a further stream of its kind. Raises OSError kinds.
    """
    file = _opened(name)
    target: Any = _WithoutHeader(file) if form == "pcap" else file
    return _Appended(create_capture(target, form=form), file)


def _opened(name: str) -> IO[bytes]:
    opener: Any = open
    suffix = Path(name).suffix
    if suffix == ".gz":
        opener = gzip.open
    elif suffix == ".xz":
        opener = lzma.open
    elif suffix in (".zst", ".lz4"):
        opener = importlib.import_module("zstandard" if suffix == ".zst" else "lz4.frame").open
    found: IO[bytes] = opener(name, "ab")
    return found


class _WithoutHeader:
    """Writes what comes after the header of a pcap file."""

    def __init__(self, file: IO[bytes]) -> None:
        self.name = file.name
        self._file = file
        self._skip = _PCAP_HEADER

    def write(self, octets: bytes | memoryview) -> int:
        skipped = min(self._skip, len(octets))
        self._skip -= skipped
        self._file.write(memoryview(octets)[skipped:])
        return len(octets)

    def flush(self) -> None:
        self._file.flush()


class _Appended:
    """A writer that closes its file too."""

    def __init__(self, writer: Writer, file: IO[bytes]) -> None:
        self._writer = writer
        self._file = file

    @property
    def octets(self) -> int:
        """Octets written since it was opened again."""
        return self._writer.octets

    def write(self, batch: Batch) -> None:
        """Write a batch."""
        self._writer.write(batch)

    def close(self) -> None:
        """Close the writer, then its file."""
        try:
            self._writer.close()
        finally:
            self._file.close()
