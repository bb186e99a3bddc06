# cython: language_level=3
"""Finding a packet's layers: one pass over its headers, driven by tables.

Each header is passed over by its fixed prefix alone where that tells its length; only a header
whose length the prefix does not tell is read by its program. Tables are flat here, and `h`, `o`
and so on are where a row begins: that, and one load of a place that is asked for twice, is half
of the speed. Types stand in `walk.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.program import Machine
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.program import Machine

from rawlab.engine.reader import flat, table


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def load(
    octets: cython.const[cython.uchar][::1],
    places: cython.const[cython.longlong][::1],
    row: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
) -> cython.longlong:
    """The scaled value at a place of the header at `start`, whose prefix has been checked."""
    p: cython.Py_ssize_t = row * n.PLACE_COLUMNS
    at: cython.Py_ssize_t = start + places[p + n.P_OFFSET]
    size: cython.Py_ssize_t = places[p + n.P_SIZE]
    value: cython.ulonglong = octets[at]
    i: cython.Py_ssize_t
    if size == 2:
        if places[p + n.P_LITTLE]:
            value |= cython.cast(cython.ulonglong, octets[at + 1]) << 8
        else:
            value = (value << 8) | octets[at + 1]
    elif size > 2:
        if places[p + n.P_LITTLE]:
            for i in range(1, size):
                value |= cython.cast(cython.ulonglong, octets[at + i]) << (8 * i)
        else:
            for i in range(1, size):
                value = (value << 8) | octets[at + i]
    value = (value >> places[p + n.P_SHIFT]) & places[p + n.P_MASK]
    return cython.cast(cython.longlong, value) * places[p + n.P_SCALE]


class Walker:
    """Finds the layers of one packet after the other; one walker serves one thread at a time."""

    def __init__(self, tables):
        self.machine = Machine(tables)
        self.headers = flat(tables.headers)
        self.checks = flat(tables.checks)
        self.opens = flat(tables.opens)
        self.tables = flat(tables.tables)
        self.slots = flat(tables.slots)
        self.choices = flat(tables.choices)
        self.guesses = flat(tables.guesses)
        self.places = flat(tables.places)
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
        h: cython.Py_ssize_t
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
            h = (edge >> 1) * n.HEADER_COLUMNS
            self.in_stream = edge & 1
            stop = self.enter(edge >> 1, at, limit)
            if stop < 0:
                break
            inner = self.layers[self.layer_count - 1, n.L_LIMIT]
            if edge & 1:
                again = edge
                again_at = inner if self.headers[h + n.H_NARROW] else stop
                again_limit = limit
            edge = -1
            if self.headers[h + n.H_OPENS]:
                edge = self.next(h, at, stop, inner)
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
        h: cython.Py_ssize_t = header * n.HEADER_COLUMNS
        here: cython.Py_ssize_t = self.layer_count
        fixed: cython.Py_ssize_t = self.headers[h + n.H_FIXED]
        role: cython.longlong = self.headers[h + n.H_NARROW]
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
        if stop > limit:
            self.complain(self.lacking(limit), -1, at, fixed, limit - at)
            return -1
        self.layers[here, n.L_END] = stop
        if self.headers[h + n.H_CHECKS] and not self.holds(h, at):
            return -1
        if role == n.ROLE_TOTAL:
            inner = self.narrow(h, at, at, limit)
            if inner < stop:
                self.complain(n.LENGTH, self.headers[h + n.H_NARROW_FIELD], at, fixed, inner - at)
                return -1
            self.layers[here, n.L_LIMIT] = inner
        if self.headers[h + n.H_KIND] != n.END_FIXED:
            stop = self.length(h, at, inner)
            if stop < 0:
                return -1
            self.layers[here, n.L_END] = stop
        if role == n.ROLE_PAYLOAD:
            self.layers[here, n.L_LIMIT] = self.narrow(h, at, stop, limit)
        return stop

    def holds(self, h, at):
        """Whether the prefix lies within its declared bounds; complains where not."""
        c: cython.Py_ssize_t
        i: cython.Py_ssize_t
        first: cython.Py_ssize_t = self.headers[h + n.H_CHECK]
        value: cython.longlong
        for i in range(first, first + self.headers[h + n.H_CHECKS]):
            c = i * n.CHECK_COLUMNS
            value = load(self.octets, self.places, self.checks[c + n.C_PLACE], at)
            if value < self.checks[c + n.C_MINIMUM]:
                self.complain(n.LENGTH if self.checks[c + n.C_LENGTH] else n.VALUE,
                              self.checks[c + n.C_FIELD], at, self.checks[c + n.C_MINIMUM], value)
                if self.checks[c + n.C_LENGTH]:
                    return False
            elif value > self.checks[c + n.C_MAXIMUM]:
                self.complain(
                    n.VALUE, self.checks[c + n.C_FIELD], at, self.checks[c + n.C_MAXIMUM], value)
        return True

    def narrow(self, h, at, base, limit):
        """The end that a length sets, counted from `base`."""
        told: cython.longlong
        value: cython.longlong
        if self.headers[h + n.H_NARROW_IF] >= 0:
            told = load(self.octets, self.places, self.headers[h + n.H_NARROW_IF], at)
            if told < self.headers[h + n.H_NARROW_LEAST] or told > self.headers[h + n.H_NARROW_MOST]:
                return limit
        elif self.headers[h + n.H_NARROW_WHEN] >= 0:
            if self.machine.evaluate(self.headers[h + n.H_NARROW_WHEN], at, limit) == 0:
                return limit
        value = load(self.octets, self.places, self.headers[h + n.H_NARROW_PLACE], at)
        if value == self.headers[h + n.H_NARROW_UNLESS]:
            return limit
        value += self.headers[h + n.H_NARROW_ADD]
        if value <= limit - base:
            self.bounded = True
            return base + value
        if limit != self.captured or value > self.wire - base:
            self.complain(n.OVERRUN, self.headers[h + n.H_NARROW_FIELD], at, value, limit - base)
        return limit

    def length(self, h, at, limit):
        """Where the header ends; -1 where it is damaged, with the layer's end set."""
        kind: cython.longlong = self.headers[h + n.H_KIND]
        field: cython.Py_ssize_t = self.headers[h + n.H_LENGTH_FIELD]
        fixed: cython.Py_ssize_t = self.headers[h + n.H_FIXED]
        value: cython.longlong
        if kind == n.END_PLACE:
            value = load(self.octets, self.places, self.headers[h + n.H_LENGTH], at)
            value += self.headers[h + n.H_ADD]
            if fixed <= value <= limit - at:
                return at + value
            if value < fixed:
                self.complain(n.LENGTH, field, at, fixed, value)
                return -1
            self.layers[self.layer_count - 1, n.L_END] = limit
            self.complain(self.lacking(limit), field, at, value, limit - at)
            return -1
        if kind == n.END_REST:
            return limit
        return self.measure(self.headers[h + n.H_SCOPE], at, limit)

    def measure(self, scope, at, limit):
        """Where a header ends, by running its program; -1 where it is damaged."""
        kind: cython.longlong
        self.machine.begin(scope, at, limit, self.captured)
        if self.machine.run() == n.FAULTED:
            kind = self.machine.fault_kind
            self.layers[self.layer_count - 1, n.L_END] = (self.machine.cursor + 7) >> 3
            if kind == n.TRUNCATED or kind == n.OVERRUN:
                self.layers[self.layer_count - 1, n.L_END] = limit
            self.complain(kind, self.machine.fault_field, self.machine.fault_at,
                          self.machine.fault_want, self.machine.fault_got)
            return -1
        return (self.machine.cursor + 7) >> 3

    def next(self, h, at, end, limit):
        """What follows the header, or -1: by the tables that its fields open.

        Of several values that one table knows the lowest wins, as with a pair of ports. With no
        octets left, only a header that is cut off is still announced.
        """
        o: cython.Py_ssize_t = self.headers[h + n.H_OPEN] * n.OPEN_COLUMNS
        first: cython.Py_ssize_t = o
        last: cython.Py_ssize_t = o + self.headers[h + n.H_OPENS] * n.OPEN_COLUMNS
        edge: cython.Py_ssize_t
        best: cython.Py_ssize_t = -1
        chosen: cython.Py_ssize_t = -1
        place: cython.Py_ssize_t = -1
        value: cython.longlong = 0
        told: cython.longlong
        least: cython.longlong = 0
        if end == limit and (self.bounded or self.opens[o + n.O_STREAM]):
            return -1
        while o < last:
            if self.opens[o + n.O_PLACE] != place:
                place = self.opens[o + n.O_PLACE]
                value = load(self.octets, self.places, place, at)
            if self.opens[o + n.O_IF] == place:
                told = value
            elif self.opens[o + n.O_IF] >= 0:
                told = load(self.octets, self.places, self.opens[o + n.O_IF], at)
            elif self.opens[o + n.O_WHEN] >= 0:
                told = self.machine.evaluate(self.opens[o + n.O_WHEN], at, limit)
            else:
                told = 1
            if self.opens[o + n.O_LEAST] <= told <= self.opens[o + n.O_MOST]:
                edge = self.find(self.opens[o + n.O_TABLE], value, end, limit)
                if edge >= 0 and (
                    best < 0 or (self.opens[o + n.O_TABLE] == chosen and value < least)
                ):
                    best = edge
                    chosen = self.opens[o + n.O_TABLE]
                    least = value
            o += n.OPEN_COLUMNS
        if best >= 0 or end == limit:
            return best
        o = first
        while o < last:
            if self.tables[self.opens[o + n.O_TABLE] * n.TABLE_COLUMNS + n.T_OTHERS] >= 0:
                if self.opened(o, at, limit):
                    edge = self.follow(self.opens[o + n.O_TABLE], end, limit)
                    if edge >= 0:
                        return edge
            o += n.OPEN_COLUMNS
        return -1

    def opened(self, o, at, limit):
        """Whether the condition of an opens row holds for the header at `at`."""
        told: cython.longlong = 1
        if self.opens[o + n.O_IF] >= 0:
            told = load(self.octets, self.places, self.opens[o + n.O_IF], at)
        elif self.opens[o + n.O_WHEN] >= 0:
            told = self.machine.evaluate(self.opens[o + n.O_WHEN], at, limit)
        return self.opens[o + n.O_LEAST] <= told <= self.opens[o + n.O_MOST]

    def find(self, table, value, at, limit):
        """What a table holds for a value when the octets at `at` follow, or -1."""
        t: cython.Py_ssize_t = table * n.TABLE_COLUMNS
        bits: cython.longlong = self.tables[t + n.T_BITS]
        base: cython.Py_ssize_t = self.tables[t + n.T_BASE]
        mask: cython.Py_ssize_t = (1 << bits) - 1
        slot: cython.Py_ssize_t = (value ^ (value >> bits)) & mask
        k: cython.Py_ssize_t = (base + slot) * n.SLOT_COLUMNS
        while self.slots[k + n.K_EDGE] != -1:
            if self.slots[k + n.K_VALUE] == value:
                if self.slots[k + n.K_EDGE] >= 0:
                    return self.slots[k + n.K_EDGE]
                return self.choose(-2 - self.slots[k + n.K_EDGE], at, limit)
            slot = (slot + 1) & mask
            k = (base + slot) * n.SLOT_COLUMNS
        return -1

    def follow(self, table, at, limit):
        """What follows by its looks, or what a table holds for any other value; or -1."""
        others: cython.Py_ssize_t = self.tables[table * n.TABLE_COLUMNS + n.T_OTHERS]
        return -1 if others < 0 else self.choose(others, at, limit)

    def choose(self, choice, at, limit):
        """Of the headers that claim a value by their looks, the first that looks right, or -1."""
        z: cython.Py_ssize_t = choice * n.CHOICE_COLUMNS
        g: cython.Py_ssize_t = self.choices[z + n.Z_FIRST] * n.GUESS_COLUMNS
        last: cython.Py_ssize_t = g + self.choices[z + n.Z_COUNT] * n.GUESS_COLUMNS
        while g < last:
            if self.guesses[g + n.G_NEEDS] <= limit - at:
                if self.machine.evaluate(self.guesses[g + n.G_WHEN], at, limit):
                    return self.guesses[g + n.G_EDGE]
            g += n.GUESS_COLUMNS
        return self.choices[z + n.Z_DEFAULT]

    def complain(self, kind, field, at, want, got):
        """Note a fault of the innermost layer; what a stream has not yet brought is none."""
        layer: cython.Py_ssize_t = self.layer_count - 1
        i: cython.Py_ssize_t = self.fault_count
        if self.in_stream and (kind == n.TRUNCATED or kind == n.OVERRUN):
            self.layers[layer, n.L_FLAGS] = n.INCOMPLETE
        elif i < n.MAX_FAULTS:
            self.faults[i, n.X_KIND] = kind
            self.faults[i, n.X_LAYER] = layer
            self.faults[i, n.X_FIELD] = field
            self.faults[i, n.X_AT] = at
            self.faults[i, n.X_WANT] = want
            self.faults[i, n.X_GOT] = got
            self.fault_count = i + 1

    def lacking(self, limit):
        """Why octets are missing at `limit`: the capture stops there, or a length says so."""
        return n.TRUNCATED if limit == self.captured else n.OVERRUN
