# cython: language_level=3
"""Filling columns: one loop over a group of packets for each column. Types stand in `fill.pxd`."""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
else:
    from rawlab.engine import numbers as n


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def load(
    octets: cython.const[cython.uchar][::1],
    at: cython.Py_ssize_t,
    size: cython.Py_ssize_t,
    little: cython.longlong,
) -> cython.ulonglong:
    """The integer of `size` octets at `at`."""
    value: cython.ulonglong = octets[at]
    i: cython.Py_ssize_t
    if little:
        for i in range(1, size):
            value |= cython.cast(cython.ulonglong, octets[at + i]) << (8 * i)
    elif size == 1:
        return value
    elif size == 2:
        value = (value << 8) | octets[at + 1]
    elif size == 4:
        value = ((value << 24) | (cython.cast(cython.ulonglong, octets[at + 1]) << 16)
                 | (cython.cast(cython.ulonglong, octets[at + 2]) << 8) | octets[at + 3])
    else:
        for i in range(1, size):
            value = (value << 8) | octets[at + i]
    return value


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def store(
    out: cython.uchar[::1], at: cython.Py_ssize_t, width: cython.Py_ssize_t, value: cython.ulonglong
) -> cython.void:
    """Write `value` as a little-endian integer of `width` octets."""
    i: cython.Py_ssize_t
    if width == 1:
        out[at] = value & 0xFF
    elif width == 2:
        out[at] = value & 0xFF
        out[at + 1] = (value >> 8) & 0xFF
    elif width == 4:
        out[at] = value & 0xFF
        out[at + 1] = (value >> 8) & 0xFF
        out[at + 2] = (value >> 16) & 0xFF
        out[at + 3] = (value >> 24) & 0xFF
    else:
        for i in range(8):
            out[at + i] = (value >> (8 * i)) & 0xFF


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def ones(bits: cython.longlong) -> cython.ulonglong:
    one: cython.ulonglong = 1
    if bits >= 64:
        return cython.cast(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)
    return (one << bits) - 1


def fill_column(octets, index, seats, ends, tails, first, last, plan, i, out, row):
    """Fill column `i` of `plan` for packets first..last-1, whose rows begin at `row`."""
    if plan[i, n.Q_KIND] == n.FROM_INDEX:
        copy_index(index, first, last, plan, i, out, row)
    elif plan[i, n.Q_KIND] == n.FROM_PAYLOAD:
        fill_payload(ends, tails, last - first, plan, i, out, row + first)
    else:
        fill(octets, seats, ends, last - first, plan, i, out, row + first)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill(
    octets: cython.const[cython.uchar][::1],
    seats: cython.longlong[:, ::1],
    ends: cython.longlong[:, ::1],
    count: cython.Py_ssize_t,
    plan: cython.const[cython.longlong][:, ::1],
    i: cython.Py_ssize_t,
    out: cython.uchar[::1],
    row: cython.Py_ssize_t,
) -> cython.void:
    """One column of fields at a fixed place of their header."""
    size: cython.Py_ssize_t = plan[i, n.Q_SIZE]
    width: cython.Py_ssize_t = plan[i, n.Q_WIDTH]
    if width > 8:
        fill_wide(octets, seats, ends, count, plan, i, out, row)
    elif plan[i, n.Q_LITTLE] or plan[i, n.Q_SIGNED] or plan[i, n.Q_SCALE] != 1 or size != width:
        fill_sized(octets, seats, ends, count, plan, i, out, row, size, width, True)
    elif size == 1:
        fill_sized(octets, seats, ends, count, plan, i, out, row, 1, 1, False)
    elif size == 2:
        fill_sized(octets, seats, ends, count, plan, i, out, row, 2, 2, False)
    elif size == 4:
        fill_sized(octets, seats, ends, count, plan, i, out, row, 4, 4, False)
    else:
        fill_sized(octets, seats, ends, count, plan, i, out, row, size, width, True)
    if on_itself(plan, i):
        hold(count, plan, i, out, row)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def fill_sized(
    octets: cython.const[cython.uchar][::1],
    seats: cython.longlong[:, ::1],
    ends: cython.longlong[:, ::1],
    count: cython.Py_ssize_t,
    plan: cython.const[cython.longlong][:, ::1],
    i: cython.Py_ssize_t,
    out: cython.uchar[::1],
    row: cython.Py_ssize_t,
    size: cython.Py_ssize_t,
    width: cython.Py_ssize_t,
    odd: cython.bint,
) -> cython.void:
    """An integer column; inlined once for each usual size, which the C compiler then knows.

    `odd`: anything but an unsigned big-endian integer that fills its octets may be asked for.
    """
    p: cython.Py_ssize_t
    at: cython.Py_ssize_t
    value: cython.ulonglong
    seat: cython.Py_ssize_t = plan[i, n.Q_SLOT]
    end: cython.Py_ssize_t = plan[i, n.Q_OFFSET] + size
    offset: cython.Py_ssize_t = plan[i, n.Q_OFFSET]
    shift: cython.longlong = plan[i, n.Q_SHIFT]
    mask: cython.ulonglong = ones(plan[i, n.Q_BITS])
    top: cython.ulonglong = (mask >> 1) + 1 if plan[i, n.Q_SIGNED] else 0
    little: cython.longlong = plan[i, n.Q_LITTLE]
    scale: cython.ulonglong = plan[i, n.Q_SCALE]
    values: cython.Py_ssize_t = plan[i, n.Q_OUT] + row * width
    missing: cython.Py_ssize_t = plan[i, n.Q_MISSING] + row
    otherwise: cython.longlong = plan[i, n.Q_ELSE]
    guarded: cython.longlong = plan[i, n.Q_IF_SIZE]
    if on_itself(plan, i):
        guarded = 0
    for p in range(count):
        if otherwise and not out[missing + p]:
            continue
        at = seats[seat, p]
        if at + end > ends[seat, p] or (guarded and not allowed(octets, at, plan, i)):
            out[missing + p] = 1
            store(out, values + p * width, width, 0)
            continue
        out[missing + p] = 0
        if odd:
            value = (load(octets, at + offset, size, little) >> shift) & mask
            if value & top:
                value |= ~mask
            store(out, values + p * width, width, value * scale)
        else:
            value = (load(octets, at + offset, size, 0) >> shift) & mask
            store(out, values + p * width, width, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_wide(
    octets: cython.const[cython.uchar][::1],
    seats: cython.longlong[:, ::1],
    ends: cython.longlong[:, ::1],
    count: cython.Py_ssize_t,
    plan: cython.const[cython.longlong][:, ::1],
    i: cython.Py_ssize_t,
    out: cython.uchar[::1],
    row: cython.Py_ssize_t,
) -> cython.void:
    """One column of octets of a fixed number."""
    p: cython.Py_ssize_t
    j: cython.Py_ssize_t
    at: cython.Py_ssize_t
    seat: cython.Py_ssize_t = plan[i, n.Q_SLOT]
    offset: cython.Py_ssize_t = plan[i, n.Q_OFFSET]
    width: cython.Py_ssize_t = plan[i, n.Q_WIDTH]
    values: cython.Py_ssize_t = plan[i, n.Q_OUT] + row * width
    missing: cython.Py_ssize_t = plan[i, n.Q_MISSING] + row
    for p in range(count):
        if plan[i, n.Q_ELSE] and not out[missing + p]:
            continue
        at = seats[seat, p] + offset
        out[missing + p] = 1
        for j in range(width):
            out[values + p * width + j] = 0
        if at + width <= ends[seat, p] and (
            plan[i, n.Q_IF_SIZE] == 0 or allowed(octets, at - offset, plan, i)
        ):
            out[missing + p] = 0
            for j in range(width):
                out[values + p * width + j] = octets[at + j]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def on_itself(
    plan: cython.const[cython.longlong][:, ::1], i: cython.Py_ssize_t
) -> cython.bint:
    """Whether the condition of a field bounds the value at the field's own place."""
    return (plan[i, n.Q_IF_SIZE] == plan[i, n.Q_SIZE] and plan[i, n.Q_WIDTH] <= 8
            and plan[i, n.Q_IF_SHIFT] == plan[i, n.Q_SHIFT]
            and plan[i, n.Q_IF_OFFSET] == plan[i, n.Q_OFFSET] and plan[i, n.Q_IF_SCALE] == 1
            and plan[i, n.Q_IF_BITS] == plan[i, n.Q_BITS] and plan[i, n.Q_LITTLE] == 0
            and plan[i, n.Q_SCALE] == 1 and plan[i, n.Q_SIGNED] == 0 and plan[i, n.Q_ELSE] == 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def hold(
    count: cython.Py_ssize_t,
    plan: cython.const[cython.longlong][:, ::1],
    i: cython.Py_ssize_t,
    out: cython.uchar[::1],
    row: cython.Py_ssize_t,
) -> cython.void:
    """Take back the values that lie outside the bounds of their own condition."""
    p: cython.Py_ssize_t
    width: cython.Py_ssize_t = plan[i, n.Q_WIDTH]
    values: cython.Py_ssize_t = plan[i, n.Q_OUT] + row * width
    missing: cython.Py_ssize_t = plan[i, n.Q_MISSING] + row
    value: cython.longlong
    for p in range(count):
        value = cython.cast(cython.longlong, load(out, values + p * width, width, 1))
        if value < plan[i, n.Q_LEAST] or value > plan[i, n.Q_MOST]:
            out[missing + p] = 1
            store(out, values + p * width, width, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def allowed(
    octets: cython.const[cython.uchar][::1],
    at: cython.Py_ssize_t,
    plan: cython.const[cython.longlong][:, ::1],
    i: cython.Py_ssize_t,
) -> cython.bint:
    """Whether the condition of a field holds in the header at `at`."""
    value: cython.longlong = cython.cast(cython.longlong, (
        load(octets, at + plan[i, n.Q_IF_OFFSET], plan[i, n.Q_IF_SIZE], plan[i, n.Q_IF_LITTLE])
        >> plan[i, n.Q_IF_SHIFT]) & ones(plan[i, n.Q_IF_BITS])) * plan[i, n.Q_IF_SCALE]
    return plan[i, n.Q_LEAST] <= value <= plan[i, n.Q_MOST]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fill_payload(
    ends: cython.longlong[:, ::1],
    tails: cython.longlong[:, ::1],
    count: cython.Py_ssize_t,
    plan: cython.const[cython.longlong][:, ::1],
    i: cython.Py_ssize_t,
    out: cython.uchar[::1],
    row: cython.Py_ssize_t,
) -> cython.void:
    """One column of payload lengths."""
    p: cython.Py_ssize_t
    seat: cython.Py_ssize_t = plan[i, n.Q_SLOT]
    width: cython.Py_ssize_t = plan[i, n.Q_WIDTH]
    values: cython.Py_ssize_t = plan[i, n.Q_OUT] + row * width
    missing: cython.Py_ssize_t = plan[i, n.Q_MISSING] + row
    for p in range(count):
        if plan[i, n.Q_ELSE] and not out[missing + p]:
            continue
        if ends[seat, p] < 0:
            out[missing + p] = 1
            store(out, values + p * width, width, 0)
        else:
            out[missing + p] = 0
            store(out, values + p * width, width, tails[seat, p])


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def copy_index(
    index: cython.const[cython.longlong][:, ::1],
    first: cython.Py_ssize_t,
    last: cython.Py_ssize_t,
    plan: cython.const[cython.longlong][:, ::1],
    i: cython.Py_ssize_t,
    out: cython.uchar[::1],
    row: cython.Py_ssize_t,
) -> cython.void:
    """One column of the index: times, lengths, interfaces."""
    p: cython.Py_ssize_t
    source: cython.Py_ssize_t = plan[i, n.Q_SLOT]
    width: cython.Py_ssize_t = plan[i, n.Q_WIDTH]
    values: cython.Py_ssize_t = plan[i, n.Q_OUT] + row * width
    missing: cython.Py_ssize_t = plan[i, n.Q_MISSING] + row
    for p in range(first, last):
        out[missing + p] = 0
        store(out, values + p * width, width, cython.cast(cython.ulonglong, index[source, p]))
