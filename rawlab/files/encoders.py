"""Compressors of one kind: octets in, and now and then all that they became out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

from rawlab.files.decoders import COMPRESSIONS

_MEBIBYTE = 1 << 20
_GZIP_LEVEL = 3
_ZSTD_LEVEL = 3
_XZ_PRESET = 1
_BZIP2_LEVEL = 9


class Encoder(Protocol):
    """A file that is being compressed."""

    flush_octets: int
    """After how many octets of input a flush costs little."""

    def compress(self, octets: bytes) -> bytes: ...

    def flush(self) -> bytes:
        """What makes all octets until now readable, though the file should end here."""

    def finish(self) -> bytes:
        """What ends the file."""


class _Gzip:
    flush_octets = _MEBIBYTE

    def __init__(self, zlib: Any) -> None:
        self._inner = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 31)
        self._sync = zlib.Z_SYNC_FLUSH
        self.compress: Callable[[bytes], bytes] = self._inner.compress

    def flush(self) -> bytes:
        return bytes(self._inner.flush(self._sync))

    def finish(self) -> bytes:
        return bytes(self._inner.flush())


class _Zstd:
    flush_octets = _MEBIBYTE

    def __init__(self, module: Any) -> None:
        if module.__name__ == "zstandard":
            self._inner = module.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()
            self._block = module.COMPRESSOBJ_FLUSH_BLOCK
        else:
            self._inner = module.ZstdCompressor(level=_ZSTD_LEVEL)
            self._block = module.ZstdCompressor.FLUSH_BLOCK
        self.compress: Callable[[bytes], bytes] = self._inner.compress

    def flush(self) -> bytes:
        return bytes(self._inner.flush(self._block))

    def finish(self) -> bytes:
        return bytes(self._inner.flush())


class _Lz4:
    """Each piece of input becomes blocks at once."""

    flush_octets = _MEBIBYTE

    def __init__(self, frame: Any) -> None:
        self._inner = frame.LZ4FrameCompressor(auto_flush=True)
        self._head: bytes = self._inner.begin()

    def compress(self, octets: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + bytes(self._inner.compress(octets))

    def flush(self) -> bytes:
        head, self._head = self._head, b""
        return head

    def finish(self) -> bytes:
        return self.flush() + bytes(self._inner.flush())


class _Streams:
    """A compression that can only be ended: a flush ends a stream, and another one follows."""

    flush_octets = 8 * _MEBIBYTE

    def __init__(self, start: Callable[[], Any]) -> None:
        self._start = start
        self._inner = start()
        self._begun = False
        self._ended = False

    def compress(self, octets: bytes) -> bytes:
        self._begun = True
        return bytes(self._inner.compress(octets))

    def flush(self) -> bytes:
        if not self._begun:
            return b""
        octets = bytes(self._inner.flush())
        self._inner = self._start()
        self._begun = False
        self._ended = True
        return octets

    def finish(self) -> bytes:
        return bytes(self._inner.flush()) if self._begun or not self._ended else b""


def _xz(lzma: Any) -> Encoder:
    return _Streams(lambda: lzma.LZMACompressor(preset=_XZ_PRESET))


def _bzip2(bz2: Any) -> Encoder:
    return _Streams(lambda: bz2.BZ2Compressor(_BZIP2_LEVEL))


_STARTS: dict[str, Callable[[ModuleType], Encoder]] = {
    "gzip": _Gzip, "zstd": _Zstd, "lz4": _Lz4, "xz": _xz, "bzip2": _bzip2,
}  # fmt: skip


def start_encoder(name: str) -> Encoder:
    """Begin to compress; OSError says what to install where the package is missing."""
    compression = next(c for c in COMPRESSIONS if c.name == name)
    for module in compression.modules:
        try:
            return _STARTS[name](importlib.import_module(module))
        except ModuleNotFoundError:
            continue
    raise OSError(
        f"writing {name} data takes the package {compression.package}"
        " (pip install 'rawlab[compress]')"
    )
