"""Captures in many files: rings, periods on the clock, commands on finished files."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest

import rawlab
from capture.frames import frame
from capture.namespaces import Wire
from capture.recordings import octets_of, recording, within


def send(wire: Wire, count: int, size: int = 60, first: int = 0) -> list[bytes]:
    """Send numbered frames; what was sent."""
    sent = [frame(number, size) for number in range(first, first + count)]
    with wire.sender() as sender:
        for octets in sent:
            sender.send(octets)
    return sent


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["x.pcapng", "x.pcap"])
def test_by_size(wire: Wire, tmp_path: Path, name: str) -> None:
    with recording(wire, "-w", str(tmp_path / name), "-C", "500k") as running:
        sent = send(wire, 2700, 1000)
        told = running.end()
    files = [tmp_path / f"{name}{n or ''}" for n in range(len(names(tmp_path)))]
    assert len(files) == 6
    assert octets_of(*files) == sent
    sizes = [file.stat().st_size for file in files]
    assert max(sizes) <= 500 * 1024
    assert min(sizes[:-1]) > 490 * 1024
    assert (told.status, told.captured, told.not_written) == (0, 2700, 0)


def test_millions_of_octets_and_a_ring(wire: Wire, tmp_path: Path) -> None:
    with recording(wire, "-w", str(tmp_path / "x"), "-C", "1", "-W", "11") as running:
        sent = send(wire, 13_500, 1000)
        running.end()
    files = [tmp_path / name for name in names(tmp_path)]
    assert [file.name for file in files] == [f"x{n:02}" for n in range(11)]
    assert max(file.stat().st_size for file in files) <= 1_000_000
    in_order = sorted(files, key=lambda file: next(iter(rawlab.read(file))).time_ns)
    kept = octets_of(*in_order)
    assert kept == sent[-len(kept) :]
    assert len(kept) > 9900


def test_each_second_on_the_clock(wire: Wire, tmp_path: Path) -> None:
    """Whatever comes when: a file a second, which holds that second's packets."""
    pattern = str(tmp_path / "x-%s.pcapng")
    with recording(wire, "-w", pattern, "-G", "1") as running, wire.sender() as sender:
        for number, pause_s in enumerate((0.3, 0.2, 0.9, 2.5, 0.1)):
            time.sleep(pause_s)
            sender.send(frame(number))
        told = running.end()
    assert told.status == 0
    starts = [int(name[2:-7]) for name in names(tmp_path)]
    assert starts == list(range(starts[0], starts[-1] + 1)), "one a second, quiet or not"
    seen = []
    for start in starts:
        for packet in rawlab.read(tmp_path / f"x-{start}.pcapng"):
            assert start <= packet.time_ns / 1e9 < start + 1
            seen.append(packet.octets)
    assert seen == [frame(number) for number in range(5)]


def test_a_count_of_periods_ends_it_in_silence_too(wire: Wire, tmp_path: Path) -> None:
    began = time.time()
    with recording(wire, "-w", str(tmp_path / "x-%s.pcap"), "-G", "1", "-W", "3") as running:
        told = running.end(None)
    assert told.status == 0
    assert told.captured == 0
    assert len(names(tmp_path)) == 3
    assert time.time() < began + 10


def test_one_period_is_a_capture_of_so_long(wire: Wire, tmp_path: Path) -> None:
    with recording(wire, "-w", str(tmp_path / "x.pcap"), "-G", "1", "-W", "1") as running:
        sent = send(wire, 10)
        told = running.end(None)
    assert (told.status, told.captured) == (0, 10)
    assert names(tmp_path) == ["x.pcap"]
    assert octets_of(tmp_path / "x.pcap") == sent


def test_size_period_and_count_together(wire: Wire, tmp_path: Path) -> None:
    """At most so many files, none too large, none of more than one period, the newest kept."""
    pattern = str(tmp_path / "x-%s.pcap")
    with recording(wire, "-w", pattern, "-C", "100k", "-G", "1", "-W", "4") as running:
        sent = []
        for _ in range(6):
            sent += send(wire, 150, 1000, len(sent))
            time.sleep(0.5)
        running.end()
    files = [tmp_path / name for name in names(tmp_path)]
    assert len(files) == 4
    assert {file.name[-1] for file in files} == set("0123")
    for file in files:
        found = re.fullmatch(r"x-(\d+)\.pcap\d", file.name)
        assert found is not None
        assert file.stat().st_size <= 100 * 1024
        for packet in rawlab.read(file):
            assert int(found[1]) <= packet.time_ns / 1e9 < int(found[1]) + 1
    kept = octets_of(*sorted(files, key=lambda file: next(iter(rawlab.read(file))).time_ns))
    assert kept == sent[-len(kept) :]


def test_folders_named_by_the_time_are_made(wire: Wire, tmp_path: Path) -> None:
    """By a command that has given up all else than its output folder."""
    pattern = str(tmp_path / "%Y" / "%m" / "x.pcap")
    with recording(wire, "-w", pattern, "-G", "86400") as running:
        sent = send(wire, 5)
        told = running.end()
    assert told.status == 0
    (file,) = tmp_path.rglob("*.pcap")
    assert re.fullmatch(r"\d{4}/\d\d/x\.pcap", str(file.relative_to(tmp_path)))
    assert octets_of(file) == sent


def test_compressed_files(wire: Wire, tmp_path: Path) -> None:
    with recording(wire, "-w", str(tmp_path / "x.pcap.gz"), "-C", "200k") as running:
        sent = send(wire, 1000, 1000)
        running.end()
    files = [tmp_path / f"x.pcap{n or ''}.gz" for n in range(len(names(tmp_path)))]
    assert len(files) == 5
    assert octets_of(*files) == sent
    assert all(file.read_bytes()[:2] == b"\x1f\x8b" for file in files)


def test_a_command_on_each_finished_file(wire: Wire, tmp_path: Path) -> None:
    words = ("-w", str(tmp_path / "x.pcap"), "-C", "200k", "-z", "gzip")
    with recording(wire, *words) as running:
        sent = send(wire, 500, 1000)
        assert within(10, lambda: (tmp_path / "x.pcap.gz").exists()), "while the capture runs"
        sent += send(wire, 200, 1000, 500)
        told = running.end()
    assert told.status == 0
    files = [tmp_path / f"x.pcap{n or ''}.gz" for n in range(len(names(tmp_path)))]
    assert octets_of(*files) == sent, "the last file too"


def test_a_command_that_fails_is_told(wire: Wire, tmp_path: Path) -> None:
    with recording(wire, "-w", str(tmp_path / "x.pcap"), "-z", "false") as running:
        send(wire, 10)
        told = running.end()
    assert told.status == 1
    assert f"rawlab: -z false {tmp_path / 'x.pcap'}: ended with exit status 1" in told.lines
    assert len(octets_of(tmp_path / "x.pcap")) == 10


def test_a_command_gets_the_name_as_one_argument(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "a b;c $(d).pcap"
    script = tmp_path / "note"
    script.write_text('#!/bin/sh\necho "$#:$1" > "$(dirname "$0")/noted"\n')
    script.chmod(0o755)
    with recording(wire, "-w", str(file), "-z", str(script)) as running:
        running.end()
    assert (tmp_path / "noted").read_text() == f"1:{file}\n"


def test_interrupts_from_a_terminal_do_not_reach_the_command(wire: Wire, tmp_path: Path) -> None:
    """The last file is compressed to its end although Ctrl-C goes to the whole process group."""
    script = tmp_path / "slow"
    script.write_text('#!/bin/sh\nsleep 0.5\ntouch "$1.done"\n')
    script.chmod(0o755)
    file = tmp_path / "x.pcap"
    with recording(wire, "-w", str(file), "-z", str(script), prefix=["setsid"]) as running:
        os.killpg(running.process.pid, signal.SIGINT)
        time.sleep(0.3)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGINT)
        told = running.end(None)
    assert told.status == 0
    assert (tmp_path / "x.pcap.done").exists()


def test_files_are_told_apart_by_worker(wire: Wire, tmp_path: Path) -> None:
    words = ("-w", str(tmp_path / "x.pcapng"), "--workers", "2", "--worker-files")
    with recording(wire, *words) as running:
        sent = send(wire, 1000)
        told = running.end()
    assert told.captured == 1000
    assert names(tmp_path) == ["x-1.pcapng", "x-2.pcapng"]
    assert sorted(octets_of(*tmp_path.iterdir())) == sorted(sent)
