# cython: language_level=3
"""Many packets at a time: the layers of a batch, and columns of its fields.

The layer walk and the columns run one after the other over groups of packets that fit the cache.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.walk import Walker
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.walk import Walker

from rawlab.engine.reader import table

GROUP = cython.declare(cython.Py_ssize_t, 512)


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


@cython.cclass
class Scanner:
    """Runs over the packets of batches; one scanner serves one thread at a time."""

    walker: Walker
    seats: cython.longlong[:, ::1]  # a row a wanted occurrence: where its header begins, or -1
    ends: cython.longlong[:, ::1]  # where it ends
    tails: cython.longlong[:, ::1]  # octets of its payload

    def __init__(self, tables):
        self.walker = Walker(tables)
        self.seats = table(1, GROUP)
        self.ends = table(1, GROUP)
        self.tails = table(1, GROUP)

    def layers(
        self,
        octets: cython.const[cython.uchar][::1],
        index: cython.const[cython.longlong][:, ::1],
        first: cython.Py_ssize_t,
        count: cython.Py_ssize_t,
        begins: cython.longlong[::1],
        layers: cython.longlong[:, ::1],
        faults: cython.longlong[:, ::1],
    ):
        """Find the layers of packets first..count-1; returns the packet before which room ran out.

        `begins[p]` is the first layer row of packet p, `begins[p + 1]` the row after its last;
        begins[first] must be set. Fault rows, of which begins[count + 1] gives the number so far,
        name their packet.
        """
        p: cython.Py_ssize_t
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        found: cython.Py_ssize_t
        at: cython.Py_ssize_t = begins[first]
        fault: cython.Py_ssize_t = begins[count + 1]
        start: cython.Py_ssize_t
        walker: Walker = self.walker
        walker.look_at(octets)
        p = first
        with cython.nogil:
            while p < count:
                if layers.shape[0] - at < n.MAX_LAYERS or faults.shape[0] - fault < n.MAX_FAULTS:
                    break
                start = index[n.OFFSET, p]
                found = walker.walk(start, start + index[n.CAPLEN, p],
                                    start + index[n.WIRE_LENGTH, p], index[n.LINKTYPE, p])
                for i in range(found):
                    for j in range(n.LAYER_COLUMNS):
                        layers[at, j] = walker.layers[i * n.LAYER_COLUMNS + j]
                    at += 1
                for i in range(walker.fault_count):
                    for j in range(n.FAULT_COLUMNS):
                        faults[fault, j] = walker.faults[i, j]
                    faults[fault, n.X_PACKET] = p
                    fault += 1
                p += 1
                begins[p] = at
        begins[count + 1] = fault
        return p

    def columns(
        self,
        octets: cython.const[cython.uchar][::1],
        index: cython.const[cython.longlong][:, ::1],
        count: cython.Py_ssize_t,
        plan: cython.const[cython.longlong][:, ::1],
        wanted: cython.const[cython.longlong][::1],
        chain: cython.const[cython.longlong][::1],
        out: cython.uchar[::1],
        row: cython.Py_ssize_t,
    ):
        """Fill the columns of `plan` for packets 0..count-1, from row `row` of `out` on.

        `wanted[header]` is the seat of the header's first wanted occurrence or -1, `chain[seat]`
        the seat of the next occurrence or -1.
        """
        first: cython.Py_ssize_t
        last: cython.Py_ssize_t
        i: cython.Py_ssize_t
        walker: Walker = self.walker
        if self.seats.shape[0] < chain.shape[0]:
            self.seats = table(chain.shape[0], GROUP)
            self.ends = table(chain.shape[0], GROUP)
            self.tails = table(chain.shape[0], GROUP)
        walker.look_at(octets)
        with cython.nogil:
            first = 0
            while first < count:
                last = min(first + GROUP, count)
                if chain.shape[0] > 0:
                    self.seat(index, first, last, wanted, chain)
                for i in range(plan.shape[0]):
                    if plan[i, n.Q_KIND] == n.FROM_INDEX:
                        copy_index(index, first, last, plan, i, out, row)
                    elif plan[i, n.Q_KIND] == n.FROM_PAYLOAD:
                        fill_payload(self.ends, self.tails, last - first, plan, i, out, row + first)
                    else:
                        fill(octets, self.seats, self.ends, last - first, plan, i, out, row + first)
                first = last

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def seat(
        self,
        index: cython.const[cython.longlong][:, ::1],
        first: cython.Py_ssize_t,
        last: cython.Py_ssize_t,
        wanted: cython.const[cython.longlong][::1],
        chain: cython.const[cython.longlong][::1],
    ) -> cython.void:
        """Find where the wanted headers of a group of packets lie."""
        p: cython.Py_ssize_t
        i: cython.Py_ssize_t
        s: cython.Py_ssize_t
        row: cython.Py_ssize_t
        start: cython.Py_ssize_t
        found: cython.Py_ssize_t
        layers: cython.longlong[::1] = self.walker.layers
        for p in range(first, last):
            start = index[n.OFFSET, p]
            found = self.walker.walk(start, start + index[n.CAPLEN, p],
                                     start + index[n.WIRE_LENGTH, p], index[n.LINKTYPE, p])
            for s in range(chain.shape[0]):
                self.ends[s, p - first] = -1
            for i in range(found):
                row = i * n.LAYER_COLUMNS
                s = wanted[layers[row + n.L_HEADER]]
                while s >= 0 and self.ends[s, p - first] >= 0:
                    s = chain[s]
                if s >= 0:
                    self.seats[s, p - first] = layers[row + n.L_START]
                    self.ends[s, p - first] = layers[row + n.L_END]
                    self.tails[s, p - first] = layers[row + n.L_LIMIT] - layers[row + n.L_END]


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
    elif plan[i, n.Q_ELSE] or plan[i, n.Q_LITTLE] or plan[i, n.Q_SIGNED] or (
        plan[i, n.Q_SCALE] != 1 or size != width
    ):
        fill_sized(octets, seats, ends, count, plan, i, out, row, size, width, True)
    elif size == 1:
        fill_sized(octets, seats, ends, count, plan, i, out, row, 1, 1, False)
    elif size == 2:
        fill_sized(octets, seats, ends, count, plan, i, out, row, 2, 2, False)
    elif size == 4:
        fill_sized(octets, seats, ends, count, plan, i, out, row, 4, 4, False)
    else:
        fill_sized(octets, seats, ends, count, plan, i, out, row, size, width, True)


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
    for p in range(count):
        if odd and otherwise and not out[missing + p]:
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
