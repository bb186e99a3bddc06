"""The forms of times."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from rawlab.text.times import Clock, TimeForm

FIRST = 1_277_840_495_135_052_789
TIMES = [FIRST, FIRST + 858_000, FIRST + 90_061_000_000_000, FIRST - 1_000]

CASES = [
    (
        TimeForm.CLOCK,
        ["19:41:35.135052", "19:41:35.135910", "20:42:36.135052", "19:41:35.135051"],
    ),
    (TimeForm.NONE, ["", "", "", ""]),
    (
        TimeForm.EPOCH,
        ["1277840495.135052", "1277840495.135910", "1277930556.135052", "1277840495.135051"],
    ),
    (
        TimeForm.DELTA,
        [" 00:00:00.000000", " 00:00:00.000858", " 25:01:00.999142", "-25:01:01.000001"],
    ),
    (
        TimeForm.DATE,
        [
            "2010-06-29 19:41:35.135052",
            "2010-06-29 19:41:35.135910",
            "2010-06-30 20:42:36.135052",
            "2010-06-29 19:41:35.135051",
        ],
    ),
    (
        TimeForm.ELAPSED,
        [" 00:00:00.000000", " 00:00:00.000858", " 25:01:01.000000", "-00:00:00.000001"],
    ),
]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(("form", "want"), CASES, ids=[form.name for form, _ in CASES])
def test_forms(form: TimeForm, want: list[str]) -> None:
    clock = Clock(form)
    assert [clock.stamp(time_ns) for time_ns in TIMES] == want


def test_nanoseconds() -> None:
    assert Clock(TimeForm.EPOCH, digits=9).stamp(FIRST) == "1277840495.135052789"


def test_local_time_follows_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    assert Clock(TimeForm.DATE).stamp(FIRST) == "2010-06-30 01:26:35.135052"


@pytest.mark.parametrize("time_ns", [-(2**63), -1, 0, 2**63 - 1])
@pytest.mark.parametrize("form", TimeForm)
def test_any_time_prints(form: TimeForm, time_ns: int) -> None:
    clock = Clock(form, digits=9)
    clock.stamp(0)
    assert isinstance(clock.stamp(time_ns), str)


def test_time_before_1970() -> None:
    assert Clock(TimeForm.EPOCH).stamp(-1_500_000_000) == "-1.500000"
