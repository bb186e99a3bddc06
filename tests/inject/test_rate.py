"""When packets may leave at a rate: arithmetic of deadlines, with time as an argument."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.inject.rate import DEBT_NS, SECOND_NS, Limits, Schedule

MS = 1_000_000


def sizes(*octets: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(octets, dtype=np.int64)


def test_the_first_packet_is_due_at_once_and_each_other_in_its_turn() -> None:
    schedule = Schedule(Limits(pps=1000), 5)
    many = sizes(*[100] * 50)
    assert schedule.due(5, many) == 1
    schedule.take(1, 100)
    assert schedule.due(5 + MS - 10, many) == 0
    assert abs(schedule.next_ns - (5 + MS)) <= 1
    assert schedule.due(5 + 3 * MS, many) == 3
    assert schedule.due(5 + 3 * MS, many[:2]) == 2


def test_bits_are_counted_by_the_size_of_each_packet() -> None:
    schedule = Schedule(Limits(bps=8000), 0)  # an octet each millisecond
    given_sizes = sizes(30, 10, 50, 10)
    assert schedule.due(0, given_sizes) == 1
    schedule.take(1, 30)
    assert schedule.due(29 * MS, given_sizes[1:]) == 0
    assert schedule.due(30 * MS, given_sizes[1:]) == 1
    assert schedule.due(41 * MS, given_sizes[1:]) == 2
    schedule.take(2, 60)
    assert abs(schedule.next_ns - 90 * MS) <= 1


def test_of_two_limits_the_slower_holds() -> None:
    many = sizes(*[10] * 50)
    assert Schedule(Limits(pps=1000, bps=800), 0).due(10 * MS, many) == 1
    assert Schedule(Limits(pps=100, bps=8000), 0).due(10 * MS, many) == 2


def test_after_a_stall_no_flood_follows() -> None:
    schedule = Schedule(Limits(pps=1000), 0)
    many = sizes(*[10] * 5000)
    assert schedule.due(60 * SECOND_NS, many) == DEBT_NS // MS + 1
    assert Schedule(Limits(pps=1000), 0).due(50 * MS, many) == 51  # a short one is caught up


@given(
    pps=st.floats(0.01, 1e7), bps=st.none() | st.floats(1.0, 1e10),
    steps=st.lists(st.integers(1, 50 * MS), min_size=1, max_size=60),
    size=st.integers(1, 1500),
)
def test_never_more_than_the_rate_and_never_late_by_itself(
    pps: float, bps: float | None, steps: list[int], size: int
) -> None:
    schedule = Schedule(Limits(pps, bps), 0)
    now = packets = 0
    many = sizes(*[size] * 1000)
    for step in steps:
        now += step
        count = schedule.due(now, many)
        packets += count
        schedule.take(count, count * size)
        assert packets <= now * pps / SECOND_NS + 1 + 1e-6 * packets
        if bps is not None:
            assert (packets - 1) * size * 8 <= now * bps / SECOND_NS * (1 + 1e-9) + 1e-6
        if count < len(many):
            assert schedule.next_ns > now - 2
            assert schedule.due(schedule.next_ns, many) >= 1


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), float("inf")])
def test_a_rate_is_more_than_nothing(wrong: float) -> None:
    with pytest.raises(ValueError, match="rate_pps"):
        Limits(pps=wrong)
    with pytest.raises(ValueError, match="rate_bps"):
        Limits(bps=wrong)
