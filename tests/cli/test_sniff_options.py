"""The options of `rawlab sniff` about what is captured, and what it says meanwhile."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from cli.running import PROGRAM, TIMEOUT_S, rawlab
from cli.test_sniff import _may_capture, port, say, sniffing

__all__ = ["_may_capture", "port"]

CLOSING = re.compile(
    r"(\d+) packets? captured\n(\d+) packets? received by filter\n"
    r"(\d+) packets? dropped by kernel\n"
)


def closing(errors: str) -> tuple[int, ...]:
    """The numbers of the closing lines."""
    found = CLOSING.search(errors)
    assert found is not None, errors
    return tuple(map(int, found.groups()))


@pytest.mark.parametrize("interface", ["lo", "any"])
def test_link_types_are_listed_as_tcpdump_does(interface: str) -> None:
    ours = rawlab("sniff", "-L", "-i", interface).stdout.decode().splitlines()
    asked = subprocess.run(
        ["tcpdump", "-L", "-i", interface], capture_output=True, text=True, check=True
    )
    theirs = (asked.stdout + asked.stderr).splitlines()
    assert ours[0] == theirs[0]
    assert set(theirs) <= set(ours)
    assert "  LINUX_SLL2 (Linux cooked v2)" in ours


def test_link_type(port: int) -> None:
    words = ("-y", "linux_sll", "-T", "fields", "-e", "sll.halen", "-e", "udp.dstport")
    with sniffing("-c", "1", *words, f"udp port {port}") as process:
        say(port, b"one")
        printed, _ = process.communicate(timeout=TIMEOUT_S)
    assert printed == f"6\t{port}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-y", "EN10MBX"), "did you mean EN10MB?"),
        (("-y", "RAW"), "link types of lo: EN10MB, LINUX_SLL2, LINUX_SLL"),
        (("-B", "100"), "'-B': 100 is not in the range"),
        (("--block-timeout-ms", "0"), "0 is not in the range"),
        (("--workers", "0"), "0 is not in the range"),
        (("--print",), "-w FILE, which is missing"),
        (("--worker-files",), "-w FILE and --workers N"),
        (("-w", "-", "--print"), "both want standard output"),
        (("udp", "prt", "53"), "can't parse filter expression: syntax error"),
        (("udp.port", "==", "53"), "it looks like a display filter"),
        (("-Y", "udp.prt == 53"), "udp.port"),
        (("-Z", "nobody-of-this-name"), "no user is called"),
    ],
)
def test_usage_errors(words: tuple[str, ...], told: str) -> None:
    ended = rawlab("sniff", "-i", "lo", *words)
    assert ended.returncode == 2
    assert told in ended.stderr.decode()
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("letter", ["-d", "-dd", "-ddd"])
@pytest.mark.parametrize("expression", ["udp port 53", "vlan 5 and tcp", "net 10.0.0.0/8"])
def test_the_program_of_a_filter(letter: str, expression: str) -> None:
    """It is the one of the libpcap that rawlab brings; tcpdump's may be of another release."""
    ours = rawlab("sniff", "-i", "lo", letter, expression)
    assert ours.returncode == 0
    theirs = subprocess.run(
        ["tcpdump", "-i", "lo", letter, expression], capture_output=True, text=True, check=True
    ).stdout
    if "vlan" not in expression:
        assert ours.stdout.decode() == theirs
    assert ours.stdout.decode().splitlines()[-1].split()[-1] == theirs.split()[-1]


def test_display_filter_and_count(port: int) -> None:
    """-c counts what the display filter lets pass."""
    words = ("-Y", "udp.length > 10", "-c", "2", "-T", "fields", "-e", "udp.length")
    with sniffing(*words, f"udp port {port}") as process:
        say(port, b"1", b"1234", b"2", b"123456", b"3", b"12345678")
        printed, errors = process.communicate(timeout=TIMEOUT_S)
    assert printed == "12\n14\n"
    assert "2 packets matched the display filter\n" in errors
    assert process.returncode == 0


def test_workers_print_every_packet_once(port: int) -> None:
    words = ("--workers", "3", "-T", "fields", "-e", "udp.length")
    with sniffing(*words, f"udp port {port}") as process:
        for size in range(200):
            say(port, bytes(size))
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(200)]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=TIMEOUT_S)
    assert rest == ""
    assert sorted(map(int, lines)) == [8 + size for size in range(200)]
    assert closing(errors) == (200, 200, 0)
    parts = re.findall(r"worker \d: (\d+) captured, (\d+) received by filter, (\d+)", errors)
    assert len(parts) == 3
    assert sum(int(captured) for captured, _, _ in parts) == 200
    assert process.returncode == 0


def test_count_with_workers(port: int) -> None:
    with sniffing("--workers", "2", "-c", "3", f"udp port {port}") as process:
        for _ in range(20):
            say(port, b"one")
        printed, errors = process.communicate(timeout=TIMEOUT_S)
    assert len(printed.splitlines()) == 3
    assert closing(errors)[0] == 3
    parts = re.findall(r"worker \d: (\d+) captured", errors)
    assert sum(map(int, parts)) == 3
    assert process.returncode == 0


def test_a_terminal_that_stands_still_loses_nothing(port: int) -> None:
    """The ring has room for 256 milliseconds of this; it is emptied meanwhile."""
    with sniffing("-c", "4000", f"udp port {port}") as process:
        for _ in range(500):
            say(port, *[b"one"] * 8)
            time.sleep(0.001)
        process.send_signal(signal.SIGUSR1)
        assert process.stderr is not None
        so_far = "".join(process.stderr.readline() for _ in range(3))
        printed, errors = process.communicate(timeout=TIMEOUT_S)
    captured, received, dropped = closing(so_far)
    assert captured < received == 4000
    assert dropped == 0
    assert printed.count("UDP") == 4000
    assert closing(errors) == (4000, 4000, 0)


def test_printing_that_nobody_reads_is_given_up_at_the_second_interrupt(port: int) -> None:
    with sniffing("-XX", f"udp port {port}") as process:
        for _ in range(300):
            say(port, bytes(1000))
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 1
        assert process.stderr is not None
        counts = closing(process.stderr.read())
    assert counts[0] <= counts[1] == 300


def test_twice_interrupted_is_stopped_once(port: int) -> None:
    with sniffing(f"udp port {port}") as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)
    assert closing(errors) == (0, 0, 0)
    assert "Traceback" not in errors
    assert process.returncode == 0


def test_an_interface_that_goes_away(port: int, tmp_path: Path) -> None:
    """The line that says so comes after the counts, and the status is 1."""
    told = tmp_path / "told"
    script = (
        "ip link add near type veth peer name far && ip link set near up && ip link set far up\n"
        f"{' '.join(PROGRAM)} sniff -i near 2> {told} & child=$!\n"
        f"until grep -q listening {told}; do sleep 0.1; done\n"
        f"ip link del far; wait $child; status=$?; cat {told} >&2; exit $status"
    )
    ended = subprocess.run(
        ["unshare", "-n", "sh", "-c", script], capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert CLOSING.search(ended.stderr)
    assert "capture on near ended: the interface was removed" in ended.stderr.splitlines()[-1]


def on_a_terminal(*words: str) -> tuple[subprocess.Popen[bytes], int]:
    """A sniffer on lo whose standard error is a terminal, and the other end of that."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "sniff", "-i", "lo", *words], stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    return process, ours


def read_until(descriptor: int, pattern: str) -> str:
    """What a terminal shows until the pattern is there, or no more comes."""
    shown = ""
    end = time.monotonic() + TIMEOUT_S
    while not re.search(pattern, shown) and time.monotonic() < end:
        if not select.select([descriptor], (), (), 1)[0]:
            continue
        try:
            piece = os.read(descriptor, 4096)
        except OSError:  # the other end is closed
            break
        shown += piece.decode()
    return shown


def test_status_line_on_a_terminal(port: int, tmp_path: Path) -> None:
    target = tmp_path / "out.pcap"
    process, terminal = on_a_terminal("-w", str(target), f"udp port {port}")
    try:
        read_until(terminal, "listening")
        for _ in range(10):
            say(port, b"one")
        line = r"[\d,]+ packets/s, 10 captured, 0 dropped, \d+ octets written"
        assert re.search("\r\x1b\\[K" + line, read_until(terminal, line))
        process.send_signal(signal.SIGUSR1)
        assert re.search(r"\n10 packets captured\r\n", read_until(terminal, "by kernel"))
        process.send_signal(signal.SIGINT)
        rest = read_until(terminal, "dropped by kernel")
        assert process.wait(TIMEOUT_S) == 0
    finally:
        process.kill()
        process.communicate()
        os.close(terminal)
    assert "\n10 packets captured\r\n" in "\n" + rest.rpartition("\r\x1b[K")[2]


def test_no_status_line_elsewhere(port: int, tmp_path: Path) -> None:
    with sniffing("-w", str(tmp_path / "out.pcapng"), f"udp port {port}") as process:
        say(port, b"one")
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=TIMEOUT_S)
    assert printed == ""
    assert CLOSING.fullmatch(errors)


def test_printed_and_written(port: int, tmp_path: Path) -> None:
    target = tmp_path / "out.pcapng"
    with sniffing("--print", "-w", str(target), "-c", "2", f"udp port {port}") as process:
        say(port, b"one", b"two")
        printed, errors = process.communicate(timeout=TIMEOUT_S)
    assert len(printed.splitlines()) == 2
    assert closing(errors)[0] == 2
    assert len(rawlab("read", "-r", str(target)).stdout.splitlines()) == 2


def test_what_has_arrived_is_written_at_the_first_interrupt(port: int, tmp_path: Path) -> None:
    """Also when the kernel holds it back for long."""
    target = tmp_path / "out.pcapng"
    words = ("-w", str(target), "--block-timeout-ms", "1000")
    with sniffing(*words, f"udp port {port}") as process:
        say(port, b"one", b"two", b"three")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)
    assert closing(errors) == (3, 3, 0)
    assert len(rawlab("read", "-r", str(target)).stdout.splitlines()) == 3


@pytest.mark.parametrize("apart", [False, True], ids=["one file", "a file each"])
def test_workers_write(port: int, tmp_path: Path, apart: bool) -> None:
    words = ["-w", str(tmp_path / "out.pcapng"), "--workers", "3"]
    with sniffing(*words, *["--worker-files"] * apart, f"udp port {port}") as process:
        for size in range(300):
            say(port, bytes(size))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)
    assert closing(errors) == (300, 300, 0)
    names = [f"out-{n}.pcapng" for n in (1, 2, 3)] if apart else ["out.pcapng"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    sizes = []
    for name in names:
        read = subprocess.run(
            ["tshark", "-r", tmp_path / name, "-T", "fields", "-e", "udp.length"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        sizes += list(map(int, read.stdout.split()))
    assert sorted(sizes) == [8 + size for size in range(300)]
