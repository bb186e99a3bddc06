"""Captures that are written to files: what is in them, and what is left when all ends badly."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import rawlab
from capture.frames import frame, tag
from capture.namespaces import Wire
from capture.recordings import in_namespace, octets_of, recording, within
from cli.running import PROGRAM, TIMEOUT_S

FULL_OCTETS = 1 << 20
NAMES = ["out.pcapng", "out.pcap", "out", "out.pcap.zst", "out.lz4"]


def send(wire: Wire, count: int, size: int = 60) -> list[bytes]:
    """Send numbered frames; what was sent."""
    sent = [frame(number, size) for number in range(count)]
    with wire.sender() as sender:
        for octets in sent:
            sender.send(octets)
    return sent


@pytest.mark.parametrize("name", [*NAMES, "out.pcapng.gz", "out.pcap.xz"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_that_has_arrived_is_in_the_file(
    wire: Wire, tmp_path: Path, name: str, number: signal.Signals
) -> None:
    file = tmp_path / name
    with recording(wire, "-w", str(file)) as running:
        sent = send(wire, 5000)
        told = running.end(number)
    assert octets_of(file) == sent
    assert (told.status, told.captured, told.received, told.dropped) == (0, 5000, 5000, 0)
    assert told.lines == (
        "5000 packets captured", "5000 packets received by filter", "0 packets dropped by kernel",
    )  # fmt: skip


def test_a_hangup_that_is_ignored_ends_nothing(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    with recording(wire, "-w", str(file), prefix=["nohup"]) as running:
        running.process.send_signal(signal.SIGHUP)
        sent = send(wire, 10)
        told = running.end()
    assert octets_of(file) == sent
    assert (told.status, told.captured) == (0, 10)


def test_tags_that_the_kernel_stripped_are_written(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    tagged = frame(1, tags=tag(5, 3))
    with recording(wire, "-w", str(file), "vlan", "5") as running, wire.sender() as sender:
        sender.send(frame(2))
        sender.send(tagged)
        running.end()
    assert octets_of(file) == [tagged]


def test_a_snapshot_length_and_a_count(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    with recording(wire, "-w", str(file), "-s", "32", "-c", "7") as running:
        sent = send(wire, 20, 100)
        told = running.end(None)
    assert (told.status, told.captured) == (0, 7)
    assert [(p.octets, p.length) for p in rawlab.read(file)] == [(s[:32], 100) for s in sent[:7]]


def test_what_the_file_says_of_the_capture(wire: Wire, tmp_path: Path) -> None:
    """As Wireshark's capinfos reads it: interface, filter, the counts of the kernel."""
    if shutil.which("capinfos") is None:
        pytest.skip("capinfos (Wireshark) is missing")
    file = tmp_path / "out.pcapng"
    with recording(wire, "-w", str(file), "ether proto 0x88b5") as running:
        send(wire, 321)
        running.end()
    done = subprocess.run(["capinfos", str(file)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    told = " ".join(done.stdout.split())
    for words in (
        f"Name = {wire.near}", "Number of stat entries = 1", "Number of packets = 321",
        "Time precision = nanoseconds (9)", "ether proto 0x88b5",
    ):  # fmt: skip
        assert words in told
    statistics = subprocess.run(
        ["tshark", "-r", str(file), "-q", "-z", "io,stat,0"], capture_output=True, text=True
    )
    assert statistics.returncode == 0, statistics.stderr


def test_a_killed_capture_leaves_a_file_that_reads(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    with recording(wire, "-w", str(file)) as running:
        sent = send(wire, 20_000, 200)
        assert within(10, lambda: file.stat().st_size > 20_000 * 232), "not written as it comes"
        more = send(wire, 100)
        running.process.kill()
        running.process.wait()
    seen = octets_of(file)
    assert seen[:20_000] == sent
    assert seen[20_000:] == more[: len(seen) - 20_000]


def test_a_capture_killed_at_full_speed_leaves_whole_packets(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    with recording(wire, "-w", str(file)) as running, wire.sender() as sender:
        ended = time.monotonic() + 1
        number = 0
        while time.monotonic() < ended:
            sender.send(frame(number, 1000))
            number += 1
        running.process.kill()
    count = 0
    reading = iter(rawlab.read(file))
    try:
        for packet in reading:
            assert packet.octets == frame(count, 1000)
            count += 1
    except rawlab.files.Cut:  # in the middle of the last write
        pass
    assert count > 0


@contextmanager
def small_file_system(folder: Path) -> Iterator[tuple[list[str], Path]]:
    """A command's prefix under which `folder` holds FULL_OCTETS at most; and where to see it."""
    script = (
        f"mount -t tmpfs -o size={FULL_OCTETS} none {folder} && chmod 777 {folder} && echo ready"
        " && exec sleep 600"
    )
    holder = subprocess.Popen(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", script],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stderr is not None
    try:
        if holder.stdout.readline() != "ready\n":
            pytest.skip(f"a file system cannot be mounted: {holder.stderr.read()}")
        prefix = ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt"]
        yield prefix, Path(f"/proc/{holder.pid}/root") / folder.relative_to("/")
    finally:
        holder.kill()
        holder.communicate(timeout=TIMEOUT_S)


@pytest.mark.parametrize("name", NAMES[:2])
def test_a_full_file_system(wire: Wire, tmp_path: Path, name: str) -> None:
    with small_file_system(tmp_path) as (prefix, seen_at):
        target = str(tmp_path / name)
        with recording(wire, "-w", target, prefix=prefix) as running:
            sent = send(wire, 4000, 1000)
            told = running.end(None)
        file = seen_at / name
        kept = octets_of(file)
        assert kept == sent[: len(kept)]
        assert 0 < len(kept) < 4000
        assert file.stat().st_size <= FULL_OCTETS
    assert told.status == 1
    assert told.received == len(kept) + told.not_written + told.dropped
    (line,) = [line for line in told.lines if line.startswith("rawlab: ")]
    assert "No space left on device" in line
    assert target in line


def test_a_full_file_system_for_a_compressed_file(wire: Wire, tmp_path: Path) -> None:
    with small_file_system(tmp_path) as (prefix, _):
        target = str(tmp_path / "out.pcapng.gz")
        with recording(wire, "-w", target, prefix=prefix) as running, wire.sender() as sender:
            for number in range(6000):
                sender.send(frame(number, 60) + os.urandom(900))
                if running.process.poll() is not None:
                    break
            time.sleep(0.5)
            told = running.end(signal.SIGINT if running.process.poll() is None else None)
    assert told.status == 1
    assert any("No space left on device" in line and target in line for line in told.lines)


def test_an_interface_that_goes_away(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    with recording(wire, "-w", str(file)) as running:
        sent = send(wire, 3000)
        wire.namespace.ip(f"link del {wire.near}")
        told = running.end(None)
    assert octets_of(file) == sent
    assert told.status == 1
    assert f"capture on {wire.near} ended: the interface was removed" in "\n".join(told.lines)
    assert told.captured == 3000
    done = subprocess.run(["capinfos", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "reader", [["tcpdump", "-r", "-", "-nn"], ["tshark", "-r", "-"], [*PROGRAM, "read", "-r", "-"]],
    ids=lambda words: Path(words[0]).name if words[0] != sys.executable else "rawlab",
)  # fmt: skip
def test_standard_output_for_others_to_read(wire: Wire, reader: list[str]) -> None:
    if shutil.which(reader[0]) is None:
        pytest.skip(f"{reader[0]} is missing")
    with recording(wire, "-w", "-", stdout=subprocess.PIPE) as running:
        reading = subprocess.Popen(
            reader, stdin=running.process.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert running.process.stdout is not None
        running.process.stdout.close()
        running.process.stdout = None
        send(wire, 50)
        time.sleep(0.3)
        told = running.end()
        printed, errors = reading.communicate(timeout=TIMEOUT_S)
    assert reading.returncode == 0, errors
    assert len([line for line in printed.splitlines() if not line.startswith(b"\t")]) == 50
    assert (told.status, told.captured) == (0, 50)


def test_a_reader_of_standard_output_that_goes_away(wire: Wire) -> None:
    with recording(wire, "-w", "-", stdout=subprocess.PIPE) as running:
        assert running.process.stdout is not None
        running.process.stdout.close()
        running.process.stdout = None
        send(wire, 50)
        told = running.end(None)
    assert told.status == 0
    assert told.captured == 50
    assert "Traceback" not in "\n".join(told.lines)


def test_a_reader_that_stalls_is_left_at_the_second_interrupt(wire: Wire) -> None:
    with recording(wire, "-w", "-", stdout=subprocess.PIPE) as running:
        send(wire, 5000, 200)
        time.sleep(0.5)
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(10) == 1


def test_counts_on_request_go_on_while_writing(wire: Wire, tmp_path: Path) -> None:
    with recording(wire, "-w", str(tmp_path / "out.pcapng")) as running:
        send(wire, 10)
        time.sleep(0.2)
        running.process.send_signal(signal.SIGUSR1)
        assert running.process.stderr is not None
        assert b"10 packets captured" in running.process.stderr.readline()
        assert running.process.poll() is None


def test_a_folder_that_may_not_be_written(wire: Wire, tmp_path: Path) -> None:
    process = in_namespace(
        wire.namespace,
        [*PROGRAM, "sniff", "-i", wire.near, "-w", str(tmp_path / "nothere" / "x.pcapng")],
        subprocess.DEVNULL,
    )
    _, errors = process.communicate(timeout=TIMEOUT_S)
    lines = errors.decode().splitlines()
    assert process.returncode == 1
    assert len(lines) == 1
    assert "nothere" in lines[0]
    assert "No such file or directory" in lines[0]


def test_the_file_of_a_capture_equals_what_tcpdump_writes(wire: Wire, tmp_path: Path) -> None:
    """Both at once on the same wire: the same packets."""
    if shutil.which("tcpdump") is None:
        pytest.skip("tcpdump is missing")
    theirs, ours = tmp_path / "theirs.pcap", tmp_path / "ours.pcap"
    other = in_namespace(
        wire.namespace, ["tcpdump", "-Z", "root", "-i", wire.near, "-w", str(theirs)],
        subprocess.DEVNULL,
    )  # fmt: skip
    assert other.stderr is not None
    assert b"listening" in other.stderr.readline()
    with recording(wire, "-w", str(ours)) as running:
        send(wire, 500, 300)
        running.end()
    time.sleep(1.2)  # what libpcap may leave in the kernel
    other.send_signal(signal.SIGINT)
    other.communicate(timeout=TIMEOUT_S)
    assert octets_of(ours) == octets_of(theirs)


def test_json_of_a_recording(wire: Wire, tmp_path: Path) -> None:
    """Written and read again, as a user does."""
    file = tmp_path / "out.pcapng"
    with recording(wire, "-w", str(file)) as running:
        send(wire, 3)
        running.end()
    done = subprocess.run(
        [*PROGRAM, "read", "-T", "json", "-r", str(file)], capture_output=True, check=True
    )
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 3
