# cython: language_level=3
"""Many packets at a time: the layers of a batch, and columns of its fields.

The layer walk and the columns run one after the other over groups of packets that fit the cache.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.fill import fill_column
    from cython.cimports.rawlab.engine.walk import Walker
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.fill import fill_column
    from rawlab.engine.walk import Walker

from rawlab.engine.reader import table

GROUP = cython.declare(cython.Py_ssize_t, 512)


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
                    fill_column(octets, index, self.seats, self.ends, self.tails, first, last,
                                plan, i, out, row)
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
