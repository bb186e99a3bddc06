"""Decompressors of one kind: octets in, at most as many octets out as were asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

LARGEST_DICTIONARY = 1 << 27
"""Octets of memory that a compressed stream may ask for."""


class Decoder(Protocol):
    """One compressed stream, as the decompressors of `lzma` and `bz2` behave."""

    @property
    def eof(self) -> bool:
        """The stream has ended, as it should."""

    @property
    def needs_input(self) -> bool:
        """Nothing more comes out before more is put in."""

    @property
    def unused_data(self) -> bytes | None:
        """What followed after the stream's end, as far as it was put in."""

    def decompress(self, octets: bytes, max_length: int) -> bytes:
        """Put `octets` in, take at most `max_length` octets out."""


@dataclass(frozen=True)
class Compression:
    """A compressed form of files, and what reading it takes."""

    name: str
    magic: bytes
    modules: tuple[str, ...]
    """The first of these that is there is used."""
    package: str
    """What to install when none is there."""
    start: Callable[[ModuleType], Decoder]
    errors: Callable[[ModuleType], tuple[type[Exception], ...]]

    def load(self) -> ModuleType:
        """The module that decompresses; OSError says what to install where there is none."""
        for name in self.modules:
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError:
                continue
        raise OSError(
            f"it is {self.name} data; reading that takes the package {self.package}"
            " (pip install 'rawlab[compress]')"
        )


class _Gzip:
    """A gzip member, by zlib."""

    def __init__(self, zlib: Any) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, octets: bytes, max_length: int) -> bytes:
        out: bytes = self._inner.decompress(self._inner.unconsumed_tail + octets, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(out) < max_length
        return out


class _Zstandard:
    """A zstd frame, by the package zstandard, whose output can be bounded by its input only.

    512 octets of input give at most 16 MiB (each four octets of them a block of 128 KiB).
    """

    STEP = 512

    def __init__(self, zstandard: Any) -> None:
        self._inner = zstandard.ZstdDecompressor(
            max_window_size=LARGEST_DICTIONARY
        ).decompressobj()
        self._input = b""
        self._at = 0
        self._ready = b""

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof) and not self._ready

    @property
    def needs_input(self) -> bool:
        return not self._ready and self._at >= len(self._input) and not self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._input[self._at :]

    def decompress(self, octets: bytes, max_length: int) -> bytes:
        self._input = self._input[self._at :] + octets
        self._at = 0
        pieces = [self._ready]
        have = len(self._ready)
        while have < max_length and self._at < len(self._input) and not self._inner.eof:
            piece = self._inner.decompress(self._input[self._at : self._at + self.STEP])
            self._at += self.STEP
            pieces.append(piece)
            have += len(piece)
        out = b"".join(pieces)
        self._ready = out[max_length:]
        return out[:max_length]


def _start_zstd(module: Any) -> Decoder:
    if module.__name__ == "zstandard":
        return _Zstandard(module)
    options = {module.DecompressionParameter.window_log_max: LARGEST_DICTIONARY.bit_length() - 1}
    decoder: Decoder = module.ZstdDecompressor(options=options)
    return decoder


def _start_xz(lzma: Any) -> Decoder:
    decoder: Decoder = lzma.LZMADecompressor(memlimit=LARGEST_DICTIONARY)
    return decoder


def _start_lz4(frame: Any) -> Decoder:
    decoder: Decoder = frame.LZ4FrameDecompressor()
    return decoder


def _start_bzip2(bz2: Any) -> Decoder:
    decoder: Decoder = bz2.BZ2Decompressor()
    return decoder


COMPRESSIONS = (
    Compression("gzip", b"\x1f\x8b", ("zlib",), "zlib", _Gzip, lambda m: (m.error,)),
    Compression(
        "zstd", b"\x28\xb5\x2f\xfd", ("compression.zstd", "zstandard"), "zstandard",
        _start_zstd, lambda m: (m.ZstdError,),
    ),
    Compression(
        "xz", b"\xfd7zXZ\0", ("lzma",), "lzma", _start_xz, lambda m: (m.LZMAError,)
    ),
    Compression(
        "lz4", b"\x04\x22\x4d\x18", ("lz4.frame",), "lz4", _start_lz4, lambda m: (RuntimeError,)
    ),
    Compression("bzip2", b"BZh", ("bz2",), "bz2", _start_bzip2, lambda m: (OSError,)),
)


def compression_of(head: bytes) -> Compression | None:
    """The compression that a file beginning with `head` is in, if any."""
    return next((c for c in COMPRESSIONS if head.startswith(c.magic)), None)
