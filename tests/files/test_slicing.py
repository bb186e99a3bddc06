"""Ranges of numbers and times, as people write them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from rawlab.files.slicing import ENDLESS, Moment, Slice, parse_moment, parse_ranges
from rawlab.packet import Packet

S = 10**9


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("7", ((7, 7),)),
        ("10-20,30-", ((10, 20), (30, ENDLESS))),
        (" 3 , 1-2 ", ((1, 2), (3, 3))),
        ("-5", ((1, 5),)),
        ("1-99999999999999999999", ((1, ENDLESS),)),
    ],
)
def test_ranges(text: str, ranges: tuple[tuple[int, int], ...]) -> None:
    assert parse_ranges(text) == ranges


@pytest.mark.parametrize("text", ["", "-", "a", "5-3", "0", "0-3", "1,,2", "1-2-3", "1.5"])
def test_wrong_ranges(text: str) -> None:
    with pytest.raises(ValueError, match="range"):
        parse_ranges(text)


@pytest.fixture
def in_utc() -> Iterator[None]:
    """Local time is UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1700000000", Moment(1_700_000_000 * S)),
        ("1700000000.123456789", Moment(1_700_000_000_123_456_789)),
        ("+2.5", Moment(2_500_000_000, relative=True)),
        ("+2s", Moment(2 * S, relative=True)),
        ("2023-11-14T22:13:20Z", Moment(1_700_000_000 * S)),
        ("2023-11-14T22:13:20.000000001Z", Moment(1_700_000_000 * S + 1)),
        ("2023-11-14T23:13:20,5+01:00", Moment(1_700_000_000 * S + S // 2)),
        ("2023-11-14T22:13:20", Moment(1_700_000_000 * S)),
        ("2023-11-14 22:13", Moment(1_699_999_980 * S)),
        ("2023-11-14", Moment(1_699_920_000 * S)),
    ],
)
def test_moments(text: str, moment: Moment, in_utc: None) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "12:00:00", "-5", "2023-13-01", "1e9"])
def test_wrong_moments(text: str) -> None:
    with pytest.raises(ValueError, match="is no time such as"):
        parse_moment(text)


def test_a_slice_of_both() -> None:
    wanted = Slice(parse_ranges("2-3,5-"), after=Moment(10, relative=True), before=Moment(1000))
    packets = [Packet(b"", time_ns=t, number=i) for i, t in
               [(2, 109), (2, 110), (3, 999), (3, 1000), (4, 500), (5, 500), (9, 500)]]
    marks = [bool(wanted.marks(p._owner, 100)[0]) for p in packets]
    assert marks == [False, True, True, False, False, True, True]
    assert wanted.last == ENDLESS
    assert Slice(parse_ranges("2-3,1")).last == 3
