"""Other tools read what is written without a complaint, and what they write stays as it is."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

import rawlab
from files.cases import A
from files.test_oracle import FILES, needs_corpus
from files.test_writing import NS, built, options, rows, written
from rawlab.batch import Interface
from rawlab.files import open_capture
from rawlab.files.writing import create_capture

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap"))
TOOLS = ("tshark", "capinfos", "tcpdump", "editcap", "mergecap")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{' '.join(MISSING)} missing")
AS_ROOT = 'Running as user "root" and group "root". This could be dangerous.\n'
FIELDS = ("frame.time_epoch", "frame.len", "frame.cap_len", "frame.comment", "frame.protocols")


def run(*words: str | Path) -> tuple[str, str]:
    """What a tool says on standard output and standard error."""
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout, done.stderr


def tshark(path: Path) -> tuple[str, str]:
    names = [part for field in FIELDS for part in ("-e", field)]
    return run("tshark", "-n", "-r", path, "-T", "fields", *names)


def readable(paths: list[Path]) -> list[Path]:
    """The captures that are whole."""
    found = []
    for path in paths:
        try:
            with open_capture(path) as capture:
                for _ in capture.batches(reuse=True):
                    pass
        except OSError:
            continue
        if capture.cut is None:
            found.append(path)
    return found


@needs_corpus
@pytest.mark.parametrize("path", readable([*CAPTURES, *FILES]), ids=lambda p: p.name)
def test_tshark_reads_what_is_written(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pcapng"
    count = rawlab.write(copy, rawlab.read(path))
    assert tshark(copy) == tshark(path)
    table, complaint = run("capinfos", "-Mcr", copy)
    assert complaint == ""
    assert f"Number of packets:   {count}" in table


@needs_corpus
@pytest.mark.parametrize("path", readable([*CAPTURES, *FILES]), ids=lambda p: p.name)
def test_tcpdump_reads_what_is_written(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pcap"
    capture = rawlab.read(path)
    if len({row[2] for row in rows(path.read_bytes())}) > 1:
        with pytest.raises(OSError, match="one link type"):
            rawlab.write(copy, capture)
        return
    count = rawlab.write(copy, capture)
    table, complaint = run("capinfos", "-Mcr", copy)
    assert complaint == ""
    assert f"Number of packets:   {count}" in table
    if capture.kind == "pcap":
        words = ("tcpdump", "-nn", "-tttt", "-r")
        assert run(*words, copy)[0] == run(*words, path)[0]


def test_a_comment_and_counts_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    on = [Interface("eth9")]
    with create_capture(path, interfaces=on, comment="of the file", filter="tcp",
                        snaplen=96) as writer:
        batch = built(A, (NS, 0))
        batch.interfaces = on
        writer.write(batch)
        writer.write_statistics(0, received=9, dropped=2, start_ns=NS, end_ns=NS + 1)
    table, complaint = run("capinfos", path)
    assert complaint == ""
    for line in (
        "Capture comment:     of the file", f"Capture application: rawlab {rawlab.__version__}",
        "Name = eth9", "Filter string = tcp", "Capture length = 96", "Time resolution = 0x09",
        "Number of stat entries = 1", "File timestamp precision:  nanoseconds (9)",
    ):
        assert line in table


def test_packets_of_any_interface_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    rawlab.write(path, [
        rawlab.Packet(A, interface=Interface("eth0")),
        rawlab.Packet(struct.pack(">HHIHBB8s", 0x800, 0, 2, 1, 0, 6, bytes(8)) + A, linktype=276,
                      interface=Interface("wlan0", 276)),
    ])  # fmt: skip
    out, complaint = run("tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.interface_name",
                         "-e", "frame.encap_type")
    assert out == "eth0\t1\nwlan0\t210\n"
    assert complaint.replace(AS_ROOT, "") == ""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files that other tools wrote."""
    folder = tmp_path_factory.mktemp("theirs")
    dns, tcp, sctp = (next(p for p in CAPTURES if p.stem == n) for n in ("dns", "tcp", "sctp"))
    found = {}

    def made(name: str, *words: str | Path) -> None:
        found[name] = folder / name
        done = subprocess.run([str(w) for w in words], cwd=folder, capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr

    made("comments.pcapng", "editcap", "-a", "1:the first", "-a", "3:caf\u00e9", dns,
         "comments.pcapng")
    made("section.pcapng", "editcap", "--capture-comment", "of the section", tcp, "section.pcapng")
    made("merged.pcapng", "mergecap", "-w", "merged.pcapng", "comments.pcapng", "section.pcapng",
         sctp)
    made("one.pcapng", "mergecap", "-I", "none", "-w", "one.pcapng", tcp, dns)
    made("following.pcapng", "mergecap", "-a", "-w", "following.pcapng", tcp, dns)
    made("nanoseconds.pcap", "editcap", "-F", "nsecpcap", dns, "nanoseconds.pcap")
    made("snooped.snoop", "editcap", "-F", "snoop", dns, "snooped.snoop")
    made("resolved.pcapng", "tshark", "-r", dns, "-w", "resolved.pcapng")
    made("libpcap.pcap", "tcpdump", "-r", tcp, "-w", "libpcap.pcap")
    return found


NAMES = ("comments.pcapng", "section.pcapng", "merged.pcapng", "one.pcapng", "following.pcapng",
         "nanoseconds.pcap", "snooped.snoop", "resolved.pcapng", "libpcap.pcap")


@pytest.mark.parametrize("name", NAMES)
def test_what_tools_write_stays_as_it_is(
    name: str, theirs: dict[str, Path], tmp_path: Path
) -> None:
    assert set(theirs) == set(NAMES)
    octets = theirs[name].read_bytes()
    again = written(rawlab.read(theirs[name]))
    if theirs[name].suffix == ".pcapng":
        assert again == octets
    assert rows(again) == rows(octets)
    assert options(again) == options(octets) or theirs[name].suffix != ".pcapng"
    copy = tmp_path / "copy.pcapng"
    copy.write_bytes(again)
    assert tshark(copy) == tshark(theirs[name])
    pcap = tmp_path / "copy.pcap"
    rawlab.write(pcap, rawlab.read(theirs[name]))
    assert [row[:4] for row in rows(pcap.read_bytes())] == [row[:4] for row in rows(octets)]


def test_a_round_through_tools(theirs: dict[str, Path], tmp_path: Path) -> None:
    """Ours, through editcap, and back: no packet, time or comment is another."""
    ours, edited = tmp_path / "ours.pcapng", tmp_path / "edited.pcapng"
    packets = list(rawlab.read(theirs["merged.pcapng"]))
    rawlab.write(ours, packets)
    run("editcap", ours, edited)
    assert rows(edited.read_bytes()) == rows(ours.read_bytes())
    comments = [[v for c, v in found if c == 1] for found in options(edited.read_bytes())]
    assert comments == [[v for c, v in found if c == 1] for found in options(ours.read_bytes())]
    assert sum(map(len, comments)) == 2
    assert [p.octets for p in rawlab.read(io.BytesIO(edited.read_bytes()))] == [
        p.octets for p in packets
    ]  # fmt: skip
