"""`rawlab read`, as a process."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from cli.running import PROGRAM, TIMEOUT_S, rawlab

CAPTURE = "dns.pcap"


@pytest.fixture
def capture(captures: Path) -> str:
    return str(captures / CAPTURE)


@pytest.fixture
def count(capture: str) -> int:
    """How many packets the capture has, by its record headers."""
    octets = Path(capture).read_bytes()
    at, found = 24, 0
    while at < len(octets):
        at += 16 + int.from_bytes(octets[at + 8 : at + 12], "little")
        found += 1
    return found


def test_a_line_for_each_packet(capture: str, count: int) -> None:
    done = rawlab("read", "-r", capture)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == count


def test_the_file_may_be_the_first_word(capture: str) -> None:
    with_letter = rawlab("read", "-r", capture, "udp", "port", "53")
    assert rawlab("read", capture, "udp", "port", "53").stdout == with_letter.stdout


def test_count(capture: str) -> None:
    assert len(rawlab("read", "-r", capture, "-c", "5").stdout.splitlines()) == 5


def test_standard_input(capture: str) -> None:
    from_pipe = rawlab("read", "-r", "-", stdin=Path(capture).read_bytes())
    assert from_pipe.returncode == 0
    assert from_pipe.stdout == rawlab("read", "-r", capture).stdout


def test_capture_filter(capture: str) -> None:
    done = rawlab("read", "-r", capture, "-T", "fields", "-e", "ip.proto", "tcp")
    assert set(done.stdout.split()) == {b"6"}
    assert rawlab("read", "-r", capture, "sctp").stdout == b""


def test_a_cut_file_gives_its_whole_packets(capture: str, count: int) -> None:
    octets = Path(capture).read_bytes()
    done = rawlab("read", "-r", "-", stdin=octets[:-1])
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == count - 1
    [line] = done.stderr.decode().splitlines()
    assert "cut at octet" in line


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path, capture: str) -> None:
    octets = Path(capture).read_bytes()
    long = tmp_path / "long.pcap"
    long.write_bytes(octets[:24] + octets[24:] * 500)
    reading = subprocess.Popen(
        [*PROGRAM, "read", "-r", str(long)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reading.stdout is not None
    reading.stdout.readline()
    reading.stdout.close()
    assert reading.stderr is not None
    with reading.stderr:
        assert reading.stderr.read() == b""
    assert reading.wait(TIMEOUT_S) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_waiting_for_a_pipe(capture: str, number: signal.Signals) -> None:
    reading = subprocess.Popen(
        [*PROGRAM, "read", "-r", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert reading.stdin is not None
    assert reading.stdout is not None
    reading.stdin.write(Path(capture).read_bytes())
    reading.stdin.flush()
    assert reading.stdout.readline()  # what has arrived is printed though more may come
    reading.send_signal(number)
    _, errors = reading.communicate(timeout=TIMEOUT_S)
    assert (reading.returncode, errors) == (0, b"")


def test_json_lines(capture: str, count: int) -> None:
    done = rawlab("read", "-r", capture, "-T", "json")
    packets = [json.loads(line) for line in done.stdout.splitlines()]
    assert [packet["number"] for packet in packets] == list(range(1, count + 1))


def test_a_protocol_declared_in_a_file(captures: Path, root: Path) -> None:
    beacon = str(captures / "beacon.pcap")
    plugin = str(root / "examples" / "tiny.py")
    words = ("-T", "fields", "-e", "beacon.station")
    done = rawlab("read", "-r", beacon, "--protocol", plugin, *words)
    assert done.returncode == 0
    assert any(done.stdout.split())
    assert rawlab("read", "-r", beacon, *words).returncode == 2


def test_decode_as(captures: Path) -> None:
    words = ("read", "-r", str(captures / "udp.pcap"), "-T", "fields", "-e", "dns.id")
    ports = rawlab(*words[:-1], "udp.dstport", "udp").stdout.split()
    assert not any(rawlab(*words).stdout.split())
    decoded = rawlab(*words, "--decode-as", f"udp.port=={int(ports[0])},dns")
    assert decoded.returncode == 0
    assert any(decoded.stdout.split())


@pytest.mark.parametrize("words", [["--version"], ["read", "-r", CAPTURE], ["protocols"]])
def test_a_full_disk_is_a_failure_in_one_line(captures: Path, words: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, cwd=captures, check=False
        )
    assert done.returncode == 1
    [line] = done.stderr.decode().splitlines()
    assert "No space left on device" in line


COLOURS = [
    ({"TERM": "xterm"}, True),
    ({"TERM": "dumb"}, False),
    ({"TERM": "xterm", "NO_COLOR": "1"}, False),
]


@pytest.mark.parametrize(("environment", "coloured"), COLOURS)
def test_colours_on_a_terminal(
    capture: str, environment: dict[str, str], coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        [*PROGRAM, "read", "-r", capture, "-c", "1"],
        stdout=theirs, env=clean | environment, check=True, timeout=TIMEOUT_S,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert (b"\x1b[" in shown) is coloured


def test_no_colours_in_a_pipe(capture: str) -> None:
    assert b"\x1b" not in rawlab("read", "-r", capture, "-v").stdout


@pytest.mark.parametrize("form", ["-d", "-dd", "-ddd"])
def test_a_capture_filter_as_tcpdump_shows_it(capture: str, form: str) -> None:
    tcpdump = shutil.which("tcpdump")
    if tcpdump is None:
        pytest.skip("tcpdump is missing")
    words = ["udp", "port", "53", "or", "ip6"]
    want = subprocess.run([tcpdump, "-r", capture, form, *words], capture_output=True, check=True)
    assert rawlab("read", "-r", capture, form, *words).stdout == want.stdout


def test_a_wrong_capture_filter_is_not_shown() -> None:
    done = rawlab("read", "-d", "udp", "prot", "53")
    assert done.returncode == 2
    assert b"syntax error" in done.stderr
    assert done.stdout == b""


def test_only_the_count(capture: str, count: int) -> None:
    assert rawlab("read", "-r", capture, "--count").stdout.decode() == f"{count} packets\n"
    assert rawlab("read", "-r", capture, "--count", "-c", "3").stdout == b"3 packets\n"
    assert rawlab("read", "-r", capture, "--count", "-c", "1").stdout == b"1 packet\n"
    matching = rawlab("read", "-r", capture, "-Y", "udp").stdout.splitlines()
    done = rawlab("read", "-r", capture, "--count", "-Y", "udp", "not", "arp")
    assert done.stdout.decode() == f"{len(matching)} packets\n"
    assert rawlab("read", "-r", capture, "--count", "sctp").stdout == b"0 packets\n"


def test_an_interrupted_count_is_no_count(captures: Path) -> None:
    """More is written than a pipe and a window hold: when that is done, packets are counted."""
    octets = (captures / CAPTURE).read_bytes()
    head, packets = octets[:24], octets[24:]
    process = subprocess.Popen(
        [*PROGRAM, "read", "--count", "-r", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(head + packets * ((8 << 20) // len(packets)))
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, output) == (1, b"")
    assert b"packets were counted until then" in errors
