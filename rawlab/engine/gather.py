# cython: language_level=3
"""Picking rows: where verdicts are what is wanted, and the index of just those packets."""

import cython


def find(verdicts: cython.const[cython.uchar][::1], wanted: cython.int):
    """The positions of the verdicts that are `wanted`, int64."""
    i: cython.Py_ssize_t
    count: cython.Py_ssize_t = 0
    found: cython.longlong[::1]
    for i in range(len(verdicts)):
        count += verdicts[i] == wanted
    rows = memoryview(bytearray(8 * count)).cast("q")
    if count:
        found = rows
        count = 0
        for i in range(len(verdicts)):
            if verdicts[i] == wanted:
                found[count] = i
                count += 1
    return rows


def outside(positions: cython.const[cython.longlong][::1], count: cython.Py_ssize_t):
    """The first of `positions` that is not within 0..count-1, or None."""
    i: cython.Py_ssize_t
    for i in range(len(positions)):
        if not 0 <= positions[i] < count:
            return positions[i]
    return None


def gather(
    rows: cython.const[cython.longlong][:, ::1],
    positions: cython.const[cython.longlong][::1],
    out: cython.longlong[:, ::1],
):
    """Copy the columns at `positions`, which lie inside, of every row to `out`."""
    i: cython.Py_ssize_t
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(rows.shape[0]):
            for i in range(len(positions)):
                out[row, i] = rows[row, positions[i]]


def gather_numbers(
    numbers: cython.const[cython.longlong][::1],
    positions: cython.const[cython.longlong][::1],
    out: cython.longlong[::1],
):
    """Copy the numbers at `positions`, which lie inside."""
    i: cython.Py_ssize_t
    for i in range(len(positions)):
        out[i] = numbers[positions[i]]


def count_from(
    first: cython.longlong,
    positions: cython.const[cython.longlong][::1],
    out: cython.longlong[::1],
):
    """The numbers of the packets at `positions`, where that at 0 has number `first`."""
    i: cython.Py_ssize_t
    for i in range(len(positions)):
        out[i] = first + positions[i]


def count_below(positions: cython.const[cython.longlong][::1], bound: cython.longlong):
    """How many of `positions` are less than `bound`."""
    i: cython.Py_ssize_t
    count: cython.Py_ssize_t = 0
    for i in range(len(positions)):
        count += positions[i] < bound
    return count
