"""Compressed while they are written, files decode as what was written."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import rawlab
from files.cases import A
from files.test_writing import NS, built, rows
from rawlab.batch import Batch
from rawlab.files.compressing import WAITING_OCTETS, CompressingSink
from rawlab.files.encoders import start_encoder
from rawlab.files.output import open_output
from rawlab.files.writing import create_capture

MODULES = {".zst": "zstandard", ".lz4": "lz4.frame"}
COMMANDS = {".gz": "gzip", ".zst": "zstd", ".lz4": "lz4", ".xz": "xz", ".bz2": "bzip2"}
PACKAGES = {".gz": gzip.decompress, ".xz": lzma.decompress, ".bz2": bz2.decompress}
ENDINGS = tuple(COMMANDS)


def expand(ending: str) -> Callable[[bytes], bytes]:
    """Something else that decompresses."""
    if ending in PACKAGES:
        return PACKAGES[ending]
    name = MODULES[ending]
    module = pytest.importorskip(name, reason=f"the package {name} is missing")
    if ending == ".lz4":
        decompress: Callable[[bytes], bytes] = module.decompress
        return decompress
    return lambda octets: module.ZstdDecompressor().stream_reader(io.BytesIO(octets)).read()


def batches() -> list[Batch]:
    """Some megabytes, of which most is alike."""
    return [
        built(bytes((n * i) % 251 for i in range(1000 + n)), *[(NS + n, 0)] * 100)
        for n in range(100)
    ]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("form", ["pcapng", "pcap"])
def test_decodes_as_what_was_written(ending: str, form: str, tmp_path: Path) -> None:
    other = expand(ending)
    packed, plain = tmp_path / f"x.{form}{ending}", tmp_path / f"x.{form}"
    for path in (packed, plain):
        with create_capture(path) as writer:
            for n, batch in enumerate(batches()):
                writer.write(batch)
                if n == 40:
                    writer.flush()
            assert writer.compressed == (path == packed)
        assert writer.octets == plain.stat().st_size if path == plain else True
    assert other(packed.read_bytes()) == plain.read_bytes()
    assert packed.stat().st_size < plain.stat().st_size
    assert rows(packed.read_bytes()) == rows(plain.read_bytes())
    command = shutil.which(COMMANDS[ending])
    if command is not None:
        subprocess.run([command, "-t", packed], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_empty_file(ending: str, tmp_path: Path) -> None:
    other = expand(ending)
    path = tmp_path / f"x.pcap{ending}"
    assert rawlab.write(path, []) == 0
    assert len(other(path.read_bytes())) == 24


@pytest.mark.parametrize("ending", ENDINGS)
def test_all_is_readable_after_a_flush(ending: str, tmp_path: Path) -> None:
    expand(ending)
    path = tmp_path / f"x.pcapng{ending}"
    with create_capture(path) as writer:
        for n in range(1, 4):
            writer.write(built(A, (NS + n, 0)))
            writer.flush()
            assert [row[0] - NS for row in rows(path.read_bytes())] == list(range(1, n + 1))


def test_what_waits_is_readable_soon(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng.gz"
    with create_capture(path) as writer:
        writer.write(built(A, (NS, 0)))
        give_up_s = time.monotonic() + 20
        while not path.stat().st_size and time.monotonic() < give_up_s:
            time.sleep(0.05)
        assert len(rows(path.read_bytes())) == 1


def test_the_caller_waits_only_for_the_bound(tmp_path: Path) -> None:
    """A compressor that stands still: the queue takes what the bound says, and no more."""
    import threading

    go = threading.Event()

    class Slow:
        flush_octets = 1

        def compress(self, octets: bytes) -> bytes:
            go.wait(60)
            return octets

        def flush(self) -> bytes:
            return b""

        def finish(self) -> bytes:
            return b""

    sink = CompressingSink(open_output(tmp_path / "x"), Slow())
    piece = memoryview(bytes(WAITING_OCTETS // 8))
    done = []

    def put() -> None:
        for n in range(12):
            sink.put(piece, 1)
            done.append(n)

    caller = threading.Thread(target=put)
    caller.start()
    caller.join(3)
    assert caller.is_alive()
    assert len(done) in (8, 9)  # and one that the thread has already taken
    go.set()
    caller.join(60)
    sink.close()
    assert (tmp_path / "x").stat().st_size == 12 * len(piece)


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(OSError, match=r"package zstandard \(pip install 'rawlab\[compress\]'\)"):
        start_encoder("zstd")
    with pytest.raises(OSError, match="zstandard"):
        create_capture(tmp_path / "x.pcapng.zst")
    assert not (tmp_path / "x.pcapng.zst").exists()
