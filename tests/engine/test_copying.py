"""Copying runs of octets, and never outside the buffers."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.engine.copying import copy_runs

WILD = st.integers(-(2**63), 2**63 - 1)
NEAR = st.integers(-2, 40)


def run(source: bytes, rows: list[tuple[int, int, int]], room: int) -> bytes:
    starts, sizes, places = (array("q", column) for column in zip(*rows, strict=True)) if rows \
        else (array("q"), array("q"), array("q"))
    out = bytearray(b"." * room)
    copy_runs(source, memoryview(starts), memoryview(sizes), out, memoryview(places))
    return bytes(out)


def test_runs_go_to_their_places() -> None:
    assert run(b"0123456789", [(8, 2, 0), (0, 0, 6), (0, 3, 3)], 6) == b"89.012"


@given(st.binary(max_size=30), st.integers(0, 30),
       st.lists(st.tuples(NEAR | WILD, NEAR | WILD, NEAR | WILD), max_size=4))
def test_any_runs(source: bytes, room: int, rows: list[tuple[int, int, int]]) -> None:
    want = bytearray(b"." * room)
    for start, size, place in rows:
        inside = 0 <= start <= len(source) - size and 0 <= place <= room - size and size >= 0
        if not inside:
            with pytest.raises(ValueError, match="outside"):
                run(source, rows, room)
            return
        want[place : place + size] = source[start : start + size]
    assert run(source, rows, room) == bytes(want)


def test_columns_of_one_length() -> None:
    with pytest.raises(ValueError, match="differ"):
        copy_runs(b"a", array("q", [0]), array("q", [1, 1]), bytearray(2), array("q", [0]))
