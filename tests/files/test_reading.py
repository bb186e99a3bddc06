"""Every variation of capture files gives its packets, and nothing else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from files.cases import CASES, NS, A, B, Case, Row, S
from files.forging import enhanced, interface, option, pcap_head, pcap_record, section, snoop
from rawlab.files import CaptureFile, FileBatch, NotACapture, open_capture


def rows_of(batch: FileBatch) -> Iterator[Row]:
    """What a batch says of each packet."""
    for row in range(len(batch)):
        start = batch.offset[row]
        octets = bytes(batch.octets[start : start + batch.caplen[row]])
        assert len(octets) == batch.caplen[row]
        yield (
            batch.time_ns[row], batch.length[row], batch.interface[row], batch.linktype[row], octets
        )  # fmt: skip


def all_rows(capture: CaptureFile, reuse: bool = False) -> tuple[Row, ...]:
    """All packets of a capture."""
    return tuple(row for batch in capture.batches(reuse=reuse) for row in rows_of(batch))


class Trickle(io.RawIOBase):
    """A file that gives a few octets at a time, as a slow pipe does."""

    def __init__(self, octets: bytes, step: int) -> None:
        self._octets = memoryview(octets)
        self._step = step

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        octets = self._octets[: min(self._step, len(room))]
        self._octets = self._octets[len(octets) :]
        room[: len(octets)] = octets
        return len(octets)


@pytest.mark.parametrize("reuse", [False, True], ids=["fresh", "reused"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads(case: Case, reuse: bool) -> None:
    with open_capture(io.BytesIO(case.octets)) as capture:
        assert all_rows(capture, reuse) == case.rows
        assert capture.kind == case.kind
        assert (capture.cut and capture.cut.offset) == case.cut
        if capture.cut is not None:
            assert capture.cut.packet == len(case.rows) + 1


@pytest.mark.parametrize("case", [c for c in CASES if len(c.octets) < 2000], ids=str)
def test_reads_octet_by_octet(case: Case) -> None:
    capture = open_capture(Trickle(case.octets, 1))
    assert all_rows(capture) == case.rows
    assert (capture.cut and capture.cut.offset) == case.cut


@pytest.mark.parametrize("step", [999, 70_001])
@pytest.mark.parametrize("reuse", [False, True], ids=["fresh", "reused"])
def test_packets_across_buffers(reuse: bool, step: int) -> None:
    packets = [bytes([n % 251]) * (n * 37 % 1500) for n in range(9000)]
    octets = pcap_head() + b"".join(pcap_record(p, n, n) for n, p in enumerate(packets))
    expected = tuple(
        (n * 10**9 + n * 1000, len(p), 0, 1, p) for n, p in enumerate(packets)
    )
    capture = open_capture(Trickle(octets, step))
    assert all_rows(capture, reuse) == expected
    assert capture.cut is None


def test_fresh_batches_stay_as_they_are() -> None:
    packets = [bytes([n % 251]) * 300 for n in range(5000)]
    octets = pcap_head() + b"".join(pcap_record(p) for p in packets)
    batches = list(open_capture(Trickle(octets, 5000)).batches())
    assert [b.first_number for b in batches[:2]] == [1, 1 + len(batches[0])]
    assert [row[4] for batch in batches for row in rows_of(batch)] == packets


def test_leased_batches_can_be_kept() -> None:
    packets = [bytes([n % 251]) * 300 for n in range(5000)]
    octets = section() + interface() + b"".join(enhanced(p) for p in packets)
    kept = [b.keep() for b in open_capture(io.BytesIO(octets)).batches(reuse=True)]
    assert len(kept) > 1
    assert [row[4] for batch in kept for row in rows_of(batch)] == packets
    records = b"".join(bytes(b.record(row)) for b in kept for row in range(len(b)))
    assert records == octets[48:]
    assert all(b.keep() is b for b in kept)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_records_are_copied_verbatim(case: Case) -> None:
    for batch in open_capture(io.BytesIO(case.octets)).batches():
        for row in range(len(batch)):
            start = batch.record_offset(row)
            record = bytes(batch.record(row))
            assert case.octets[start : start + len(record)] == record
            assert case.rows[batch.first_number - 1 + row][4] in record


@pytest.mark.parametrize("case", [c for c in CASES if c.cut is None], ids=str)
@pytest.mark.parametrize("step", [977, 1 << 20])
def test_blocks_and_records_make_the_whole_file(case: Case, step: int) -> None:
    capture = open_capture(Trickle(case.octets, step))
    head = {"pcap": 24, "snoop": 16, "pcapng": 0}[case.kind]
    parts = [case.octets[:head]]
    for batch in capture.batches(blocks=True):
        kept = list(batch.origin.kept)
        for row in range(len(batch) + 1):
            while kept and kept[0].row == row:
                parts.append(kept.pop(0).octets)
            if row < len(batch):
                parts.append(bytes(batch.record(row)))
        assert not kept
    assert b"".join(parts) == case.octets


def test_options_of_packets_interfaces_and_sections() -> None:
    octets = (
        section(options=option(4, b"me") + option(0, b""))
        + interface(options=option(2, b"eth0") + option(3, b"a card") + option(9, b"\x09"))
        + enhanced(B, NS, options=option(1, b"first") + option(1, "größer".encode()) + bytes(4))
        + enhanced(A, NS)
    )
    capture = open_capture(io.BytesIO(octets))
    (batch,) = capture.batches()
    assert batch.comments(0) == ("first", "größer")
    assert batch.options(0)[0] == (1, b"first")
    assert batch.options(1) == ()
    (described,) = capture.interfaces
    assert (described.name, described.description) == ("eth0", "a card")
    assert described.resolution == 10**9
    assert described.options[0] == (2, b"eth0")
    assert batch.origin.section is not None
    assert batch.origin.section.options == ((4, b"me"),)


def test_names_and_secrets_are_kept() -> None:
    (case,) = [c for c in CASES if "other blocks" in c.title]
    capture = open_capture(io.BytesIO(case.octets))
    assert len(all_rows(capture)) == 2
    assert capture.names == {"127.0.0.1": ("me",)}
    assert capture.secrets == [(0x544C534B, b"key 1")]


REFUSED = [
    ("empty", b"", "the file is empty"),
    ("text", b"# Captures\n", "not a capture file, it begins with 23 20 43 61 ('# Captur')"),
    ("three octets of a pcap", b"\xd4\xc3\xb2", "not a capture file"),
    ("cut header", pcap_head()[:23], "ends after 23 of the 24 octets of its header"),
    ("old version", pcap_head(version=(1, 4)), "of version 1.4"),
    ("reserved bits", pcap_head(network=0x300000), "sets bits without meaning"),
    ("cut snoop", snoop([])[:15], "ends after 15 of the 16"),
    ("snoop version", snoop([], version=3), "of version 3"),
    ("snoop datalink", snoop([], 77), "datalink type 77"),
    ("cut section", section()[:27], "ends after 27 of the 28"),
    ("short section", section()[:11], "ends after 11 of the 12"),
    ("section version", section(version=(3, 0)), "version 3.0"),
    ("section trailer", section()[:-4] + bytes(4), "lengths differ"),
    ("section magic", section()[:8] + bytes(20), "byte-order magic 00000000"),
    ("section length", section()[:4] + b"\x10\0\0\0" + section()[8:], "section header of 16"),
]


@pytest.mark.parametrize(
    ("octets", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refuses(octets: bytes, message: str) -> None:
    with pytest.raises(NotACapture) as refusal:
        open_capture(io.BytesIO(octets))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).startswith("file object: ")


def test_a_path_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"  # the name says nothing about the kind
    path.write_bytes(pcap_head() + pcap_record(A, S))
    with open_capture(path) as capture:
        assert (capture.kind, capture.name) == ("pcap", str(path))
        assert len(all_rows(capture)) == 1
    path.write_bytes(b"")
    with pytest.raises(NotACapture, match=r"x\.pcapng"):
        open_capture(str(path))
    with pytest.raises(FileNotFoundError):
        open_capture(tmp_path / "missing")


def test_text_files_and_other_objects_are_the_callers_mistake() -> None:
    with pytest.raises(TypeError, match="'rb'"):
        open_capture(io.StringIO("x"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not int"):
        open_capture(5)  # type: ignore[arg-type]


def test_a_pipe_gives_each_packet_as_soon_as_it_is_whole() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(writing, "wb", buffering=0) as pipe, open(reading, "rb", buffering=0) as file:
        pipe.write(pcap_head() + pcap_record(A, S)[:20])
        capture = open_capture(file)
        batches = capture.batches(reuse=True)
        for rest in (pcap_record(A, S)[20:], pcap_record(B, S)):
            threading.Timer(0.01, pipe.write, [rest]).start()
            assert len(next(batches)) == 1
        pipe.close()
        assert list(batches) == []
        assert capture.cut is None


def test_a_growing_file_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    whole = pcap_head() + pcap_record(A, S) + pcap_record(B, S)
    path.write_bytes(whole[:-10])
    with open_capture(path) as capture, open(path, "ab") as more:
        assert [row[4] for row in all_rows(capture)] == [A]
        assert capture.cut is not None
        more.write(whole[-10:])
        more.flush()
        (batch,) = capture.batches()
        assert [row[4] for row in rows_of(batch)] == [B]
        assert batch.first_number == 2
        assert capture.cut is None


def test_standard_input_gives_packets_before_it_ends() -> None:
    program = (
        "from rawlab.files import open_capture\n"
        "with open_capture('-') as capture:\n"
        "    for batch in capture.batches():\n"
        "        print(batch.first_number, len(batch), flush=True)\n"
        "    print(capture.name, capture.cut)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = io.TextIOWrapper(process.stdout)  # type: ignore[type-var]
        process.stdin.write(pcap_head() + pcap_record(A, S))
        assert lines.readline() == "1 1\n"
        process.stdin.write(pcap_record(B, S))
        assert lines.readline() == "2 1\n"
        process.stdin.close()
        assert lines.readline() == "standard input None\n"


def test_a_capture_file_says_what_it_is(captures: Path) -> None:
    path = str(captures / "dns.pcap")
    with open_capture(path) as capture:
        next(capture.batches())
        assert repr(capture) == f"<CaptureFile {path!r}: pcap, 34 packets read>"
