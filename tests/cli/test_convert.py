"""`rawlab convert` as a user calls it, against editcap, mergecap, tcpdump and tshark."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rawlab as package
from cli.running import PROGRAM, rawlab
from files.cases import PCAP, PCAPNG, SNOOP, Case
from files.forging import NANO, block, enhanced, interface, option, pcap_head, pcap_record, section

CAPTURES = Path(__file__).parents[2] / "captures"
DEMO, TCP, DNS = (CAPTURES / f"{name}.pcap" for name in ("demo", "tcp", "dns"))
READABLE = [case for case in (*PCAP, *PCAPNG, *SNOOP) if case.cut is None]

Row = tuple[int, int, int, bytes]


def rows(path: Path) -> list[Row]:
    """time_ns, length on the wire, link type and octets of each packet; the file is whole."""
    with package.read(path) as capture:
        found = [(p.time_ns, p.length, p.linktype, p.octets) for p in capture]
    assert capture.cut is None
    return found


def convert(*words: object) -> None:
    """Runs a conversion that has nothing to complain of."""
    done = rawlab("convert", *map(str, words))
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")


def tool(*words: object) -> str:
    ran = subprocess.run([*map(str, words)], capture_output=True, text=True, check=True)
    return ran.stdout


def tshark(path: Path, *names: str) -> list[str]:
    fields = [word for name in names for word in ("-e", name)]
    return tool("tshark", "-n", "-r", path, "-Tfields", *fields).splitlines()


# Between formats.


@pytest.mark.parametrize("case", READABLE, ids=str)
def test_every_kind_of_file_becomes_pcapng(case: Case, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out.pcapng"
    source.write_bytes(case.octets)
    convert(source, out)
    assert rows(out) == [(time, length, linktype, octets)
                         for time, length, _, linktype, octets in case.rows]


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.pcap")), ids=lambda path: path.stem)
def test_there_and_back(path: Path, tmp_path: Path) -> None:
    there, back = tmp_path / "there.pcapng", tmp_path / "back.pcap"
    convert(path, there)
    convert(there, back)
    assert rows(path) == rows(there) == rows(back)
    names = ("frame.time_epoch", "frame.len", "frame.cap_len", "frame.protocols")
    assert tshark(path, *names) == tshark(there, *names) == tshark(back, *names)


@pytest.mark.parametrize("suffix", ["gz", "zst", "lz4", "xz"])
def test_compressed_on_both_sides(suffix: str, tmp_path: Path) -> None:
    small, plain = tmp_path / f"small.pcapng.{suffix}", tmp_path / "plain.pcap"
    convert(DEMO, small)
    convert(small, plain)
    assert rows(plain) == rows(DEMO)
    assert small.stat().st_size < plain.stat().st_size


def test_standard_input_and_output(tmp_path: Path) -> None:
    done = rawlab("convert", "-", "-", stdin=gzip.compress(DEMO.read_bytes()))
    assert (done.returncode, done.stderr) == (0, b"")
    out = tmp_path / "out"
    out.write_bytes(done.stdout)
    assert rows(out) == rows(DEMO)
    assert done.stdout[:4] == bytes.fromhex("0a0d0d0a"), "pcapng where nothing else is said"


def test_the_format_may_be_said(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    convert("--format", "pcap", DEMO, out)
    with package.read(out) as capture:
        assert capture.kind == "pcap"


def ng(big: bool = False) -> bytes:
    """A pcapng file with options on everything, and blocks of all kinds."""
    def told(*options: tuple[int, bytes]) -> bytes:
        return b"".join(option(c, v, big) for c, v in options) + option(0, b"", big)

    return b"".join((
        section(big, told((1, b"of the file"), (2, b"hardware"), (3, b"system"))),
        interface(options=told((2, b"eth0"), (9, b"\x09"), (1, b"first")), big=big),
        interface(113, options=told((2, b"any"), (3, b"all of them")), big=big),
        enhanced(b"one" * 20, 10**18, options=told((1, b"hello")), big=big),
        block(4, bytes(4), big),
        enhanced(b"two" * 30, 10**15 + 1, 1, big=big),
        block(0x0BAD, b"\0\0\0\1custom", big),
        enhanced(b"three" * 5, 10**18 + 2, big=big),
    ))  # fmt: skip


@pytest.mark.parametrize("big", [False, True])
def test_nothing_of_a_pcapng_file_is_lost(big: bool, tmp_path: Path) -> None:
    source, out = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    source.write_bytes(ng(big))
    convert(source, out)
    assert out.read_bytes() == source.read_bytes()


# Choosing.


def editcap(*words: object) -> None:
    subprocess.run(["editcap", *map(str, words)], capture_output=True, check=True)


def test_by_number_as_editcap(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.pcapng", tmp_path / "theirs.pcapng"
    convert("--packets", "3-5,9,12-", DEMO, ours)
    editcap("-r", DEMO, theirs, "3-5", "9", f"12-{len(rows(DEMO))}")
    assert rows(ours) == rows(theirs)


@pytest.mark.parametrize("form", ["epoch", "relative", "iso"])
def test_by_time_as_editcap(form: str, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    ours, theirs = tmp_path / "ours.pcapng", tmp_path / "theirs.pcapng"
    times = [row[0] for row in rows(DEMO)]
    after, before = times[3], times[-3]
    assert after < before

    def told(time_ns: int) -> str:
        if form == "relative":
            since = time_ns - times[0]
            return f"+{since // 10**9}.{since % 10**9:09}"
        if form == "epoch":
            return f"{time_ns // 10**9}.{time_ns % 10**9:09}"
        whole = datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{whole}.{time_ns % 10**9:09}Z"

    def seconds(time_ns: int) -> str:
        return f"{time_ns // 10**9}.{time_ns % 10**9:09}"

    convert("--after", told(after), "--before", told(before), DEMO, ours)
    editcap("-A", seconds(after), "-B", seconds(before), DEMO, theirs)
    assert rows(ours) == rows(theirs)
    assert 0 < len(rows(ours)) < len(times)


def test_by_capture_filter_as_tcpdump(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.pcap", tmp_path / "theirs.pcap"
    convert("-f", "udp or icmp", DEMO, ours)
    subprocess.run(["tcpdump", "-r", DEMO, "-w", theirs, "udp or icmp"], capture_output=True,
                   check=True)
    assert [row[3] for row in rows(ours)] == [row[3] for row in rows(theirs)]
    assert 0 < len(rows(ours)) < len(rows(DEMO))


def test_by_display_filter_as_tshark(tmp_path: Path) -> None:
    ours = tmp_path / "ours.pcap"
    convert("-Y", "frame.number > 5 and tcp.flags.syn == 1", TCP, ours)
    wanted = tool("tshark", "-n", "-r", TCP, "-Y", "frame.number > 5 and tcp.flags.syn == 1",
                  "-Tfields", "-e", "frame.time_epoch").splitlines()
    assert tshark(ours, "frame.time_epoch") == wanted


# Several files.


def test_merged_as_mergecap(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.pcapng", tmp_path / "theirs.pcapng"
    convert(TCP, DNS, DEMO, ours)
    tool("mergecap", "-w", theirs, TCP, DNS, DEMO)
    assert rows(ours) == rows(theirs)


def test_concatenated_as_mergecap(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.pcap", tmp_path / "theirs.pcap"
    convert("--concatenate", TCP, DNS, TCP, ours)
    tool("mergecap", "-a", "-F", "nsecpcap", "-w", theirs, TCP, DNS, TCP)
    assert rows(ours) == rows(theirs)


@pytest.mark.parametrize("words", [(), ("--concatenate",)])
def test_files_of_many_kinds_keep_interfaces_and_comments(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    little, big = tmp_path / "little.pcapng", tmp_path / "big.pcapng"
    plain, fine = tmp_path / "plain.pcap", tmp_path / "fine.pcap"
    little.write_bytes(ng())
    big.write_bytes(ng(True))
    plain.write_bytes(pcap_head(network=101) + pcap_record(b"raw", 10**9))
    fine.write_bytes(pcap_head(magic=NANO) + pcap_record(b"fine", 10**9, 123_456_789))
    out = tmp_path / "out.pcapng"
    convert(*words, little, plain, big, fine, out)
    want = sorted([*rows(little), *rows(plain), *rows(big), *rows(fine)])
    assert sorted(rows(out)) == want
    with package.read(out) as capture:
        names = {packet.interface.name for packet in capture}
        assert names == {"eth0", "any", ""}
    assert tshark(out, "frame.comment").count("hello") == 2
    assert "parsed without error" not in tool("capinfos", out)


# Changing.


def test_shorter_as_editcap(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.pcapng", tmp_path / "theirs.pcapng"
    convert("-s", 60, DEMO, ours)
    editcap("-s", 60, DEMO, theirs)
    assert rows(ours) == rows(theirs)
    assert max(len(row[3]) for row in rows(ours)) == 60


def test_payload_is_stripped(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    convert("--strip-payload", TCP, out)
    with package.read(TCP) as capture:
        packets = list(capture)
    assert any(packet.payload for packet in packets)
    assert rows(out) == [(p.time_ns, p.length, p.linktype, p.octets[: p.payload_offset])
                         for p in packets]
    assert tshark(out, "tcp.len") == tshark(TCP, "tcp.len"), "lengths are those of the wire"


def test_other_times_as_editcap(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.pcapng", tmp_path / "theirs.pcapng"
    convert("--shift-s", "-3600.25", DEMO, ours)
    editcap("-t", "-3600.25", DEMO, theirs)
    assert rows(ours) == rows(theirs)


def test_comments(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{i}.pcapng" for i in range(3))
    convert("--comment", "2:hello: you", "--comment", "2:again", "--file-comment", "a file",
            TCP, first)
    assert tshark(first, "frame.comment")[:3] == ["", "hello: you,again", ""]
    assert "a file" in tool("capinfos", "-k", first)
    convert("--comment", "3:more", first, second)
    assert tshark(second, "frame.comment")[:3] == ["", "hello: you,again", "more"]
    assert "a file" in tool("capinfos", "-k", second)
    convert("--no-comments", "--comment", "4:only", second, third)
    assert tshark(third, "frame.comment")[:5] == ["", "", "", "only", ""]
    assert "a file" not in tool("capinfos", "-k", third)
    assert rows(third) == rows(TCP)


def test_pcap_has_no_comments(tmp_path: Path) -> None:
    done = rawlab("convert", "--comment", "1:x", str(TCP), str(tmp_path / "out.pcap"))
    assert done.returncode == 2
    assert b"no room for comments; write pcapng" in done.stderr


# Anonymising.


def test_anonymised_with_a_key_is_the_same_again(tmp_path: Path) -> None:
    key, one, two, three = (tmp_path / name for name in ("key", "1.pcap", "2.pcap", "3.pcap"))
    key.write_text("correct horse\n")
    for out in (one, two):
        convert("--anonymise", "--key-file", key, DNS, out)
    convert("--anonymise", DNS, three)
    assert rows(one) == rows(two) != rows(three)
    before, after = (tshark(path, "ip.src", "dns.a", "arp.src.proto_ipv4") for path in (DNS, one))
    assert len(set(before)) == len(set(after))
    assert not {word for line in before for word in line.replace("\t", ",").split(",") if word} & {
        word for line in after for word in line.replace("\t", ",").split(",")}
    names = ("frame.time_epoch", "dns.qry.name", "udp.dstport", "ip.len", "frame.protocols")
    assert tshark(one, *names) == tshark(DNS, *names)


def test_anonymised_files_tell_no_addresses_elsewhere(tmp_path: Path) -> None:
    from struct import pack

    source, out = tmp_path / "in.pcapng", tmp_path / "out.pcapng"
    secret = b"\xc0\x00\x02\x21"
    name = pack("<HH", 1, 12) + secret + b"secret.\0" + bytes(4)
    source.write_bytes(
        section() + interface(options=option(2, b"eth0") + option(4, secret + b"\xff" * 4)
                              + option(0, b""))
        + block(4, name) + block(10, b"TLSK" + pack("<I", 4) + b"keys") + block(0x0BAD, secret)
        + enhanced(b"x" * 20)
    )
    convert("--anonymise", source, out)
    octets = out.read_bytes()
    assert secret not in octets
    assert b"secret" not in octets
    assert b"keys" not in octets
    assert b"eth0" in octets
    assert len(rows(out)) == 1


# Several outputs.


def parts(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("out-*"))


def test_split_by_packets_as_editcap(tmp_path: Path) -> None:
    convert("--split", "packets=10", DEMO, tmp_path / "out.pcapng")
    editcap("-c", 10, DEMO, tmp_path / "theirs.pcapng")
    theirs = sorted(tmp_path.glob("theirs_*"))
    assert [rows(path) for path in parts(tmp_path)] == [rows(path) for path in theirs]
    assert parts(tmp_path)[0].name == "out-00001.pcapng"


def test_split_by_seconds_as_editcap(tmp_path: Path) -> None:
    convert("--split", "seconds=1", DEMO, tmp_path / "out.pcapng")
    editcap("-i", 1, DEMO, tmp_path / "theirs.pcapng")
    theirs = [rows(path) for path in sorted(tmp_path.glob("theirs_*"))]
    assert [rows(path) for path in parts(tmp_path)] == [found for found in theirs if found]


@pytest.mark.parametrize("name", ["out.pcap", "out.pcapng"])
def test_split_by_size(name: str, tmp_path: Path) -> None:
    convert("--split", "size=2k", DEMO, tmp_path / name)
    files = parts(tmp_path)
    assert len(files) > 1
    assert [row for path in files for row in rows(path)] == rows(DEMO)
    for path in files:
        assert path.stat().st_size <= 2048 or len(rows(path)) == 1


@pytest.mark.parametrize("name", ["out.pcap", "out.pcapng"])
def test_split_by_conversation(name: str, tmp_path: Path) -> None:
    convert("--split", "flow", DEMO, tmp_path / name)
    files = parts(tmp_path)
    assert sorted(row for path in files for row in rows(path)) == sorted(rows(DEMO))
    for path in files:
        kinds = set(tshark(path, "ip.proto")) | set(tshark(path, "ipv6.nxt"))
        assert kinds
        if "-tcp-" in path.name:
            assert len(set(tshark(path, "tcp.stream"))) == 1
    names = [path.name for path in files]
    assert any("-tcp-" in each for each in names)
    assert all(each.startswith("out-00") for each in names)


# What goes wrong.


def test_a_cut_input_gives_all_whole_packets(tmp_path: Path) -> None:
    source, out = tmp_path / "in.pcap", tmp_path / "out.pcap"
    source.write_bytes(TCP.read_bytes()[:-3])
    done = rawlab("convert", str(source), str(out))
    assert done.returncode == 1
    assert done.stderr.startswith(f"rawlab: {source}: cut at octet ".encode())
    assert rows(out) == rows(TCP)[:-1]


def test_an_input_is_not_overwritten(tmp_path: Path) -> None:
    source, link = tmp_path / "in.pcap", tmp_path / "link.pcap"
    source.write_bytes(TCP.read_bytes())
    link.hardlink_to(source)
    for out in (source, link):
        done = rawlab("convert", str(source), str(out))
        assert done.returncode == 2
        assert b"is an input too" in done.stderr
    assert source.read_bytes() == TCP.read_bytes()


WRONG = (
    ((str(TCP),), "which files? say: rawlab convert IN [IN...] OUT"),
    (("-", "-", "out"), "standard input can be read only once"),
    (("--packets", "5-3", "a", "b"), "--packets: the range 5-3 holds no packet"),
    (("--after", "noon", "a", "b"), "--after: 'noon' is no time such as"),
    (("--shift-s", "much", "a", "b"), "--shift-s: 'much' is no number of seconds"),
    (("--comment", "x", "a", "b"), "--comment: 'x' is not NUMBER:TEXT"),
    (("--comment", "1:\udcff", "a", "b"), "--comment: comments are UTF-8"),
    (("--file-comment", "\udcff", "a", "b"), "--file-comment: comments are UTF-8"),
    (("--file-comment", "x" * 70_000, "a", "b"), "65535 octets at the most"),
    (("--split", "often", "a", "b"), "--split: 'often' is no rule; say packets=N"),
    (("--split", "size=big", "a", "b"), "--split: size takes a number, as in size=500k"),
    (("--split", "flow", str(TCP), "-"), "--split needs names of files"),
    (("--key-file", "x", "a", "b"), "--key-file is about --anonymise"),
    (("-Y", "tcp.port ==", "a", "b"), "-Y: "),
    (("-f", "prt 80", "a", "b"), "capture filter 'prt 80'"),
)


@pytest.mark.parametrize(("words", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_usage(words: tuple[str, ...], told: str) -> None:
    done = rawlab("convert", *words)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


def test_a_comment_for_a_packet_that_is_not_there(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = rawlab("convert", "--comment", "999:x", "--comment", "2:y", str(TCP), str(out))
    assert done.returncode == 1
    assert done.stderr == b"rawlab: --comment: no packet 999 was read; the rest is written\n"
    assert rows(out) == rows(TCP)
    assert tshark(out, "frame.comment")[:3] == ["", "y", ""]


def test_failures_name_the_file(tmp_path: Path) -> None:
    for words, told in (
        (("missing.pcap", "out"), "missing.pcap: No such file or directory"),
        ((str(TCP), str(tmp_path / "no" / "out")), "No such file or directory"),
        ((__file__, str(tmp_path / "out")), "not a capture file"),
    ):
        done = rawlab("convert", *words)
        assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
        assert told in done.stderr.decode()


def test_an_interrupted_conversion_leaves_a_whole_file(tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    process = subprocess.Popen([*PROGRAM, "convert", "-", out], stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(TCP.read_bytes()[:-3])
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while not (out.exists() and out.stat().st_size > 1000):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.terminate()
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert told == b"rawlab: interrupted; what was read until then is written\n"
    assert rows(out) == rows(TCP)[:-1]


def test_interrupted_before_the_first_octet_nothing_is_written(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out.pcap"
    os.mkfifo(source)
    process = subprocess.Popen([*PROGRAM, "convert", source, out], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while True:
        try:  # which succeeds when somebody wants to read
            writer = os.open(source, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    os.close(writer)
    assert process.returncode == 1
    assert told == b"rawlab: interrupted; nothing is written\n"
    assert not out.exists()


def test_many_conversations_wait_in_little_memory(tmp_path: Path) -> None:
    """Files that are closed while packets still come are gone on with."""
    source = tmp_path / "in.pcapng"
    convert("--concatenate", *[DEMO] * 3, source)
    for name in ("a.pcap", "b.pcapng"):
        patched = (
            "import rawlab.files.conversation_files as c, sys; c.MOST_WAITING_OCTETS = 1;"
            "from rawlab.cli.main import main; sys.exit(main())"
        )
        subprocess.run([sys.executable, "-c", patched, "convert", "--split", "flow", source,
                        tmp_path / name], check=True)
        files = sorted(tmp_path.glob(f"{name[0]}-*"))
        assert sorted(row for path in files for row in rows(path)) == sorted(rows(source))
        for path in files:
            assert len(tshark(path, "frame.number")) == len(rows(path))


@pytest.mark.parametrize("suffix", ["pcapng", "pcap", "pcapng.gz"])
def test_a_merge_split_by_conversation(suffix: str, tmp_path: Path) -> None:
    convert("--split", "flow", TCP, DNS, tmp_path / f"out.{suffix}")
    merged = [row for path in parts(tmp_path) for row in rows(path)]
    assert sorted(merged) == sorted([*rows(TCP), *rows(DNS)])
