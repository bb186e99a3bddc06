"""What is written is read again: pcapng and pcap, from files, packets and batches."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rawlab
from files.cases import CASES, Case
from files.forging import (
    block,
    enhanced,
    interface,
    obsolete,
    option,
    order,
    pcap_head,
    pcap_record,
    section,
    simple,
)
from files.test_oracle import FILES, REFUSED, needs_corpus
from rawlab.batch import Batch, Interface, new_index
from rawlab.files import CaptureFile, open_capture
from rawlab.files.blocks import Options
from rawlab.files.grouping import batches_of
from rawlab.files.writing import CaptureWriter, WriteFailed, create_capture, form_of

NS = 1_700_000_000_000_000_000
A, B = bytes(range(60)), bytes(range(100, 161))
END = option(0, b"")
NUMBERS = {2, 4, 5, 6}
"""Options of packets whose values are numbers in the section's byte order."""

Row = tuple[int, int, int, bytes, str, int]


def written(packets: object, form: str | None = None) -> bytes:
    """The file that `rawlab.write` makes."""
    out = io.BytesIO()
    rawlab.write(out, packets, form=form)  # type: ignore[arg-type]
    return out.getvalue()


def read(octets: bytes) -> CaptureFile:
    return open_capture(io.BytesIO(octets))


def rows(octets: bytes) -> list[Row]:
    """time, length, link type, octets, interface's name and resolution of each packet."""
    found = []
    for batch in read(octets).batches(reuse=True):
        for i in range(batch.count):
            start, caplen = batch.offset[i], batch.caplen[i]
            on = batch.interfaces[batch.interface[i]]
            packet = bytes(memoryview(batch.octets)[start : start + caplen])
            time_ns, length, linktype = batch.time_ns[i], batch.length[i], batch.linktype[i]
            found.append((time_ns, length, linktype, packet, on.name, on.resolution))
    return found


def options(octets: bytes) -> list[Options]:
    """The options of each packet, numbers in little-endian order."""
    found = []
    for batch in read(octets).batches(reuse=True):
        for i in range(batch.count):
            big = batch.origin.big_endian
            found.append(tuple(
                (code, value[::-1] if big and code in NUMBERS else value)
                for code, value in batch.options(i)
            ))
    return found


def folded(octets: bytes) -> bytes:
    """The packets without the blocks between them, in a section of the writer's own."""
    out = io.BytesIO()
    with create_capture(out) as writer:
        for batch in read(octets).batches(reuse=True):
            writer.write(batch)
    return out.getvalue()


def built(octets: bytes, *packets: tuple[int, int]) -> Batch:
    """A batch of (time, interface) packets with the same octets."""
    index = new_index(len(packets))
    for column, (time_ns, number) in enumerate(packets):
        values = (0, len(octets), len(octets), time_ns, number, 1)
        for row, value in enumerate(values):
            index[row, column] = value
    return Batch(octets, index, len(packets), [Interface("a"), Interface("b")])


# Files.


def real_files() -> list[Path]:
    captures = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap"))
    return [*captures, *(path for path in FILES if path.name not in REFUSED)]


def check_kept(octets: bytes) -> None:
    """Writing a file changes no packet, time, option or interface; a pcapng file not an octet."""
    capture = read(octets)
    again = written(capture)
    if capture.kind == "pcapng":
        end = capture.cut.offset if capture.cut else len(octets)
        assert again == octets[:end]
    want = rows(octets)
    assert rows(again) == want
    assert rows(folded(octets)) == want
    assert options(folded(octets)) == options(octets)
    assert rows(written(list(read(octets)))) == want
    if len({row[2] for row in want}) <= 1 and all(0 <= row[0] < 2**32 * 10**9 for row in want):
        assert [row[:4] for row in rows(written(read(octets), "pcap"))] == [r[:4] for r in want]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_cases_are_kept(case: Case) -> None:
    check_kept(case.octets)


@needs_corpus
@pytest.mark.parametrize("path", real_files(), ids=lambda p: p.name)
def test_real_files_are_kept(path: Path) -> None:
    check_kept(path.read_bytes())


BLOCKS = st.lists(
    st.one_of(
        st.tuples(st.just("enhanced"), st.binary(max_size=9), st.integers(0, 2**64 - 1),
                  st.integers(0, 2), st.lists(st.sampled_from("cfdr"), max_size=3)),
        st.tuples(st.just("obsolete"), st.binary(max_size=9), st.integers(0, 2**64 - 1),
                  st.integers(0, 2), st.just([])),
        st.tuples(st.just("simple"), st.binary(max_size=9), st.just(0), st.just(0), st.just([])),
        st.tuples(st.sampled_from(["other", "statistics", "names", "late"]),
                  st.binary(max_size=9), st.just(0), st.integers(0, 2), st.just([])),
    ),
    max_size=8,
)
SECTIONS = st.lists(
    st.tuples(st.booleans(), st.lists(st.sampled_from([6, 9, 0x8A, 12]), min_size=3, max_size=3),
              BLOCKS),
    min_size=1, max_size=3,
)  # fmt: skip
PACKET_OPTIONS = {"c": (1, b"a comment"), "f": (2, b"\1\2\3\4"), "d": (4, bytes(range(8))),
                  "r": (2988, b"\0\0\0\1custom")}


def forged(sections: list[tuple[bool, list[int], list[tuple[str, bytes, int, int, list[str]]]]]
           ) -> bytes:
    """A pcapng file; every section has three interfaces."""
    out = b""
    for big, resolutions, blocks in sections:
        out += section(big, option(1, b"of a section", big) + END)
        for number, resolution in enumerate(resolutions):
            named = option(2, b"if%d" % number, big) + option(9, bytes([resolution]), big)
            out += interface(1, options=named + END, big=big)
        for kind, packet, ticks, on, told in blocks:
            found = b"".join(option(*PACKET_OPTIONS[name], big) for name in told)
            if kind == "enhanced":
                ended = found + END if found else b""
                out += enhanced(packet, ticks, on, options=ended, big=big)
            elif kind == "obsolete":
                out += obsolete(packet, ticks, on, big=big)
            elif kind == "simple":
                out += simple(packet, big=big)
            elif kind == "statistics":
                out += block(5, struct.pack(order(big) + "III", on, 0, 1), big)
            elif kind == "names":
                out += block(4, struct.pack(order(big) + "HH", 1, 6) + b"\x7f\0\0\1a\0", big)
            elif kind == "late":
                out += interface(1, options=option(2, b"late", big) + END, big=big)
            else:
                out += block(0x4000_0BAD, packet, big)
    return out


@settings(max_examples=150, deadline=None)
@given(SECTIONS)
def test_any_pcapng_file_is_kept(sections: list[tuple[bool, list[int], list]]) -> None:  # type: ignore[type-arg]
    check_kept(forged(sections))


@settings(max_examples=60, deadline=None)
@given(SECTIONS, SECTIONS)
def test_two_files_in_one(first: list, second: list) -> None:  # type: ignore[type-arg]
    files = [forged(first), forged(second)]
    want = rows(files[0]) + rows(files[1])
    wanted_options = options(files[0]) + options(files[1])
    out = io.BytesIO()
    with create_capture(out) as writer:
        for octets in files:
            for batch in read(octets).batches(reuse=True, blocks=True):
                writer.write(batch)
    assert rows(out.getvalue()) == want
    assert options(out.getvalue()) == wanted_options
    turns = [p for pair in zip(*(read(o) for o in files), strict=False) for p in pair]
    mixed = written(turns)
    assert [r[3] for r in rows(mixed)] == [p.octets for p in turns]
    assert [r[0] for r in rows(mixed)] == [p.time_ns for p in turns]


def test_the_length_of_a_section_stays_open() -> None:
    octets = bytearray(section() + interface() + enhanced(A, 5))
    octets[16:24] = struct.pack("<q", len(octets) - 28)
    again = written(read(bytes(octets)))
    assert again[16:24] == b"\xff" * 8
    assert again[24:] == octets[24:]


def test_picked_packets_keep_their_options() -> None:
    comments = [option(1, b"number %d" % n) + END for n in range(5)]
    octets = section() + interface() + b"".join(
        enhanced(A, n, options=comment) for n, comment in enumerate(comments)
    )  # fmt: skip
    (batch,) = read(octets).batches()
    out = io.BytesIO()
    with create_capture(out) as writer:
        writer.write(batch.pick([4, 1]))
    assert options(out.getvalue()) == [((1, b"number 4"),), ((1, b"number 1"),)]


def test_blocks_of_a_batch_in_two_parts_are_written_once() -> None:
    octets = section() + interface() + block(0x4000_0BAD, b"once") + enhanced(A) + enhanced(B)
    (batch,) = read(octets).batches(blocks=True)
    out = io.BytesIO()
    with create_capture(out) as writer:
        writer.write(batch.pick([0]))
        writer.write(batch.pick([1]))
    assert out.getvalue() == octets


def test_what_matches_a_filter_keeps_the_blocks_between() -> None:
    names = block(4, struct.pack("<HH", 1, 6) + b"\x7f\0\0\1a\0")
    octets = section() + interface() + enhanced(B) + names + enhanced(A)
    wanted = read(octets).where("frame.len == 60").where("frame.number > 1")
    assert written(wanted) == section() + interface() + names + enhanced(A)
    assert written(read(octets).where("frame.len == 1")) == section() + interface() + names


# Batches and packets.


def test_packets_of_a_batch() -> None:
    octets = written(built(A, (NS, 1), (NS + 1, 0)))
    want = [(NS, 60, 1, A, "b", 10**9), (NS + 1, 60, 1, A, "a", 10**9)]
    assert rows(octets) == want
    assert rows(written(built(A, (NS, 1), (NS + 1, 0)), "pcap")) == [
        (*row[:4], "", 10**9) for row in want
    ]


def test_times_that_do_not_fit() -> None:
    batch = built(A, (-5, 0), (2**63 - 1, 0))
    assert [row[0] for row in rows(written(batch))] == [0, 2**63 - 1]
    assert [row[0] for row in rows(written(batch, "pcap"))] == [0, 2**32 * 10**9 - 1]


def test_a_mixture_of_packets_and_batches() -> None:
    octets = section() + interface() + enhanced(A, 7, options=option(1, b"kept") + END)
    (packet,) = read(octets)
    many = [bytes([n % 256, n // 256]) for n in range(5000)]
    made = [rawlab.Packet(octets, time_ns=n) for n, octets in enumerate(many)]
    out = written(iter([packet, rawlab.Packet(B, time_ns=NS), built(A, (NS, 1)), packet, *made]))
    assert [row[3] for row in rows(out)] == [A, B, A, A, *many]
    assert [option for found in options(out) for option in found] == [(1, b"kept")] * 2


def test_interfaces_that_turn_up_later() -> None:
    interfaces = [Interface("first")]
    out = io.BytesIO()
    with create_capture(out, interfaces=interfaces, filter="udp port 53") as writer:
        batch = built(A, (NS, 0))
        batch.interfaces = interfaces
        writer.write(batch)
        interfaces.append(Interface("second"))
        later = built(B, (NS, 1))
        later.interfaces = interfaces
        writer.write(later)
    capture = read(out.getvalue())
    list(capture)
    assert [i.name for i in capture.interfaces] == ["first", "second"]
    assert [dict(i.options)[11] for i in capture.interfaces] == [b"\0udp port 53"] * 2
    assert [i.snaplen for i in capture.interfaces] == [262144] * 2
    assert [row[4] for row in rows(out.getvalue())] == ["first", "second"]


def test_a_packet_of_another_link_type_than_its_interface() -> None:
    packet = rawlab.Packet(A, linktype=101, interface=Interface("tun0"))
    octets = written([rawlab.Packet(B, interface=Interface("tun0")), packet])
    assert [(row[2], row[4]) for row in rows(octets)] == [(1, "tun0"), (101, "tun0")]


def test_an_edited_packet_of_a_file_of_fine_times() -> None:
    fine = option(9, b"\x0c") + option(14, struct.pack("<q", 5)) + END
    octets = section() + interface(options=fine) + enhanced(A, 10**12 + 999)
    (packet,) = read(octets)
    made = rawlab.Packet(A, time_ns=packet.time_ns, interface=packet.interface)
    assert rows(written([packet, made])) == [
        (6 * 10**9, 60, 1, A, "", 10**12), (6 * 10**9, 60, 1, A, "", 10**9),
    ]  # fmt: skip


def test_what_is_no_packet() -> None:
    with pytest.raises(TypeError, match="a Packet or a Batch is wanted, not bytes"):
        written([b"octets"])
    with pytest.raises(TypeError, match="packets or batches are wanted, not int"):
        written(5)
    with pytest.raises(TypeError, match="binary mode"):
        create_capture(io.StringIO())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="form 'pcang'"):
        create_capture(io.BytesIO(), form="pcang")  # type: ignore[arg-type]


def test_a_mistake_does_not_empty_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(b"kept")
    with pytest.raises(TypeError):
        rawlab.write(path, 5)  # type: ignore[arg-type]
    assert path.read_bytes() == b"kept"


def test_packets_before_a_bad_end_are_written() -> None:
    def packets() -> object:
        yield rawlab.Packet(A)
        raise ZeroDivisionError

    out = io.BytesIO()
    with pytest.raises(ZeroDivisionError):
        rawlab.write(out, packets())  # type: ignore[arg-type]
    assert [row[3] for row in rows(out.getvalue())] == [A]


def test_the_file_that_is_read_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_head() + pcap_record(A))
    with pytest.raises(ValueError, match="is being read"):
        rawlab.write(path, rawlab.read(path))
    with pytest.raises(ValueError, match="is being read"):
        rawlab.write(path, rawlab.read(path).where("eth"))
    assert path.stat().st_size == 24 + 76


# The file.


def test_one_write_for_each_batch() -> None:
    class Counting(io.BytesIO):
        writes = 0

        def write(self, octets: object) -> int:
            self.writes += 1
            return super().write(octets)  # type: ignore[arg-type]

    out = Counting()
    with create_capture(out) as writer:
        for _ in range(3):
            writer.write(built(A, *[(NS, 0)] * 1000))
    assert out.writes == 3
    assert writer.packets == 3000
    assert writer.octets == len(out.getvalue())


def test_a_leased_batch_is_copied() -> None:
    ring = bytearray(A)
    batch = built(A, (NS, 0))
    batch.octets = ring
    out = io.BytesIO()
    with create_capture(out) as writer:
        writer.write(batch)
        ring[:] = bytes(len(ring))
        writer.write(batch)
    assert [row[3] for row in rows(out.getvalue())] == [A, bytes(60)]


def test_the_header() -> None:
    out = io.BytesIO()
    create_capture(out, comment="of mine").close()
    capture = read(out.getvalue())
    assert list(capture) == []
    assert capture.section is not None
    told = dict(capture.section.options)
    assert told[1] == b"of mine"
    assert told[4] == f"rawlab {rawlab.__version__}".encode()


def test_an_empty_pcap_file() -> None:
    assert written([], "pcap") == pcap_head(magic=0xA1B23C4D)


def test_pcap_holds_one_link_type(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    raw = next(read(pcap_head(network=101) + pcap_record(B)).batches())
    with create_capture(path) as writer:
        writer.write(built(A, (NS, 0)))
        with pytest.raises(WriteFailed, match=r"one link type.*write pcapng") as caught:
            writer.write(raw)
        writer.write(built(A, (NS, 0)))
    assert caught.value.packets_lost == 1
    assert rows(path.read_bytes()) == [(NS, 60, 1, A, "", 10**9)] * 2


@pytest.mark.parametrize("form", ["pcapng", "pcap"])
@pytest.mark.parametrize("linktype", [-1, 65536])
def test_a_link_type_that_is_none(form: str, linktype: int) -> None:
    out = io.BytesIO()
    writer = create_capture(out, form=form)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"link type {linktype}: capture files hold"):
        writer.write(next(batches_of(rawlab.Packet(A, linktype=linktype))))
    writer.close()
    assert rows(out.getvalue()) == []


@pytest.mark.parametrize(("snaplen", "linktype", "told"), [
    (96, 1, 96), (262144, 1, 262144), (262144, 189, 1 << 27), (96, 189, 96),
])  # fmt: skip
def test_the_snap_length_of_a_pcap_file(snaplen: int, linktype: int, told: int) -> None:
    out = io.BytesIO()
    on = [Interface(linktype=linktype)]
    create_capture(out, form="pcap", snaplen=snaplen, interfaces=on).close()
    assert struct.unpack_from("<I", out.getvalue(), 16) == (told,)


def test_pcap_of_interfaces_of_one_link_type(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="write pcapng"):
        create_capture(tmp_path / "x.pcap", interfaces=[Interface("a"), Interface("b", 101)])


def test_a_first_batch_of_two_link_types() -> None:
    out = io.BytesIO()
    mixed = built(A, (NS, 0), (NS, 0))
    mixed.index[5, 1] = 101
    with create_capture(out, form="pcap") as writer:
        with pytest.raises(WriteFailed) as caught:
            writer.write(mixed)
        writer.write(built(B, (NS, 0)))
    assert caught.value.packets_lost == 2
    assert [row[3] for row in rows(out.getvalue())] == [B]


def statistics(writer: CaptureWriter) -> None:
    writer.write_statistics(1, received=9, dropped=2, start_ns=NS, end_ns=NS + 5,
                            filter_accepted=7)


def test_counts_of_an_interface() -> None:
    out = io.BytesIO()
    on = [Interface("a"), Interface("b", resolution=1000)]
    with create_capture(out, interfaces=on) as writer:
        statistics(writer)
    *_, batch = read(out.getvalue()).batches(blocks=True)
    found = batch.origin.kept[-1].octets
    ticks = NS // 10**6
    stamp = struct.pack("<II", ticks >> 32, ticks & 0xFFFFFFFF)
    body = struct.pack("<I", 1) + stamp + option(2, stamp) + option(3, stamp)
    for code, value in ((4, 9), (5, 2), (6, 7)):
        body += option(code, struct.pack("<Q", value))
    assert found == block(5, body + END)


def test_a_pcap_file_has_no_counts() -> None:
    out = io.BytesIO()
    with create_capture(out, form="pcap", interfaces=[Interface()]) as writer:
        statistics(writer)
    assert len(out.getvalue()) == 24


@pytest.mark.parametrize(("name", "form"), [
    ("x.pcap", "pcap"), ("x.PCAP", "pcap"), ("a/x.pcap.gz", "pcap"), ("x.pcap.zst", "pcap"),
    ("x.pcapng", "pcapng"), ("x.pcapng.gz", "pcapng"), ("x.cap", "pcapng"), ("-", "pcapng"),
    ("pcap", "pcapng"),
])  # fmt: skip
def test_the_form_by_the_name(name: str, form: str) -> None:
    assert form_of(name) == form
