"""Whatever a file holds, reading it gives whole packets and then an end, and raises nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from files.cases import CASES, Case
from files.forging import enhanced, interface, pcap_head, pcap_record, section, snoop
from files.test_oracle import FILES, REFUSED, needs_corpus
from files.test_reading import all_rows
from rawlab.files import NotACapture, open_capture
from rawlab.files.decoders import COMPRESSIONS

SMALL = [case for case in CASES if len(case.octets) < 2000 and case.cut is None]
LARGEST = 20_000


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_cut_at_any_octet(case: Case) -> None:
    for end in range(len(case.octets)):
        try:
            capture = open_capture(io.BytesIO(case.octets[:end]))
        except NotACapture:
            assert end < 28
            continue
        rows = all_rows(capture)
        assert rows == case.rows[: len(rows)]
        if capture.cut is None:
            assert capture._window.offset == end
        else:
            assert capture.cut.packet == len(rows) + 1
            assert capture.cut.offset < end
            assert f"ends after {end - capture.cut.offset} of the" in capture.cut.reason


@needs_corpus
@pytest.mark.parametrize(
    "path", [p for p in FILES if p.name not in REFUSED], ids=lambda p: p.name
)
def test_a_cut_corpus_file_keeps_its_first_packets(path: Path) -> None:
    octets = path.read_bytes()[:LARGEST]
    whole = all_rows(open_capture(io.BytesIO(octets)))
    pcapng = octets.startswith(b"\x0a\x0d\x0d\x0a")
    first = int.from_bytes(octets[4:8], "little") if pcapng else 24
    for end in range(first, len(octets), 1 + len(octets) // 200):
        rows = all_rows(open_capture(io.BytesIO(octets[:end])))
        assert rows == whole[: len(rows)]


def _read_all(octets: bytes) -> None:
    """Read in every way; packets have to lie inside the file."""
    for reuse, blocks in ((False, False), (True, True)):
        try:
            capture = open_capture(io.BytesIO(octets))
        except NotACapture:
            continue
        number = 1
        for batch in capture.batches(reuse=reuse, blocks=blocks):
            assert batch.first_number == number
            number += len(batch)
            for row in range(len(batch)):
                start = batch.record_offset(row)
                record = bytes(batch.record(row))
                assert octets[start : start + len(record)] == record
                assert 0 <= batch.offset[row] <= batch.offset[row] + batch.caplen[row]
                assert batch.offset[row] + batch.caplen[row] <= len(batch.octets)
                assert 0 <= batch.interface[row] < len(batch.interfaces)
                batch.options(row)
        if capture.cut is not None:
            assert "\n" not in str(capture.cut)


HEADS = [
    pcap_head(),
    pcap_head(True, 0xA1B23C4D, (2, 3)),
    pcap_head(False, 0xA1B2CD34),
    snoop([]),
    section() + interface(),
    section(True) + interface(big=True),
    section(),
    b"",
]
LENGTHS = st.sampled_from([0, 1, 4, 8, 12, 13, 16, 28, 32, 36, 40, 0x7FFFFFFF, 0xFFFFFFFF])
WORDS = st.one_of(
    LENGTHS.map(lambda n: n.to_bytes(4, "little")),
    LENGTHS.map(lambda n: n.to_bytes(4, "big")),
    st.sampled_from([1, 2, 3, 4, 5, 6, 10, 0xBAD]).map(lambda n: n.to_bytes(4, "little")),
    st.just(section()),
    st.just(interface()),
    st.just(enhanced(b"abcde")),
    st.just(pcap_record(b"abcde")),
    st.binary(max_size=12),
)


@given(st.sampled_from(HEADS), st.lists(WORDS, max_size=20).map(b"".join))
@example(section(), interface(1) + interface(1)[:19])
def test_random_octets_never_raise(head: bytes, rest: bytes) -> None:
    _read_all(head + rest)


@given(st.data())
@settings(max_examples=200)
def test_changed_octets_never_raise(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.sampled_from(SMALL)).octets)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, octets[at] ^ 4]))
    _read_all(bytes(octets))


@given(st.binary(max_size=100))
def test_any_compressed_head_never_raises(octets: bytes) -> None:
    for compression in COMPRESSIONS:
        _read_all(compression.magic + octets)
