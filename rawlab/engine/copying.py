# cython: language_level=3
"""Copying runs of octets from one buffer to places of another."""

import cython

if cython.compiled:
    from cython.cimports.libc.string import memcpy


def copy_runs(
    source: cython.const[cython.uchar][::1],
    starts: cython.const[cython.longlong][::1],
    sizes: cython.const[cython.longlong][::1],
    out: cython.uchar[::1],
    places: cython.const[cython.longlong][::1],
):
    """Copy `sizes[i]` octets from `starts[i]` of `source` to `places[i]` of `out`, for each i.

    ValueError where a run lies outside either buffer; the runs before it are copied then.
    """
    count: cython.Py_ssize_t = len(starts)
    length: cython.longlong = len(source)
    room: cython.longlong = len(out)
    i: cython.Py_ssize_t = 0
    j: cython.Py_ssize_t
    if len(sizes) != count or len(places) != count:
        raise ValueError("starts, sizes and places differ in number")
    with cython.nogil:
        while i < count:
            if not (
                0 <= sizes[i] <= length
                and 0 <= starts[i] <= length - sizes[i]
                and sizes[i] <= room
                and 0 <= places[i] <= room - sizes[i]
            ):
                break
            if sizes[i] > 0:
                if cython.compiled:
                    memcpy(
                        cython.address(out[places[i]]), cython.address(source[starts[i]]), sizes[i]
                    )
                else:
                    for j in range(sizes[i]):
                        out[places[i] + j] = source[starts[i] + j]
            i += 1
    if i < count:
        raise ValueError(f"run {i} lies outside its buffer")
