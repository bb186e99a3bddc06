"""When packets of a replay are to leave: arithmetic alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.batch import Batch
from rawlab.inject.batching import batch_of_octets
from rawlab.inject.schedule import Pace, Schedule

S = 1_000_000_000
TIMES = st.integers(-(1 << 63), (1 << 63) - 1)


def at(*times: int) -> Batch:
    batch = batch_of_octets([bytes(100)] * len(times), 1)
    np.asarray(batch.time_ns)[:] = times
    return batch


def moments(pace: Pace, *batches: Batch) -> list[int]:
    schedule = Schedule(pace)
    return [one for batch in batches for one in schedule.moments(batch).tolist()]


@pytest.mark.parametrize(("pace", "wanted"), [
    (Pace(), [0, S, S, 4 * S]), (Pace(speed=2.0), [0, S // 2, S // 2, 2 * S]),
    (Pace(max_gap_s=2), [0, S, S, 3 * S]), (Pace(rate_pps=10), [0, S // 10, S // 5, 3 * S // 10]),
    (Pace(rate_bps=800), [0, S, 2 * S, 3 * S]), (Pace(topspeed=True), [0, 0, 0, 0]),
], ids=str)
def test_paces(pace: Pace, wanted: list[int]) -> None:
    times = [7 * S, 8 * S, 5 * S, 11 * S]  # the third one's clock went wrong
    assert moments(pace, at(*times)) == wanted
    assert moments(pace, at(*times[:1]), at(), at(*times[1:])) == wanted


def test_passes_follow_one_another_at_a_mean_gap() -> None:
    schedule = Schedule(Pace())
    assert schedule.moments(at(S, 2 * S, 5 * S)).tolist() == [0, S, 4 * S]
    schedule.again()
    assert schedule.moments(at(S, 2 * S, 5 * S)).tolist() == [6 * S, 7 * S, 10 * S]
    schedule.again()
    assert schedule.moments(at(S)).tolist() == [12 * S]


@given(st.lists(st.lists(TIMES, max_size=5), max_size=5), st.floats(1e-9, 1e9))
def test_whatever_times_a_file_has_moments_never_fall(parts: list[list[int]], speed: float) -> None:
    found = moments(Pace(speed=speed), *(at(*part) for part in parts))
    assert found == sorted(found)
    assert all(0 <= one <= 1 << 62 for one in found)
