"""One file after the other: what ends up where. Batches are built, the clock is an argument."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rawlab
from rawlab.batch import Batch, Interface, new_index
from rawlab.files.rotating_writer import RotatingWriter, part
from rawlab.files.rotation import SECOND_NS, Rotation
from rawlab.files.writing import CaptureWriter, create_capture

NOON_NS = 1_777_982_400 * SECOND_NS  # 2026-05-05T12:00:00Z
LO = Interface("lo")


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Clock:
    """The time, as the test says."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds

    def __call__(self) -> int:
        return NOON_NS + int(self.seconds * SECOND_NS)


def batch_of(packets: Sequence[tuple[float, int]]) -> Batch:
    """Packets of (seconds after noon, octets); each is filled with its place."""
    index = new_index(len(packets))
    octets = bytearray()
    for n, (seconds, size) in enumerate(packets):
        row = (len(octets), size, size, NOON_NS + int(seconds * SECOND_NS), 0, 1)
        for at, value in enumerate(row):
            index[at, n] = value
        octets += bytes([n & 0xFF]) * size
    return Batch(bytes(octets), index, len(packets), [LO])


class Rig:
    """A rotating writer in a folder, and what it told."""

    def __init__(self, folder: Path, pattern: str, rotation: Rotation, clock: Clock) -> None:
        self.folder = folder
        self.finished: list[str] = []
        form = "pcap" if ".pcap" in pattern and ".pcapng" not in pattern else "pcapng"

        def create(name: str) -> CaptureWriter:
            return create_capture(name, form=form, interfaces=[LO])

        self.writer = RotatingWriter(
            str(folder / pattern), rotation, create,
            finished=lambda name: self.finished.append(Path(name).name), now_ns=clock,
        )  # fmt: skip

    def files(self) -> dict[str, list[float]]:
        """The seconds of the packets in each file."""
        return {
            path.name: [(packet.time_ns - NOON_NS) / SECOND_NS for packet in rawlab.read(path)]
            for path in sorted(self.folder.iterdir())
        }


def test_by_size_no_file_is_larger(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "x.pcap", Rotation(size_octets=1000), Clock())
    packets = [(n / 100, 60 + n) for n in range(50)]
    for start in range(0, 50, 10):
        rig.writer.write(batch_of(packets[start : start + 10]))
    rig.writer.close()
    assert rig.writer.packets == 50
    assert max(path.stat().st_size for path in tmp_path.iterdir()) <= 1000
    assert rig.writer.octets == sum(path.stat().st_size for path in tmp_path.iterdir())
    names = [f"x.pcap{n or ''}" for n in range(len(rig.finished))]
    assert rig.finished == names
    found = rig.files()
    assert [seconds for name in names for seconds in found[name]] == [t for t, _ in packets]


def test_a_packet_larger_than_a_file_has_one_of_its_own(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "x.pcap", Rotation(size_octets=500), Clock())
    rig.writer.write(batch_of([(0, 60), (1, 2000), (2, 60)]))
    rig.writer.close()
    assert rig.files() == {"x.pcap": [0], "x.pcap1": [1], "x.pcap2": [2]}


def test_a_ring_keeps_the_last(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "x.pcap", Rotation(size_octets=200, files=3), Clock())
    rig.writer.write(batch_of([(n, 100) for n in range(8)]))
    rig.writer.close()
    assert rig.files() == {"x.pcap0": [6], "x.pcap1": [7], "x.pcap2": [5]}
    assert not rig.writer.done


def test_by_time_a_packet_on_the_boundary_is_the_next_files_first(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "x-%H%M%S.pcap", Rotation(period_s=10), Clock(3))
    rig.writer.write(batch_of([(3, 60), (9.999, 60), (10, 60), (10.5, 60), (25, 60)]))
    rig.writer.close()
    assert rig.files() == {
        "x-120003.pcap": [3, 9.999], "x-120010.pcap": [10, 10.5], "x-120020.pcap": [25],
    }  # fmt: skip


def test_when_it_is_quiet_each_period_has_its_file(tmp_path: Path) -> None:
    clock = Clock(3)
    rig = Rig(tmp_path, "x-%S.pcapng", Rotation(period_s=10), clock)
    for seconds in (9, 10.1, 10.5, 19, 20.4, 29):
        clock.seconds = seconds
        rig.writer.tick()
    assert rig.finished == ["x-03.pcapng", "x-10.pcapng"]
    rig.writer.write(batch_of([(29.5, 60)]))
    rig.writer.close()
    assert rig.files() == {"x-03.pcapng": [], "x-10.pcapng": [], "x-20.pcapng": [29.5]}


def test_packets_on_their_way_at_the_boundary_belong_to_the_old_file(tmp_path: Path) -> None:
    clock = Clock(3)
    rig = Rig(tmp_path, "x-%S.pcap", Rotation(period_s=10), clock)
    clock.seconds = 10.05
    rig.writer.tick()
    rig.writer.write(batch_of([(9.99, 60), (10.04, 60)]))
    rig.writer.close()
    assert rig.files() == {"x-03.pcap": [9.99], "x-10.pcap": [10.04]}


def test_a_period_and_a_count_end_it(tmp_path: Path) -> None:
    clock = Clock(3)
    rig = Rig(tmp_path, "x-%S.pcap", Rotation(period_s=10, files=2), clock)
    rig.writer.write(batch_of([(5, 60), (15, 60), (20, 60), (21, 60)]))
    assert rig.writer.done
    assert (rig.writer.packets, rig.writer.skipped) == (2, 2)
    rig.writer.write(batch_of([(22, 60)]))
    rig.writer.tick()
    rig.writer.close()
    assert rig.files() == {"x-03.pcap": [5], "x-10.pcap": [15]}
    assert rig.finished == ["x-03.pcap", "x-10.pcap"]


def test_silence_ends_it_too(tmp_path: Path) -> None:
    clock = Clock(3)
    rig = Rig(tmp_path, "x.pcap", Rotation(period_s=10, files=1), clock)
    clock.seconds = 12.9
    rig.writer.tick()
    assert not rig.writer.done
    clock.seconds = 13.3
    rig.writer.tick()
    assert rig.writer.done
    assert rig.files() == {"x.pcap": []}


def test_size_period_and_count_are_a_ring(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "x-%S.pcap", Rotation(size_octets=250, period_s=10, files=3), Clock())
    rig.writer.write(batch_of([(1, 100), (2, 100), (11, 100), (12, 100), (13, 60), (21, 60)]))
    rig.writer.close()
    assert rig.files() == {"x-10.pcap2": [11], "x-10.pcap0": [12, 13], "x-20.pcap1": [21]}
    assert not rig.writer.done


def test_compressed_files_close_beside_the_capture(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "x.pcap.gz", Rotation(size_octets=2000), Clock())
    packets = [(n / 100, 200) for n in range(60)]
    rig.writer.write(batch_of(packets))
    rig.writer.close()
    assert rig.finished == [f"x.pcap{n or ''}.gz" for n in range(len(rig.finished))]
    found = rig.files()
    assert [t for name in rig.finished for t in found[name]] == [t for t, _ in packets]


def test_a_folder_named_by_the_time_is_made(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "%d/x-%H.pcap", Rotation(period_s=86400), Clock(3))
    rig.writer.write(batch_of([(3, 60), (13 * 3600, 60)]))
    rig.writer.close()
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*.pcap"))] == [
        "05/x-12.pcap", "06/x-00.pcap",
    ]  # fmt: skip


def test_a_part_of_a_batch() -> None:
    batch = batch_of([(n, 60 + n) for n in range(5)])
    middle = part(batch, 1, 4)
    assert [packet.octets for packet in middle] == [batch[n].octets for n in (1, 2, 3)]
    assert [packet.number for packet in middle] == [2, 3, 4]
    picked = part(batch.pick([4, 2, 0]), 1, 3)
    assert [packet.number for packet in picked] == [3, 1]


PACKETS = st.lists(
    st.tuples(st.floats(0, 3), st.integers(0, 400)), min_size=1, max_size=30
)  # pauses in seconds, octets


@settings(max_examples=60, deadline=None)
@given(
    st.lists(PACKETS, max_size=6),
    st.one_of(st.none(), st.integers(40, 3000)),
    st.one_of(st.none(), st.integers(1, 20)),
    st.sampled_from(["x.pcap", "x-%S.pcapng"]),
)
def test_nothing_is_lost_or_twice(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[tuple[float, int]]],
    size_octets: int | None,
    period_s: int | None,
    pattern: str,
) -> None:
    folder = tmp_path_factory.mktemp("property")
    clock = Clock()
    rig = Rig(folder, pattern, Rotation(size_octets=size_octets, period_s=period_s), clock)
    sent = []
    for pauses in batches:
        packets = []
        for pause, size in pauses:
            clock.seconds += pause
            packets.append((clock.seconds, size))
        rig.writer.write(batch_of(packets))
        sent += packets
    rig.writer.close()
    assert rig.writer.packets == len(sent)
    found = sorted(
        (packet.time_ns, packet.caplen) for path in folder.iterdir() for packet in rawlab.read(path)
    )
    if len(rig.finished) == len(set(rig.finished)):  # else names came round
        assert found == sorted((NOON_NS + int(t * SECOND_NS), size) for t, size in sent)
