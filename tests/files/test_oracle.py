"""tshark and capinfos read the same packets from the same files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from files.cases import CASES, Case
from rawlab.files import CaptureFile, NotACapture, open_capture

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("RAWLAB_CORPUS", ROOT.parent / "shared" / "corpus"))
FILES = sorted(p for p in CORPUS.rglob("*") if p.is_file() and p.suffix != ".md")
REFUSED = {
    "linktype-reserved-field-not-zero.pcap": "link type 0x00300000 sets bits without meaning",
    "pcap-invalid-version-1.pcap": "version 1.4",
    "shb-option-too-long.pcapng": "two lengths differ",
}
FIELDS = ("frame.number", "frame.time_epoch", "frame.len", "frame.cap_len")

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is missing")
needs_capinfos = pytest.mark.skipif(shutil.which("capinfos") is None, reason="capinfos is missing")
needs_corpus = pytest.mark.skipif(not FILES, reason=f"the corpus {CORPUS} is missing")


def _tshark(path: Path) -> tuple[list[str], str]:
    names = [part for field in FIELDS for part in ("-e", field)]
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-T", "fields", *names],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.splitlines(), done.stderr


def _ours(capture: CaptureFile) -> list[str]:
    lines = []
    for batch in capture.batches():
        for row in range(len(batch)):
            time_ns = batch.time_ns[row]
            seconds = f"{time_ns // 10**9}.{time_ns % 10**9:09d}"
            number = batch.first_number + row
            lines.append(f"{number}\t{seconds}\t{batch.length[row]}\t{batch.caplen[row]}")
    return lines


def _told_apart(lines: list[str], capture_lines: list[str]) -> list[str]:
    """`lines` as ours say it where tshark has no time: simple packets have none, ours are 0."""
    return [
        line.replace("\t\t", "\t0.000000000\t", 1) if "\t0.000000000\t" in ours else line
        for line, ours in zip(lines, capture_lines, strict=True)
    ]


@needs_corpus
@needs_tshark
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_corpus_reads_like_tshark(path: Path) -> None:
    expected, complaint = _tshark(path)
    if path.name in REFUSED:
        assert not expected
        with pytest.raises(NotACapture, match=REFUSED[path.name]):
            open_capture(path)
        return
    with open_capture(path) as capture:
        assert _ours(capture) == expected
        assert (capture.cut is not None) == ("cut short" in complaint)


@needs_tshark
@pytest.mark.parametrize("case", [c for c in CASES if c.tshark], ids=str)
def test_cases_read_like_tshark(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "case"
    path.write_bytes(case.octets)
    expected, complaint = _tshark(path)
    with open_capture(path) as capture:
        ours = _ours(capture)
    assert _told_apart(expected, ours) == ours
    assert (case.cut is not None) == ("tshark: " in complaint), complaint


@needs_corpus
@needs_capinfos
@pytest.mark.parametrize("path", [p for p in FILES if p.name not in REFUSED], ids=lambda p: p.name)
def test_corpus_is_of_the_kind_that_capinfos_says(path: Path) -> None:
    done = subprocess.run(
        ["capinfos", "-tIc", "-M", str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    parts = (line.partition(":") for line in done.stdout.splitlines())
    said = {key.strip(): value.strip() for key, _, value in parts}
    with open_capture(path) as capture:
        packets = sum(len(batch) for batch in capture.batches(reuse=True))
        assert said["File type"].endswith(capture.kind) or f" {capture.kind}" in said["File type"]
        assert int(said["Number of packets"]) == packets
        assert int(said["Number of interfaces in file"]) == len(capture.interfaces)


@needs_corpus
@pytest.mark.parametrize("path", [p for p in FILES if p.name not in REFUSED], ids=lambda p: p.name)
def test_link_types_are_those_of_libpcap(path: Path) -> None:
    """libpcap has one link type a file, by its DLT_ number, which on Linux differs for raw IP."""
    cypcap = pytest.importorskip("cypcap", reason="the package cypcap is missing")
    with open_capture(path) as capture:
        found = {linktype for batch in capture.batches() for linktype in batch.linktype}
    try:
        with cypcap.open_offline(str(path)) as theirs:
            dlt = int(theirs.datalink())
    except cypcap.Error as refused:
        if capture.kind == "snoop" or len(found) > 1:
            return  # it reads no snoop files, and no files of several link types
        pytest.fail(str(refused))
    assert found in ({101 if dlt == 12 else dlt}, set()) or len(found) > 1
