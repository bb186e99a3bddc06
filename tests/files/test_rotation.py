"""When files end and what they are called: times and sizes as arguments, no clock."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.files.rotation import SECOND_NS, FileNames, Rotation, numbered

BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")


def offset_in(zone: ZoneInfo) -> Callable[[int], int]:
    def offset(seconds: int) -> int:
        shift = datetime.fromtimestamp(seconds, zone).utcoffset()
        assert shift is not None
        return int(shift.total_seconds())

    return offset


def at(text: str, zone: ZoneInfo, fold: int = 0) -> int:
    """Nanoseconds since the epoch of a local time."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return int(local.timestamp()) * SECOND_NS


BOUNDARIES = [
    ("the hour", 3600, BERLIN, "2026-05-05T13:20:05", "2026-05-05T14:00:00", 0),
    ("on the hour itself the next", 3600, BERLIN, "2026-05-05T13:00:00", "2026-05-05T14:00:00", 0),
    ("ten seconds", 10, BERLIN, "2026-05-05T13:20:05", "2026-05-05T13:20:10", 0),
    ("local midnight", 86400, BERLIN, "2026-05-05T13:20:05", "2026-05-06T00:00:00", 0),
    ("a zone of 45 minutes", 3600, KATHMANDU, "2026-05-05T13:20:05", "2026-05-05T14:00:00", 0),
    ("the day that clocks go back", 86400, BERLIN, "2026-10-25T01:00:00", "2026-10-26T00:00:00", 0),
    ("the day they go forward", 86400, BERLIN, "2026-03-29T01:00:00", "2026-03-30T00:00:00", 0),
    ("the hour there is twice", 3600, BERLIN, "2026-10-25T02:30:00", "2026-10-25T02:00:00", 1),
    ("the hour there is not", 3600, BERLIN, "2026-03-29T01:30:00", "2026-03-29T03:00:00", 0),
]


@pytest.mark.parametrize("case", BOUNDARIES, ids=lambda case: case[0])
def test_boundaries(case: tuple[str, int, ZoneInfo, str, str, int]) -> None:
    _, period_s, zone, now, wanted, fold = case
    rotation = Rotation(period_s=period_s)
    assert rotation.boundary_after(at(now, zone), offset_in(zone)) == at(wanted, zone, fold)


@given(
    st.integers(0, 4_000_000_000 * SECOND_NS),
    st.integers(1, 200_000),
    st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_a_boundary_is_after_and_soon(time_ns: int, period_s: int, zone: str) -> None:
    rotation = Rotation(period_s=period_s)
    offset = offset_in(ZoneInfo(zone))
    found = rotation.boundary_after(time_ns, offset)
    assert found is not None
    assert time_ns < found <= time_ns + (period_s + 7200) * SECOND_NS
    assert rotation.boundary_before(time_ns, offset) <= time_ns


def test_boundaries_follow_one_another_without_drift() -> None:
    rotation = Rotation(period_s=7)
    utc = offset_in(ZoneInfo("UTC"))
    now = int(datetime(2026, 5, 5, tzinfo=UTC).timestamp()) * SECOND_NS + 123
    found = []
    for _ in range(1000):
        end = rotation.boundary_after(now, utc)
        assert end is not None
        found.append(end)
        now = end + 1_500_000_000  # a late packet moves no boundary
    assert {b - a for a, b in itertools.pairwise(found)} == {7 * SECOND_NS}


def test_a_single_file_has_a_whole_period() -> None:
    assert Rotation(period_s=60, files=1).end_of_first(5 * SECOND_NS + 7) == 65 * SECOND_NS + 7


@pytest.mark.parametrize("wrong", [{"files": 3}, {"size_octets": 0}, {"period_s": -1}], ids=str)
def test_what_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Rotation(**wrong)


@pytest.fixture
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


NAMES = [
    ("by size", "x.pcap", Rotation(size_octets=9), [0, 0, 0],
     ["x.pcap", "x.pcap1", "x.pcap2"]),
    ("no time words without a period", "a%S.pcap", Rotation(size_octets=9), [0, 0],
     ["a%S.pcap", "a%S.pcap1"]),
    ("a ring", "x.pcap", Rotation(size_octets=9, files=3), [0] * 5,
     ["x.pcap0", "x.pcap1", "x.pcap2", "x.pcap0", "x.pcap1"]),
    ("leading zeros", "x", Rotation(size_octets=9, files=11), [0, 0], ["x00", "x01"]),
    ("ten files need one figure", "x", Rotation(size_octets=9, files=10), [0, 0], ["x0", "x1"]),
    ("by time", "x-%H%M%S.pcap", Rotation(period_s=10), [5, 10, 20],
     ["x-000005.pcap", "x-000010.pcap", "x-000020.pcap"]),
    ("by time, some", "x-%S.pcap", Rotation(period_s=10, files=2), [5, 10],
     ["x-05.pcap", "x-10.pcap"]),
    ("times that are too coarse", "x-%M.pcap", Rotation(period_s=10), [0, 10, 60],
     ["x-00.pcap", "x-00.pcap1", "x-01.pcap"]),
    ("a name that comes round", "x-%S.pcap", Rotation(period_s=30), [0, 30, 60],
     ["x-00.pcap", "x-30.pcap", "x-00.pcap"]),
    ("no time in the name", "x.pcap", Rotation(period_s=10), [0, 10], ["x.pcap", "x.pcap1"]),
    ("by size and time", "x-%S.pcap", Rotation(size_octets=9, period_s=10), [0, 0, 10, 10],
     ["x-00.pcap", "x-00.pcap1", "x-10.pcap", "x-10.pcap1"]),
    ("compressed", "x.pcap.gz", Rotation(size_octets=9), [0, 0], ["x.pcap.gz", "x.pcap1.gz"]),
]  # fmt: skip


@pytest.mark.usefixtures("_utc")
@pytest.mark.parametrize("case", NAMES, ids=lambda case: case[0])
def test_names(case: tuple[str, str, Rotation, list[int], list[str]]) -> None:
    _, pattern, rotation, starts, wanted = case
    names = FileNames(pattern, rotation)
    assert [names.next(start * SECOND_NS) for start in starts] == [(name, None) for name in wanted]


@pytest.mark.usefixtures("_utc")
def test_a_ring_with_times_drops_the_oldest() -> None:
    names = FileNames("x-%S.pcap", Rotation(size_octets=9, period_s=10, files=2))
    assert [names.next(start * SECOND_NS) for start in (0, 0, 10, 20)] == [
        ("x-00.pcap0", None),
        ("x-00.pcap1", None),
        ("x-10.pcap0", "x-00.pcap0"),
        ("x-20.pcap1", "x-00.pcap1"),
    ]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("x.pcap", "x.pcap7"), ("x.zst", "x7.zst"), ("d.gz/x", "d.gz/x7"), ("A.GZ", "A7.GZ")],
)
def test_where_the_number_goes(name: str, wanted: str) -> None:
    assert numbered(name, "7") == wanted
