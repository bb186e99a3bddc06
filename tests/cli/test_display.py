"""`rawlab read -Y`, as a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.running import rawlab


@pytest.fixture
def capture(captures: Path) -> str:
    return str(captures / "dns.pcap")


def rows(*words: str) -> list[bytes]:
    done = rawlab("read", "-T", "fields", "-e", "frame.number", *words)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.split()


def test_the_numbers_are_those_of_the_file(capture: str) -> None:
    assert rows("-r", capture, "-Y", "dns.a") == [b"4", b"8", b"30"]


def test_a_count_is_of_packets_that_match(capture: str) -> None:
    assert rows("-r", capture, "-Y", "dns.a", "-c", "2") == [b"4", b"8"]
    assert rows("-r", capture, "-c", "1", "-Y", "frame.number > 20") == [b"21"]


def test_with_a_capture_filter(capture: str) -> None:
    both = rawlab("read", "-r", capture, "-Y", "dns.flags.response == 1", "udp", "port", "53")
    alone = rawlab("read", "-r", capture, "-Y", "dns.flags.response == 1 and udp.port == 53")
    assert both.stdout == alone.stdout != b""


def test_no_match_is_success(capture: str) -> None:
    assert rows("-r", capture, "-Y", "vxlan") == []


def test_an_empty_filter_lets_all_through(capture: str) -> None:
    assert len(rows("-r", capture, "-Y", "")) == len(rows("-r", capture))


def test_from_a_pipe(capture: str) -> None:
    done = rawlab("read", "-r", "-", "-Y", "arp", stdin=Path(capture).read_bytes())
    assert done.returncode == 0
    assert done.stdout.count(b"ARP") == done.stdout.count(b"\n") > 0


def test_packets_before_a_cut_are_printed(capture: str, tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(Path(capture).read_bytes()[:-5])
    done = rawlab("read", "-r", str(cut), "-Y", "udp")
    assert done.returncode == 1
    assert done.stdout.count(b"\n") > 10
    assert b"cut.pcap" in done.stderr


def test_protocols_of_ones_own(capture: str, tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from rawlab.schema import Header, U16, on\n"
        "class Mine(Header, name='mine', follows=on('udp.port', 53)):\n"
        "    number: U16 = U16()\n")
    words = ("-r", capture, "--protocol", str(plugin), "-Y")
    assert len(rows(*words, "mine.number >= 0")) > 10
    assert rows(*words, "mine.number == 0x1000")[:2] == [b"3", b"4"]


WRONG = [
    ("tcp.prot == 80", "near it: tcp.port"),
    ("ip.ttl == 300", "at most 255"),
    ("udp port 53", "capture filter"),
    ("\x1b[31m", "cannot stand here"),
    ("ip.src == 1.2.3", "192.0.2.0/24"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_wrong_filter_is_a_usage_error(capture: str, text: str, words: str) -> None:
    done = rawlab("read", "-r", capture, "-Y", text)
    assert (done.returncode, done.stdout) == (2, b"")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert words in lines[0]
    assert "\x1b" not in lines[0]


def test_a_display_filter_among_the_words(capture: str) -> None:
    done = rawlab("read", "-r", capture, "tcp.port == 80")
    assert done.returncode == 2
    assert b"-Y" in done.stderr
