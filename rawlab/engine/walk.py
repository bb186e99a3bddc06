# cython: language_level=3
"""Finding a packet's layers: one pass over its headers, driven by tables.

Each header is passed over by its fixed prefix alone where that tells its length; only a header
whose length the prefix does not tell is read by its program. Types stand in `walk.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.program import Machine
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.program import Machine

from rawlab.engine.reader import table


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def load(
    octets: cython.const[cython.uchar][::1],
    places: cython.const[cython.longlong][:, ::1],
    row: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
) -> cython.longlong:
    """The scaled value at a place of the header at `start`, whose prefix has been checked."""
    at: cython.Py_ssize_t = start + places[row, n.P_OFFSET]
    size: cython.Py_ssize_t = places[row, n.P_SIZE]
    value: cython.ulonglong = octets[at]
    i: cython.Py_ssize_t
    one: cython.ulonglong = 1
    if places[row, n.P_LITTLE]:
        for i in range(1, size):
            value |= cython.cast(cython.ulonglong, octets[at + i]) << (8 * i)
    elif size == 2:
        value = (value << 8) | octets[at + 1]
    else:
        for i in range(1, size):
            value = (value << 8) | octets[at + i]
    value = (value >> places[row, n.P_SHIFT]) & ((one << places[row, n.P_BITS]) - 1)
    return cython.cast(cython.longlong, value) * places[row, n.P_SCALE]


class Walker:
    """Finds the layers of one packet after the other; one walker serves one thread at a time."""

    def __init__(self, tables):
        self.machine = Machine(tables)
        self.headers = tables.headers
        self.checks = tables.checks
        self.opens = tables.opens
        self.tables = tables.tables
        self.slots = tables.slots
        self.choices = tables.choices
        self.guesses = tables.guesses
        self.places = tables.places
        self.octets = b""
        self.layers = table(n.MAX_LAYERS, n.LAYER_COLUMNS)
        self.faults = table(n.MAX_FAULTS, n.FAULT_COLUMNS)
        self.layer_count = 0
        self.fault_count = 0
        self.captured = 0
        self.wire = 0
        self.bounded = False
        self.in_stream = False

    def look_at(self, octets):
        """The packets are in `octets` from now on."""
        self.octets = octets
        self.machine.octets = self.octets

    def walk(self, start, end, wire, linktype):
        """Find the layers of the packet in octets start..end, which ended at `wire` on the wire.

        Fills `layers` and `faults`; returns the number of layers.
        """
        at: cython.Py_ssize_t = start
        limit: cython.Py_ssize_t = end
        inner: cython.Py_ssize_t
        stop: cython.Py_ssize_t
        edge: cython.Py_ssize_t
        header: cython.Py_ssize_t
        again: cython.Py_ssize_t = -1
        again_at: cython.Py_ssize_t = 0
        again_limit: cython.Py_ssize_t = 0
        self.layer_count = 0
        self.fault_count = 0
        self.captured = end
        self.wire = wire
        self.bounded = False
        edge = self.find(n.LINKTYPES, linktype, at, limit)
        if edge < 0:
            edge = self.follow(n.LINKTYPES, at, limit)
        while edge >= 0:
            header = edge >> 1
            self.in_stream = edge & 1
            stop = self.enter(header, at, limit)
            if stop < 0:
                break
            inner = self.layers[self.layer_count - 1, n.L_LIMIT]
            if edge & 1:
                again = edge
                again_at = inner if self.headers[header, n.H_NARROW] else stop
                again_limit = limit
            edge = self.next(header, at, stop, inner)
            at = stop
            limit = inner
            if edge < 0 and again >= 0 and again_at < again_limit:
                edge = again
                at = again_at
                limit = again_limit
                again = -1
        return self.layer_count

    def enter(self, header, at, limit):
        """Note the header at `at` as a layer; returns where it ends, or -1 where it is damaged."""
        here: cython.Py_ssize_t = self.layer_count
        fixed: cython.Py_ssize_t = self.headers[header, n.H_FIXED]
        role: cython.longlong = self.headers[header, n.H_NARROW]
        inner: cython.Py_ssize_t = limit
        stop: cython.Py_ssize_t = at + fixed
        if here == n.MAX_LAYERS:
            self.complain(n.LIMIT, -1, at, n.MAX_LAYERS, n.MAX_LAYERS + 1)
            return -1
        self.layer_count = here + 1
        self.layers[here, n.L_HEADER] = header
        self.layers[here, n.L_START] = at
        self.layers[here, n.L_END] = limit
        self.layers[here, n.L_LIMIT] = limit
        self.layers[here, n.L_FLAGS] = 0
        if fixed > limit - at:
            self.complain(self.lacking(limit), -1, at, fixed, limit - at)
            return -1
        self.layers[here, n.L_END] = stop
        if self.headers[header, n.H_CHECKS] and not self.holds(header, at):
            return -1
        if role == n.ROLE_TOTAL:
            inner = self.narrow(header, at, at, limit)
            if inner < stop:
                self.complain(n.LENGTH, self.headers[header, n.H_NARROW_FIELD], at, fixed, inner - at)
                return -1
            self.layers[here, n.L_LIMIT] = inner
        if self.headers[header, n.H_KIND] != n.END_FIXED:
            stop = self.length(header, at, inner)
            if stop < 0:
                return -1
            self.layers[here, n.L_END] = stop
        if role == n.ROLE_PAYLOAD:
            self.layers[here, n.L_LIMIT] = self.narrow(header, at, stop, limit)
        return stop

    def holds(self, header, at):
        """Whether the prefix lies within its declared bounds; complains where not."""
        i: cython.Py_ssize_t
        row: cython.Py_ssize_t = self.headers[header, n.H_CHECK]
        value: cython.longlong
        for i in range(row, row + self.headers[header, n.H_CHECKS]):
            value = load(self.octets, self.places, self.checks[i, n.C_PLACE], at)
            if value < self.checks[i, n.C_MINIMUM]:
                if self.checks[i, n.C_LENGTH]:
                    self.complain(n.LENGTH, self.checks[i, n.C_FIELD], at, self.checks[i, n.C_MINIMUM], value)
                    return False
                self.complain(n.VALUE, self.checks[i, n.C_FIELD], at, self.checks[i, n.C_MINIMUM], value)
            elif value > self.checks[i, n.C_MAXIMUM]:
                self.complain(n.VALUE, self.checks[i, n.C_FIELD], at, self.checks[i, n.C_MAXIMUM], value)
        return True

    def narrow(self, header, at, base, limit):
        """The end that a length sets, counted from `base`."""
        told: cython.longlong
        value: cython.longlong = load(
            self.octets, self.places, self.headers[header, n.H_NARROW_PLACE], at)
        if self.headers[header, n.H_NARROW_IF] >= 0:
            told = load(self.octets, self.places, self.headers[header, n.H_NARROW_IF], at)
            if told < self.headers[header, n.H_NARROW_LEAST] or (
                told > self.headers[header, n.H_NARROW_MOST]
            ):
                return limit
        elif self.headers[header, n.H_NARROW_WHEN] >= 0:
            if self.machine.evaluate(self.headers[header, n.H_NARROW_WHEN], at, limit) == 0:
                return limit
        if value == self.headers[header, n.H_NARROW_UNLESS]:
            return limit
        value += self.headers[header, n.H_NARROW_ADD]
        if value <= limit - base:
            self.bounded = True
            return base + value
        if limit != self.captured or value > self.wire - base:
            self.complain(n.OVERRUN, self.headers[header, n.H_NARROW_FIELD], at, value, limit - base)
        return limit

    def length(self, header, at, limit):
        """Where the header ends; -1 where it is damaged, with the layer's end set."""
        kind: cython.longlong = self.headers[header, n.H_KIND]
        field: cython.Py_ssize_t = self.headers[header, n.H_LENGTH_FIELD]
        fixed: cython.Py_ssize_t = self.headers[header, n.H_FIXED]
        value: cython.longlong
        if kind == n.END_REST:
            return limit
        if kind == n.END_PLACE:
            value = load(self.octets, self.places, self.headers[header, n.H_LENGTH], at)
            value += self.headers[header, n.H_ADD]
            if value < fixed:
                self.complain(n.LENGTH, field, at, fixed, value)
                return -1
            if value <= limit - at:
                return at + value
            self.layers[self.layer_count - 1, n.L_END] = limit
            self.complain(self.lacking(limit), field, at, value, limit - at)
            return -1
        self.machine.begin(self.headers[header, n.H_SCOPE], at, limit, self.captured)
        if self.machine.run() == n.FAULTED and self.machine.fault_kind != n.VALUE:
            self.layers[self.layer_count - 1, n.L_END] = (self.machine.cursor + 7) >> 3
            if self.machine.fault_kind == n.TRUNCATED or self.machine.fault_kind == n.OVERRUN:
                self.layers[self.layer_count - 1, n.L_END] = limit
            self.complain(self.machine.fault_kind, self.machine.fault_field, self.machine.fault_at,
                          self.machine.fault_want, self.machine.fault_got)
            return -1
        return (self.machine.cursor + 7) >> 3

    def next(self, header, at, end, limit):
        """What follows the header, or -1: by the tables that its fields open.

        Of several values that one table knows the lowest wins, as with a pair of ports. With no
        octets left, only a header that is cut off is still announced.
        """
        first: cython.Py_ssize_t = self.headers[header, n.H_OPEN]
        last: cython.Py_ssize_t = first + self.headers[header, n.H_OPENS]
        row: cython.Py_ssize_t
        edge: cython.Py_ssize_t
        best: cython.Py_ssize_t = -1
        chosen: cython.Py_ssize_t = -1
        value: cython.longlong
        least: cython.longlong = 0
        if first == last:
            return -1
        if end == limit and (self.bounded or self.opens[first, n.O_STREAM]):
            return -1
        for row in range(first, last):
            if not self.opened(row, at, limit):
                continue
            value = load(self.octets, self.places, self.opens[row, n.O_PLACE], at)
            edge = self.find(self.opens[row, n.O_TABLE], value, end, limit)
            if edge >= 0 and (best < 0 or (self.opens[row, n.O_TABLE] == chosen and value < least)):
                best = edge
                chosen = self.opens[row, n.O_TABLE]
                least = value
        if best >= 0 or end == limit:
            return best
        for row in range(first, last):
            if self.opened(row, at, limit):
                edge = self.follow(self.opens[row, n.O_TABLE], end, limit)
                if edge >= 0:
                    return edge
        return -1

    def opened(self, row, at, limit):
        """Whether the condition of an opens row holds for the header at `at`."""
        value: cython.longlong
        if self.opens[row, n.O_IF] >= 0:
            value = load(self.octets, self.places, self.opens[row, n.O_IF], at)
            return self.opens[row, n.O_LEAST] <= value <= self.opens[row, n.O_MOST]
        if self.opens[row, n.O_WHEN] >= 0:
            return self.machine.evaluate(self.opens[row, n.O_WHEN], at, limit) != 0
        return True

    def find(self, table, value, at, limit):
        """What a table holds for a value when the octets at `at` follow, or -1."""
        bits: cython.longlong = self.tables[table, n.T_BITS]
        base: cython.Py_ssize_t = self.tables[table, n.T_BASE]
        mask: cython.Py_ssize_t = (1 << bits) - 1
        slot: cython.Py_ssize_t = (value ^ (value >> bits)) & mask
        edge: cython.Py_ssize_t
        while self.slots[base + slot, n.K_EDGE] != -1:
            if self.slots[base + slot, n.K_VALUE] == value:
                edge = self.slots[base + slot, n.K_EDGE]
                return edge if edge >= 0 else self.choose(-2 - edge, at, limit)
            slot = (slot + 1) & mask
        return -1

    def choose(self, choice, at, limit):
        """Of the headers that claim a value by their looks, the first that looks right, or -1."""
        first: cython.Py_ssize_t = self.choices[choice, n.Z_FIRST]
        row: cython.Py_ssize_t
        edge: cython.Py_ssize_t
        for row in range(first, first + self.choices[choice, n.Z_COUNT]):
            edge = self.guesses[row, n.G_EDGE]
            if self.headers[edge >> 1, n.H_FIXED] <= limit - at:
                if self.machine.evaluate(self.guesses[row, n.G_WHEN], at, limit):
                    return edge
        return self.choices[choice, n.Z_DEFAULT]

    def follow(self, table, at, limit):
        """What follows by its looks, or what a table holds for any other value; or -1."""
        return self.choose(self.tables[table, n.T_OTHERS], at, limit)

    def complain(self, kind, field, at, want, got):
        """Note a fault of the innermost layer; a message that a stream has not yet brought is none."""
        layer: cython.Py_ssize_t = self.layer_count - 1
        if self.in_stream and (kind == n.TRUNCATED or kind == n.OVERRUN):
            self.layers[layer, n.L_FLAGS] = n.INCOMPLETE
        elif self.fault_count < n.MAX_FAULTS:
            self.faults[self.fault_count, n.X_KIND] = kind
            self.faults[self.fault_count, n.X_LAYER] = layer
            self.faults[self.fault_count, n.X_FIELD] = field
            self.faults[self.fault_count, n.X_AT] = at
            self.faults[self.fault_count, n.X_WANT] = want
            self.faults[self.fault_count, n.X_GOT] = got
            self.fault_count += 1

    def lacking(self, limit):
        """Why octets are missing at `limit`: the capture stops there, or a length says so."""
        return n.TRUNCATED if limit == self.captured else n.OVERRUN
