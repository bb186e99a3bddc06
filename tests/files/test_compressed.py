"""Compressed captures read like what was compressed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import sys
from collections.abc import Callable

import pytest

from files.forging import enhanced, interface, pcap_head, pcap_record, section, snoop
from files.test_reading import Trickle, all_rows
from rawlab.files import NotACapture, open_capture
from rawlab.files.decoders import COMPRESSIONS

Compress = Callable[[bytes], bytes]


def _zstd(octets: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard", reason="the package zstandard is missing")
    return bytes(zstandard.compress(octets))


def _lz4(octets: bytes) -> bytes:
    frame = pytest.importorskip("lz4.frame", reason="the package lz4 is missing")
    return bytes(frame.compress(octets))


FORMS: dict[str, Compress] = {
    "gzip": gzip.compress,
    "zstd": _zstd,
    "xz": lzma.compress,
    "lz4": _lz4,
    "bzip2": bz2.compress,
}

PACKETS = [bytes([n % 251, n * n % 256]) * (n * 17 % 700) for n in range(3000)]
PCAP = pcap_head() + b"".join(pcap_record(p) for p in PACKETS)
FILES = {
    "pcap": PCAP,
    "pcapng": section() + interface() + b"".join(enhanced(p) for p in PACKETS),
    "snoop": snoop([(p, 0, 0) for p in PACKETS]),
}


def test_all_forms_are_tested() -> None:
    assert set(FORMS) == {compression.name for compression in COMPRESSIONS}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", FILES)
def test_reads_alike(kind: str, form: str) -> None:
    with open_capture(io.BytesIO(FORMS[form](FILES[kind]))) as capture:
        assert [row[4] for row in all_rows(capture)] == PACKETS
        assert (capture.kind, capture.cut) == (kind, None)


@pytest.mark.parametrize("form", FORMS)
def test_members_padding_and_slow_pipes(form: str) -> None:
    half = len(PCAP) // 2
    octets = FORMS[form](PCAP[:half]) + FORMS[form](b"") + FORMS[form](PCAP[half:]) + bytes(8)
    for step in (1 + len(octets) // 500, 1 << 20):
        capture = open_capture(Trickle(octets, step))
        assert [row[4] for row in all_rows(capture, reuse=True)] == PACKETS
        assert capture.cut is None


@pytest.mark.parametrize("form", FORMS)
def test_cut_compressed_data_is_a_cut(form: str) -> None:
    octets = FORMS[form](PCAP)
    for end in range(len(octets) - 1, 40, -len(octets) // 40):
        try:
            capture = open_capture(io.BytesIO(octets[:end]))
        except NotACapture:
            continue
        packets = [row[4] for row in all_rows(capture)]
        assert packets == PACKETS[: len(packets)]
        assert capture.cut is not None
        assert "ends early" in capture.cut.reason


@pytest.mark.parametrize("form", FORMS)
def test_damaged_compressed_data_never_raises(form: str) -> None:
    octets = bytearray(FORMS[form](PCAP))
    for at in range(0, len(octets), max(1, len(octets) // 60)):
        octets[at] ^= 0x55
        try:
            all_rows(open_capture(io.BytesIO(bytes(octets))))
        except NotACapture:
            pass
        octets[at] ^= 0x55


@pytest.mark.parametrize("form", FORMS)
def test_what_follows_is_told(form: str) -> None:
    capture = open_capture(io.BytesIO(FORMS[form](PCAP) + b"something else"))
    assert len(all_rows(capture)) == len(PACKETS)
    assert capture.cut is not None
    assert "follow after it" in capture.cut.reason


def test_only_one_layer() -> None:
    with pytest.raises(NotACapture, match="xz data inside compressed data"):
        open_capture(io.BytesIO(gzip.compress(lzma.compress(PCAP))))


@pytest.mark.parametrize(("form", "module"), [("zstd", "zstandard"), ("lz4", "lz4.frame")])
def test_a_missing_package_is_named(
    form: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    octets = FORMS[form](PCAP)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(OSError, match=f"takes the package {module.split('.')[0]}") as refusal:
        open_capture(io.BytesIO(octets))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("form", ["gzip", "zstd", "xz", "lz4"])
def test_a_bomb_takes_no_memory(form: str) -> None:
    record = pcap_record(bytes(60_000))
    bomb = FORMS[form](pcap_head() + record * 5000)  # 300 MB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    capture = open_capture(io.BytesIO(bomb))
    assert sum(len(batch) for batch in capture.batches(reuse=True)) == 5000
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 64 << 10
