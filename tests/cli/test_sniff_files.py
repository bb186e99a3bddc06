"""`rawlab sniff -w`: what is in the file, however the capture ends and however many write it."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from capture.conftest import backend, namespace, wire
from capture.frames import EXPERIMENTAL, frame
from capture.namespaces import Wire
from cli.running import PROGRAM, TIMEOUT_S, rawlab
from cli.test_sniff import _may_capture, port, say, sniffing
from cli.test_sniff_options import closing
from rawlab.capture import RingSettings, Sniffer

__all__ = ["_may_capture", "backend", "namespace", "port", "wire"]


def fields(path: Path, *names: str) -> list[list[str]]:
    """A row of fields for each packet of a file, as tshark reads it."""
    words = [word for name in names for word in ("-e", name)]
    read = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", *words], capture_output=True, text=True, check=True
    )
    assert "cut short" not in read.stderr
    return [line.split("\t") for line in read.stdout.splitlines()]


@contextmanager
def to_a_pipe(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A sniffer on lo that writes to a pipe, which nobody reads."""
    process = subprocess.Popen(
        [*PROGRAM, "sniff", "-i", "lo", "-w", "-", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        assert b"listening on lo" in process.stderr.readline()
        yield process
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def test_a_display_filter_decides_what_is_written(port: int, tmp_path: Path) -> None:
    target = tmp_path / "out.pcapng"
    words = ("-w", str(target), "-Y", "udp.length > 10", "-c", "2")
    with sniffing(*words, f"udp port {port}") as process:
        say(port, b"1", b"1234", b"2", b"123456", b"3", b"12345678")
        _, errors = process.communicate(timeout=TIMEOUT_S)
    assert fields(target, "udp.length") == [["12"], ["14"]]
    assert "2 packets matched the display filter\n" in errors


@pytest.mark.parametrize("workers", [1, 3])
def test_interfaces_of_any_keep_their_names(port: int, tmp_path: Path, workers: int) -> None:
    """Each worker meets the interfaces in an order of its own."""
    target = tmp_path / "out.pcapng"
    told = tmp_path / "told"
    script = (
        "ip link set lo up\n"
        "ip link add near type veth peer name far\n"
        "ip addr add 10.7.7.1/24 dev near; ip link set near up; ip link set far up\n"
        "ip neigh add 10.7.7.2 lladdr 02:00:00:00:00:02 dev near\n"
        f"{' '.join(PROGRAM)} sniff -i any -w {target} --workers {workers} udp port 7007"
        f" 2> {told} &\n"
        f"child=$!; until grep -q listening {told}; do sleep 0.1; done\n"
        "for i in 1 2 3 4 5 6 7 8; do\n"
        " bash -c 'echo lo > /dev/udp/127.0.0.1/7007'\n"
        " bash -c 'echo near > /dev/udp/10.7.7.2/7007'\n"
        "done\n"
        f"sleep 0.5; kill -INT $child; wait $child; status=$?; cat {told} >&2; exit $status"
    )
    ended = subprocess.run(
        ["unshare", "-n", "bash", "-c", script], capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    rows = fields(target, "frame.interface_name", "ip.dst")
    assert {row[0] for row in rows if row[1] == "127.0.0.1"} == {"lo"}
    assert {row[0] for row in rows if row[1] == "10.7.7.2"} == {"near", "far"}
    assert closing(ended.stderr)[0] == len(rows)


def test_an_interface_that_goes_away_leaves_a_whole_file(wire: Wire, tmp_path: Path) -> None:
    target = tmp_path / "out.pcapng"
    process = wire.namespace.run(
        lambda: subprocess.Popen(
            [*PROGRAM, "sniff", "-i", wire.near, "-w", str(target), "ether", "proto", "0x88b5"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
    )  # fmt: skip
    try:
        assert process.stderr is not None
        assert "listening" in process.stderr.readline()
        with wire.sender() as sender:
            for number in range(500):
                sender.send(frame(number))
        wire.namespace.ip(f"link del {wire.near}")
        _, errors = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 1
    assert f"capture on {wire.near} ended" in errors.splitlines()[-1]
    assert closing(errors)[0] == 500
    assert len(fields(target, "frame.number")) == 500


def test_a_killed_capture_leaves_a_file_that_reads(port: int, tmp_path: Path) -> None:
    target = tmp_path / "out.pcapng"
    with sniffing("-w", str(target), f"udp port {port}") as process:
        say(port, *[b"one"] * 100)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            read = rawlab("read", "-r", str(target)).stdout.splitlines()
            if len(read) == 100:
                break
        process.send_signal(signal.SIGKILL)
        process.wait(TIMEOUT_S)
    assert len(fields(target, "udp.length")) == 100


def test_a_pipe_that_nobody_reads_is_given_up_at_the_second_interrupt(port: int) -> None:
    with to_a_pipe(f"udp port {port}") as process:
        say(port, *[bytes(1400)] * 400)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)  # for what is written at the end
        assert process.wait(TIMEOUT_S) == 1
        assert process.stderr is not None
        counts = closing(process.stderr.read().decode())
    assert counts[1] == 400


def test_freezes_are_told_on_request(port: int) -> None:
    """Nobody reads what is written, so the ring fills."""
    with to_a_pipe("-B", "256", f"udp port {port}") as process:
        for _ in range(3000):
            say(port, bytes(1000))
        process.send_signal(signal.SIGUSR1)
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(4)]
    assert int(lines[1].split()[0]) == 3000
    assert int(lines[2].split()[0]) > 0
    assert re.fullmatch(rb"the ring was full \d+ times?\n", lines[3])


@pytest.mark.parametrize("name", ["out.pcapng", "out.pcap", "out.pcapng.gz"])
def test_a_body_that_raises_leaves_a_whole_file(wire: Wire, tmp_path: Path, name: str) -> None:
    """In Python: the exception is the body's own, and what was written until then is whole."""
    from rawlab.files.writing import create_capture

    target = tmp_path / name
    settings = RingSettings(opener=wire.namespace.open, filter=f"ether proto {EXPERIMENTAL}")

    def record() -> None:
        with (
            Sniffer(wire.near, settings=settings) as sniffer,
            create_capture(str(target), interfaces=sniffer.interfaces) as writer,
            wire.sender() as sender,
        ):
            for number in range(300):
                sender.send(frame(number))
            sniffer.finish()
            for batch in sniffer.batches():
                writer.write(batch)
                if batch.number(len(batch) - 1) == 300:
                    raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        record()
    assert caught.traceback[-1].name == "record"
    assert len(fields(target, "frame.number")) == 300


def test_two_interfaces_into_one_file(port: int, tmp_path: Path) -> None:
    target = tmp_path / "out.pcapng"
    told = tmp_path / "told"
    script = (
        "ip link set lo up\n"
        f"{' '.join(PROGRAM)} sniff -i lo -i near -w {target} udp port 7007 2> {told} &\n"
        f"child=$!; until grep -q listening {told}; do sleep 0.1; done\n"
        "bash -c 'echo lo > /dev/udp/127.0.0.1/7007'\n"
        "bash -c 'echo near > /dev/udp/10.7.7.2/7007'\n"
        f"sleep 0.5; kill -INT $child; wait $child; status=$?; cat {told} >&2; exit $status"
    )
    setup = (
        "ip link add near type veth peer name far; ip addr add 10.7.7.1/24 dev near\n"
        "ip link set near up; ip link set far up\n"
        "ip neigh add 10.7.7.2 lladdr 02:00:00:00:00:02 dev near\n"
    )
    ended = subprocess.run(
        ["unshare", "-n", "bash", "-c", setup + script], capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    rows = fields(target, "frame.interface_name", "ip.dst")
    assert sorted(rows) == [["lo", "127.0.0.1"], ["near", "10.7.7.2"]]
    assert closing(ended.stderr) == (2, 2, 0)
