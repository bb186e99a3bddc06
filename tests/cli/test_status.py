"""The words of a capture about itself."""

from __future__ import annotations

import pytest

from rawlab.capture import Counts
from rawlab.cli.status import closing_lines, lines_so_far, size, worker_lines

SIZES = {
    0: "0 octets", 999: "999 octets", 1000: "1.0 kB", 99_940: "99.9 kB", 999_949: "999.9 kB",
    999_950: "1.0 MB", 12_345_678: "12.3 MB", 5_000_000_000: "5.0 GB", 7 * 10**15: "7000.0 TB",
}  # fmt: skip


@pytest.mark.parametrize("octets", SIZES)
def test_sizes_for_people(octets: int) -> None:
    assert size(octets) == SIZES[octets]


def test_closing_lines_are_tcpdumps() -> None:
    assert closing_lines(Counts(captured=1, received=3, dropped=2)) == (
        "1 packet captured\n3 packets received by filter\n2 packets dropped by kernel\n"
    )


def test_freezes_are_told_when_there_were_some() -> None:
    none, one, two = (Counts(frozen=number) for number in range(3))
    assert lines_so_far([none], none) == closing_lines(none)
    assert lines_so_far([one], one).endswith("kernel\nthe ring was full 1 time\n")
    assert lines_so_far([two], two).endswith("kernel\nthe ring was full 2 times\n")


def test_workers_are_told_apart() -> None:
    parts = [Counts(captured=1, received=4, dropped=3), Counts()]
    assert worker_lines(parts).splitlines() == [
        "worker 1: 1 captured, 4 received by filter, 3 dropped by kernel",
        "worker 2: 0 captured, 0 received by filter, 0 dropped by kernel",
    ]
    assert worker_lines(parts[:1]) == ""
