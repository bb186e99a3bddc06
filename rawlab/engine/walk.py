# cython: language_level=3
"""Finding a packet's layers: one pass over its headers, driven by tables.

Each header is passed over by its fixed prefix alone where that tells its length; only a header
whose length the prefix does not tell is read by its program. Tables are flat here, and `h`, `o`
and so on are where a row begins. What the walk decides it notes, and a packet that takes a known
path is not walked at all (see `paths.py`). Types stand in `walk.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.lookup import Lookup
    from cython.cimports.rawlab.engine.paths import Paths
    from cython.cimports.rawlab.engine.program import Machine
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.lookup import Lookup
    from rawlab.engine.paths import Paths
    from rawlab.engine.program import Machine

from rawlab.engine.reader import flat, table

MOST = cython.declare(cython.longlong, 0x7FFFFFFFFFFFFFFF)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def load(
    octets: cython.const[cython.uchar][::1],
    places: cython.const[cython.longlong][::1],
    p: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
) -> cython.longlong:
    """The scaled value at a place of the header at `start`, whose prefix has been checked."""
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
    if value > MOST:
        return MOST
    return cython.cast(cython.longlong, value) * places[p + n.P_SCALE]


class Walker:
    """Finds the layers of one packet after the other; one walker serves one thread at a time."""

    def __init__(self, tables):
        self.machine = Machine(tables)
        self.headers = flat(tables.headers)
        self.checks = flat(tables.checks)
        self.opens = flat(tables.opens)
        self.tables = flat(tables.tables)
        self.lookup = Lookup(tables)
        self.choices = flat(tables.choices)
        self.guesses = flat(tables.guesses)
        self.places = flat(tables.places)
        self.told = flat(tables.told)
        self.octets = b""
        self.layers = flat(table(n.MAX_LAYERS, n.LAYER_COLUMNS))
        self.faults = table(n.MAX_FAULTS, n.FAULT_COLUMNS)
        self.paths = Paths(tables, self.layers)
        self.layer_count = 0
        self.fault_count = 0
        self.captured = 0
        self.wire = 0
        self.bounded = False
        self.in_stream = False
        self.part = False

    def look_at(self, octets):
        """The packets are in `octets` from now on."""
        self.octets = octets
        self.machine.octets = self.octets
        self.paths.look_at(octets)

    def walk(self, start, end, wire, linktype):
        """Find the layers of the packet in octets start..end, which ended at `wire` on the wire.

        Fills `layers` and `faults`; returns the number of layers.
        """
        at: cython.Py_ssize_t = start
        limit: cython.Py_ssize_t = end
        stop: cython.Py_ssize_t
        edge: cython.Py_ssize_t
        h: cython.Py_ssize_t
        row: cython.Py_ssize_t
        again: cython.Py_ssize_t = -1
        again_at: cython.Py_ssize_t = 0
        again_limit: cython.Py_ssize_t = 0
        self.fault_count = 0
        self.layer_count = self.paths.run(start, end, linktype)
        if self.layer_count >= 0:
            return self.layer_count
        self.paths.begin(start, linktype)
        self.layer_count = 0
        self.captured = end
        self.wire = wire
        self.bounded = False
        self.part = False
        edge = self.lookup.find(n.LINKTYPES, linktype)
        if edge < -1:
            edge = self.choose(-2 - edge, at, limit)
        if edge < 0:
            edge = self.follow(n.LINKTYPES, at, limit)
        while edge >= 0:
            if self.layer_count == n.MAX_LAYERS:
                self.complain(n.LIMIT, -1, at, n.MAX_LAYERS, n.MAX_LAYERS + 1)
                break
            h = (edge >> 1) * n.HEADER_COLUMNS
            row = self.layer_count * n.LAYER_COLUMNS
            self.in_stream = edge & 1
            self.layer_count += 1
            self.layers[row + n.L_HEADER] = edge >> 1
            self.layers[row + n.L_START] = at
            self.layers[row + n.L_FLAGS] = n.PART if self.part else 0
            stop = enter(self, h, row, at, limit)
            if stop < 0:
                break
            if edge & 1:
                self.paths.plain = False
                again = edge
                again_at = self.layers[row + n.L_LIMIT] if self.headers[h + n.H_NARROW] else stop
                again_limit = limit
            limit = self.layers[row + n.L_LIMIT]
            edge = -1
            if self.headers[h + n.H_OPENS] and not (
                self.in_stream and self.layers[row + n.L_FLAGS] & n.INCOMPLETE
            ):
                edge = follow_up(self, h, at, stop, limit)
            at = stop
            if edge < 0 and again >= 0 and again_at < again_limit:
                edge = again
                at = again_at
                limit = again_limit
                again = -1
        if self.paths.plain:
            self.paths.insert()
        return self.layer_count

    def cut_short(self, h, row, at, limit):
        """The octets end within the fixed prefix: what is there is still checked. Returns -1."""
        p: cython.Py_ssize_t = self.headers[h + n.H_LENGTH]
        self.layers[row + n.L_END] = limit
        if not self.holds(h, at, limit):
            return -1
        if self.headers[h + n.H_KIND] == n.END_PLACE and (
            at + self.places[p + n.P_OFFSET] + self.places[p + n.P_SIZE] <= limit
            and load(self.octets, self.places, p, at) + self.headers[h + n.H_ADD]
            < self.headers[h + n.H_FIXED]
        ):
            self.end_after(p, at)
        self.complain(self.lacking(limit), -1, at, self.headers[h + n.H_FIXED], limit - at)
        return -1

    def holds(self, h, at, limit):
        """Whether the prefix lies within its declared bounds; complains where not."""
        c: cython.Py_ssize_t
        p: cython.Py_ssize_t
        i: cython.Py_ssize_t
        first: cython.Py_ssize_t = self.headers[h + n.H_CHECK]
        value: cython.longlong
        for i in range(first, first + self.headers[h + n.H_CHECKS]):
            c = i * n.CHECK_COLUMNS
            p = self.checks[c + n.C_PLACE]
            if at + self.places[p + n.P_OFFSET] + self.places[p + n.P_SIZE] > limit:
                continue
            value = load(self.octets, self.places, self.checks[c + n.C_PLACE], at)
            self.paths.note(n.ON_VALUE, self.checks[c + n.C_PLACE], at, 0, 0, 0, value)
            if value < self.checks[c + n.C_MINIMUM]:
                self.complain(n.LENGTH if self.checks[c + n.C_LENGTH] else n.VALUE,
                              self.checks[c + n.C_FIELD], at + self.places[p + n.P_OFFSET],
                              self.checks[c + n.C_MINIMUM], value)
            elif value > self.checks[c + n.C_MAXIMUM]:
                self.complain(
                    n.VALUE, self.checks[c + n.C_FIELD], at + self.places[p + n.P_OFFSET],
                    self.checks[c + n.C_MAXIMUM], value)
            else:
                continue
            if self.checks[c + n.C_VITAL]:
                self.end_after(self.checks[c + n.C_PLACE], at)
                return False
        return True

    def end_after(self, p, at):
        """The innermost layer ends after the field at a place: what follows cannot be trusted."""
        row: cython.Py_ssize_t = (self.layer_count - 1) * n.LAYER_COLUMNS
        self.layers[row + n.L_END] = at + self.places[p + n.P_OFFSET] + self.places[p + n.P_SIZE]

    def damaged(self, h, row, at, value, limit):
        """The header's length is wrong: too short for its prefix, or beyond `limit`. Returns -1."""
        field: cython.Py_ssize_t = self.headers[h + n.H_LENGTH_FIELD]
        p: cython.Py_ssize_t = self.headers[h + n.H_LENGTH]
        if value < self.headers[h + n.H_FIXED]:
            self.complain(n.LENGTH, field, at + self.places[p + n.P_OFFSET],
                          self.headers[h + n.H_FIXED], value)
            self.end_after(p, at)
        else:
            self.layers[row + n.L_END] = limit
            self.complain(self.lacking(limit), field, at, value, limit - at)
        return -1

    def too_short(self, h, at, length):
        """The length of header and payload does not even cover the fixed prefix. Returns -1."""
        p: cython.Py_ssize_t = self.headers[h + n.H_NARROW_PLACE]
        self.complain(n.LENGTH, self.headers[h + n.H_NARROW_FIELD],
                      at + self.places[p + n.P_OFFSET], self.headers[h + n.H_FIXED], length)
        self.end_after(p, at)
        return -1

    def measure(self, h, row, at, limit):
        """Where a header ends, by running its program; -1 where it is damaged."""
        kind: cython.longlong
        p: cython.Py_ssize_t
        i: cython.Py_ssize_t
        first: cython.Py_ssize_t = self.headers[h + n.H_TOLD]
        last: cython.Py_ssize_t = first + self.headers[h + n.H_TOLDS]
        self.machine.begin(self.headers[h + n.H_SCOPE], at, limit, self.captured)
        if self.machine.run() == n.FAULTED:
            kind = self.machine.fault_kind
            self.layers[row + n.L_END] = (self.machine.cursor + 7) >> 3
            if kind == n.TRUNCATED or kind == n.OVERRUN:
                self.layers[row + n.L_END] = limit
            self.complain(kind, self.machine.fault_field, self.machine.fault_at,
                          self.machine.fault_want, self.machine.fault_got)
            return -1
        if first == last or not self.machine.even() or self.machine.fault_kind:
            self.paths.plain = False
        for i in range(first, last):
            p = self.told[i]
            self.paths.note(n.ON_VALUE, p, at, 0, 0, 0, load(self.octets, self.places, p, at))
        i = (self.machine.cursor + 7) >> 3
        self.paths.note(n.LAYER_END, -1, at, i - self.paths.origin, 0, 0, 0)
        return i

    def holds_when(self, code, at, limit):
        """The value of a condition's code for the header at `at`."""
        self.paths.plain = False
        return self.machine.evaluate(code, at, limit)

    def follow(self, table, at, limit):
        """What follows by its looks, or what a table holds for any other value; or -1."""
        others: cython.Py_ssize_t = self.tables[table * n.TABLE_COLUMNS + n.T_OTHERS]
        return -1 if others < 0 else self.choose(others, at, limit)

    def guess(self, h, at, end, limit):
        """What follows the header where no value is known: by looks, or for any other value."""
        o: cython.Py_ssize_t = self.headers[h + n.H_OPEN] * n.OPEN_COLUMNS
        last: cython.Py_ssize_t = o + self.headers[h + n.H_OPENS] * n.OPEN_COLUMNS
        edge: cython.Py_ssize_t
        told: cython.longlong
        while o < last:
            told = 1
            if self.opens[o + n.O_IF] >= 0:
                told = load(self.octets, self.places, self.opens[o + n.O_IF], at)
            elif self.opens[o + n.O_WHEN] >= 0:
                told = self.machine.evaluate(self.opens[o + n.O_WHEN], at, limit)
            if self.opens[o + n.O_LEAST] <= told <= self.opens[o + n.O_MOST]:
                edge = self.follow(self.opens[o + n.O_TABLE], end, limit)
                if edge >= 0:
                    return edge
            o += n.OPEN_COLUMNS
        return -1

    def choose(self, choice, at, limit):
        """Of the headers that claim a value by their looks, the first that looks right, or -1."""
        z: cython.Py_ssize_t = choice * n.CHOICE_COLUMNS
        g: cython.Py_ssize_t = self.choices[z + n.Z_FIRST] * n.GUESS_COLUMNS
        last: cython.Py_ssize_t = g + self.choices[z + n.Z_COUNT] * n.GUESS_COLUMNS
        self.paths.plain = False
        while g < last:
            if self.guesses[g + n.G_NEEDS] <= limit - at:
                if self.machine.evaluate(self.guesses[g + n.G_WHEN], at, limit):
                    return self.guesses[g + n.G_EDGE]
            g += n.GUESS_COLUMNS
        return self.choices[z + n.Z_DEFAULT]

    def complain(self, kind, field, at, want, got):
        """Note a fault of the innermost layer; what a stream or a fragment lacks is none."""
        layer: cython.Py_ssize_t = self.layer_count - 1
        i: cython.Py_ssize_t = self.fault_count
        self.paths.plain = False
        if (self.in_stream or self.part) and (kind == n.TRUNCATED or kind == n.OVERRUN):
            self.layers[layer * n.LAYER_COLUMNS + n.L_FLAGS] |= n.INCOMPLETE
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


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def enter(
    self: Walker,
    h: cython.Py_ssize_t,
    row: cython.Py_ssize_t,
    at: cython.Py_ssize_t,
    limit: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Pass over the header at `at`: returns where it ends, or -1 where it is damaged.

    Sets the end and the limit of its layer.
    """
    fixed: cython.Py_ssize_t = self.headers[h + n.H_FIXED]
    role: cython.longlong = self.headers[h + n.H_NARROW]
    kind: cython.longlong = self.headers[h + n.H_KIND]
    value: cython.longlong
    inner: cython.Py_ssize_t = limit
    stop: cython.Py_ssize_t = at + fixed
    self.layers[row + n.L_LIMIT] = limit
    if stop > limit:
        return self.cut_short(h, row, at, limit)
    self.layers[row + n.L_END] = stop
    self.paths.note(
        n.LAYER, -1, at, at - self.paths.origin, fixed, self.layers[row + n.L_HEADER], 0)
    if self.headers[h + n.H_CHECKS] and not self.holds(h, at, limit):
        return -1
    if role == n.ROLE_TOTAL:
        inner = narrow(self, h, at, at, limit)
        if inner < stop:
            return self.too_short(h, at, inner - at)
        self.layers[row + n.L_LIMIT] = inner
    if kind == n.END_PLACE:
        value = load(self.octets, self.places, self.headers[h + n.H_LENGTH], at)
        value += self.headers[h + n.H_ADD]
        if value < fixed or value > inner - at:
            return self.damaged(h, row, at, value, inner)
        self.paths.note(n.ON_VALUE, self.headers[h + n.H_LENGTH], at, 0, 0, 0,
                        value - self.headers[h + n.H_ADD])
        stop = at + value
        self.layers[row + n.L_END] = stop
        self.paths.note(n.LAYER_END, -1, at, stop - self.paths.origin, 0, 0, 0)
    elif kind != n.END_FIXED:
        stop = inner
        if kind == n.END_REST and not self.headers[h + n.H_OPENS]:
            self.paths.note(n.LAYER_REST, -1, at, 0, 0, 0, 0)
        elif kind == n.END_REST:
            self.paths.plain = False
        else:
            stop = self.measure(h, row, at, inner)
        if stop < 0:
            return -1
        self.layers[row + n.L_END] = stop
    if role == n.ROLE_PAYLOAD:
        self.layers[row + n.L_LIMIT] = narrow(self, h, at, stop, limit)
    return stop


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def narrow(
    self: Walker,
    h: cython.Py_ssize_t,
    at: cython.Py_ssize_t,
    base: cython.Py_ssize_t,
    limit: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """The end that a length sets, counted from `base`."""
    value: cython.longlong
    if self.headers[h + n.H_NARROW_IF] >= 0:
        value = load(self.octets, self.places, self.headers[h + n.H_NARROW_IF], at)
        self.paths.note(n.ON_VALUE, self.headers[h + n.H_NARROW_IF], at, 0, 0, 0, value)
        if value < self.headers[h + n.H_NARROW_LEAST] or value > self.headers[h + n.H_NARROW_MOST]:
            return limit
    elif self.headers[h + n.H_NARROW_WHEN] >= 0:
        if self.holds_when(self.headers[h + n.H_NARROW_WHEN], at, limit) == 0:
            return limit
    value = load(self.octets, self.places, self.headers[h + n.H_NARROW_PLACE], at)
    if value == self.headers[h + n.H_NARROW_UNLESS]:
        self.paths.plain = False
        return limit
    value += self.headers[h + n.H_NARROW_ADD]
    if value <= limit - base:
        self.bounded = True
        self.paths.note(n.NARROWED, self.headers[h + n.H_NARROW_PLACE], at,
                        base - self.paths.origin, self.headers[h + n.H_NARROW_UNLESS],
                        self.headers[h + n.H_NARROW_ADD], 0)
        return base + value
    self.paths.plain = False
    if limit != self.captured or value > self.wire - base:
        self.complain(
            n.OVERRUN, self.headers[h + n.H_NARROW_FIELD],
            at + self.places[self.headers[h + n.H_NARROW_PLACE] + n.P_OFFSET], value, limit - base)
    return limit


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def follow_up(
    self: Walker,
    h: cython.Py_ssize_t,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    limit: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """What follows the header, or -1: by the tables that its fields open.

    Of several values that one table knows the lowest wins, as with a pair of ports. With no
    octets left, only a header that is cut off is still announced.
    """
    o: cython.Py_ssize_t = self.headers[h + n.H_OPEN] * n.OPEN_COLUMNS
    last: cython.Py_ssize_t = o + self.headers[h + n.H_OPENS] * n.OPEN_COLUMNS
    place: cython.Py_ssize_t = -1
    edge: cython.Py_ssize_t
    best: cython.Py_ssize_t = -1
    chosen: cython.longlong = -1
    value: cython.longlong = 0
    told: cython.longlong
    least: cython.longlong = 0
    self.paths.note(n.ON_EMPTY, -1, at, end - self.paths.origin, 0, 0, end == limit)
    if end == limit and (self.bounded or self.opens[o + n.O_STREAM]):
        return -1
    while o < last:
        if self.opens[o + n.O_PLACE] != place:
            place = self.opens[o + n.O_PLACE]
            value = load(self.octets, self.places, place, at)
        told = 1
        if self.opens[o + n.O_IF] == place:
            told = value
        elif self.opens[o + n.O_IF] >= 0:
            told = load(self.octets, self.places, self.opens[o + n.O_IF], at)
        elif self.opens[o + n.O_WHEN] >= 0:
            told = self.holds_when(self.opens[o + n.O_WHEN], at, limit)
        if self.opens[o + n.O_IF] >= 0:
            self.paths.note(n.ON_VALUE, self.opens[o + n.O_IF], at, 0, 0, 0, told)
        if told >= self.opens[o + n.O_LEAST] and told <= self.opens[o + n.O_MOST]:
            edge = self.lookup.find(self.opens[o + n.O_TABLE], value)
            self.paths.note(n.ON_TABLE, place, at, self.opens[o + n.O_TABLE], 0, 0, edge)
            if edge < -1:
                edge = self.choose(-2 - edge, end, limit)
            if edge >= 0 and best >= 0:
                self.paths.plain = False  # the values decide, of which the notes have the answers
            if edge >= 0 and (
                best < 0 or (self.opens[o + n.O_TABLE] == chosen and value < least)
            ):
                best = edge
                chosen = self.opens[o + n.O_TABLE]
                least = value
        o += n.OPEN_COLUMNS
    if best < 0 and end < limit and self.headers[h + n.H_GUESSES]:
        best = self.guess(h, at, end, limit)
    if best >= 0:
        o = self.headers[h + n.H_OPEN] * n.OPEN_COLUMNS
        told = 1
        if self.opens[o + n.O_PART_IF] >= 0:
            told = load(self.octets, self.places, self.opens[o + n.O_PART_IF], at)
            self.paths.note(n.ON_VALUE, self.opens[o + n.O_PART_IF], at, 0, 0, 0, told)
        if told >= self.opens[o + n.O_PART_LEAST] and told <= self.opens[o + n.O_PART_MOST]:
            self.part = True
            self.paths.plain = False
    return best
