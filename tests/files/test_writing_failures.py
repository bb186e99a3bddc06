"""Writing that fails: what is lost is counted, and what is in the file is whole."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from files.cases import A, B
from files.test_writing import NS, built, rows
from rawlab.batch import Interface
from rawlab.files import open_capture
from rawlab.files.writing import CaptureWriter, WriteFailed, create_capture

HERE = Path(__file__)

LIMITED = """
import resource, signal, sys
from files.test_writing import NS, built
from rawlab.files.writing import WriteFailed, create_capture
path, limit, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
writer = create_capture(path)
handed = lost = 0
try:
    for _ in range(40):
        handed += count
        writer.write(built(bytes(range(60)), *((NS + i, i % 2) for i in range(count))))
    writer.close()
except WriteFailed as failed:
    lost = failed.packets_lost
    if handed < 40 * count:
        try:
            writer.write(built(b"more", (NS, 0)))
            assert False
        except WriteFailed as again:
            assert again.packets_lost == 1 and again.errno == failed.errno
    writer.close()
    print(failed)
print(handed, lost, writer.packets)
"""


def python(code: str, *words: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(
        [str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["x.pcapng", "x.pcap", "x.pcapng.gz", "x.pcap.lz4", "x.pcap.xz",
                                  "x.pcapng.zst"])
@pytest.mark.parametrize("limit", [100, 5000, 30_001])
def test_a_file_that_may_not_grow(name: str, limit: int, tmp_path: Path) -> None:
    path = tmp_path / name
    out, errors = python(LIMITED, path, limit, 400).communicate(timeout=60)
    assert errors == ""
    *told, counts = out.splitlines()
    handed, lost, packets = map(int, counts.split())
    assert handed - lost == packets
    compressed = path.suffix not in (".pcap", ".pcapng")
    if not told:
        assert compressed
        assert not lost
    else:
        assert told == [f"[Errno {errno.EFBIG}] File too large: '{path}'"]
        assert lost > 0
    if path.stat().st_size == 0:
        assert packets == 0
        return
    with open_capture(path) as capture:
        found = sum(batch.count for batch in capture.batches(reuse=True))
    assert found == packets
    if not compressed:
        assert capture.cut is None
        assert limit - path.stat().st_size < 100 + 24


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is missing")
@pytest.mark.parametrize("name", ["x.pcapng", "x.pcapng.gz"])
def test_a_full_device(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.symlink_to("/dev/full")
    writer = create_capture(path)

    def write() -> None:
        writer.write(built(A, (NS, 0), (NS, 1)))
        writer.close()

    with pytest.raises(WriteFailed, match="No space left on device") as caught:
        write()
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.packets_lost == 2
    assert caught.value.filename == str(path)
    assert writer.packets == 0


def test_a_reader_that_goes() -> None:
    taking, giving = os.pipe()
    with open(giving, "wb", buffering=0) as pipe:
        writer = create_capture(pipe)
        writer.write(built(A, (NS, 0)))
        os.close(taking)
        with pytest.raises(WriteFailed) as caught:
            writer.write(built(A, (NS, 0), (NS, 1)))
        assert caught.value.errno == errno.EPIPE
        assert caught.value.packets_lost == 2
        assert writer.packets == 1
        writer.close()


@pytest.mark.parametrize("limit", [8192, 1 << 20])
def test_a_pipe_that_takes_a_part(limit: int) -> None:
    """A reader takes some of a batch, then goes: what it got wholly is not lost."""
    taking, giving = os.pipe()
    got = bytearray()

    def read() -> None:
        while len(got) < limit:
            got.extend(os.read(taking, min(8192, limit - len(got))))
        os.close(taking)

    reader = threading.Thread(target=read)
    with open(giving, "wb", buffering=0) as pipe:
        os.set_blocking(giving, False)  # as a parent may have left it
        writer = create_capture(pipe, interfaces=[Interface("a"), Interface("b")])
        reader.start()
        with pytest.raises(WriteFailed) as caught:
            write_on(writer)
        reader.join()
    assert caught.value.errno == errno.EPIPE
    assert 0 < caught.value.packets_lost <= 1000
    assert writer.packets % 1000 == 1000 - caught.value.packets_lost
    assert writer.packets >= len(rows(bytes(got)))


def write_on(writer: CaptureWriter) -> None:
    """Write until something stops it."""
    while True:
        writer.write(built(A, *[(NS, 0)] * 1000))


def test_a_signal_during_a_write_is_counted() -> None:
    """SIGALRM comes while a pipe is full and nobody reads."""
    taking, giving = os.pipe()

    class Alarm(Exception):
        pass

    def ring(*_: object) -> None:
        raise Alarm

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with open(giving, "wb", buffering=0) as pipe:
            writer = create_capture(pipe)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(Alarm):
                write_on(writer)
            os.set_blocking(taking, False)
            got = os.read(taking, 1 << 20)
            with pytest.raises(WriteFailed, match="interrupted"):
                writer.write(built(A, (NS, 0)))
            writer.close()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        os.close(taking)
    assert writer.packets == len(rows(got))


KILLED = """
import sys, time
from files.test_writing import NS, built
from rawlab.files.writing import create_capture
writer = create_capture(sys.argv[1])
for n in range(200):
    writer.write(built(bytes(range(256)) * 4, *((NS + 1000 * n + i, 0) for i in range(100))))
    if n == 99:
        writer.flush()
        print("flushed", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("name", ["x.pcapng", "x.pcapng.gz", "x.pcapng.zst", "x.pcapng.lz4",
                                  "x.pcap.xz", "x.pcap.bz2"])
def test_a_process_that_is_killed(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    process = python(KILLED, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "flushed\n"
    process.kill()
    process.communicate()
    with open_capture(path) as capture:
        times = [t for batch in capture.batches() for t in batch.time_ns]
    assert len(times) >= 10_000
    assert times == [NS + 1000 * n + i for n in range(200) for i in range(100)][: len(times)]


def test_a_closed_writer(tmp_path: Path) -> None:
    writer = create_capture(tmp_path / "x.pcapng")
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="is closed"):
        writer.write(built(A, (NS, 0)))


@pytest.mark.parametrize(("path", "reason"), [
    ("no/such/folder.pcapng", errno.ENOENT), (".", errno.EISDIR),
])  # fmt: skip
def test_a_file_that_cannot_be_created(path: str, reason: int, tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        create_capture(tmp_path / path)
    assert caught.value.errno == reason


@pytest.mark.parametrize("form", ["pcapng", "pcap"])
def test_a_batch_that_lies(form: str) -> None:
    """An index that points outside its octets is refused; nothing outside is read."""
    out = io.BytesIO()
    writer = create_capture(out, form=form)  # type: ignore[arg-type]
    batch = built(A, (NS, 0), (NS, 0))
    batch.index[1, 1] = 61
    with pytest.raises(ValueError, match="packet 1 of a batch lies outside"):
        writer.write(batch)
    writer.write(built(B, (NS, 0)))
    writer.close()
    assert [row[3] for row in rows(out.getvalue())] == [A, B]
    assert writer.packets == 2


def test_a_batch_without_its_interface() -> None:
    writer = create_capture(io.BytesIO())
    with pytest.raises(ValueError, match="an interface that it does not have"):
        writer.write(built(A, (NS, 7)))
