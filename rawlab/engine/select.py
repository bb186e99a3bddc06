# cython: language_level=3
"""Which packets of a batch a selection program picks: rows of tests over the packets' headers.

Nearly all packets take a path that the layer walk knows (see `paths.py`), and there a test is a
comparison at a constant place, or none at all: of a header that the path does not have nothing
holds. So each path gets its own steps, laid when a packet first takes it, and most packets cost
the path alone. A packet that takes no known path is walked, and the tests are asked of its layers.
What rows cannot say is taken once as false and once as true: if both give the same, that is the
verdict. Types stand in `select.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine import select_codes as c
    from cython.cimports.rawlab.engine.walk import Walker
else:
    from rawlab.engine import numbers as n
    from rawlab.engine import select_codes as c
    from rawlab.engine.walk import Walker

from rawlab.engine.reader import flat, table

TOP = cython.declare(cython.ulonglong, 1 << 63)
WORD = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)


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
    if size == 1:
        return value
    if little:
        for i in range(1, size):
            value |= cython.cast(cython.ulonglong, octets[at + i]) << (8 * i)
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
def child(
    nodes: cython.longlong[::1], node: cython.Py_ssize_t, key: cython.longlong
) -> cython.Py_ssize_t:
    """Where the path goes on from `node` when it finds `key`; -1 where that is not known."""
    node = nodes[node + n.N_CHILD]
    while node > 0 and nodes[node + n.N_KEY] != key:
        node = nodes[node + n.N_SIBLING]
    return node


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def look(
    octets: cython.const[cython.uchar][::1],
    nodes: cython.longlong[::1],
    node: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
) -> cython.longlong:
    """The value at the place that a node looks at; its layer's prefix has been checked."""
    value: cython.ulonglong = load(
        octets, start + nodes[node + n.N_AT], nodes[node + n.N_SIZE], nodes[node + n.N_LITTLE])
    value = (value >> nodes[node + n.N_SHIFT]) & nodes[node + n.N_MASK]
    return cython.cast(cython.longlong, value) * nodes[node + n.N_SCALE]


class Selector:
    """Runs one program over batches; one selector serves one thread at a time."""

    def __init__(self, tables, program):
        self.walker = Walker(tables)
        self.nodes = self.walker.paths.nodes
        self.filters = tables.filters
        self.tests = flat(program.tests)
        self.sources = flat(program.sources)
        self.ranges = flat(program.ranges)
        self.settled = program.settled
        self.test_count = program.test_count
        self.root = program.root
        self.doubtful = program.doubtful
        self.layered = program.layered
        self.octets = b""
        self.index = table(n.ROWS, 1)
        self.numbers = flat(table(1, 1))
        self.first_number = 1
        self.counted = True
        self.entries = table(n.MAX_NODES, 2)
        for node in range(n.MAX_NODES):
            self.entries[node, 0] = c.NOT_LAID
        self.steps = flat(table(c.MOST_STEPS, c.STEP_COLUMNS))
        self.targets = flat(table(c.MOST_TESTS, 1))
        self.path = flat(table(n.MAX_LAYERS, 2))
        self.told = flat(table(n.MAX_NODES, 2))
        self.step_count = 0

    def run(
        self,
        octets: cython.const[cython.uchar][::1],
        index: cython.const[cython.longlong][:, ::1],
        count: cython.Py_ssize_t,
        first_number: cython.longlong,
        numbers: cython.const[cython.longlong][::1],
        verdicts: cython.uchar[::1],
    ):
        """The verdicts of packets 0..count-1; returns how many are UNDECIDED.

        The packets' numbers are `numbers`, or if that is empty they follow one another from
        `first_number` on.
        """
        p: cython.Py_ssize_t
        undecided: cython.Py_ssize_t = 0
        verdict: cython.uchar
        self.counted = len(numbers) == 0
        if not self.counted and len(numbers) < count:
            raise ValueError(f"{len(numbers)} numbers for {count} packets")
        self.octets = octets
        self.index = index
        self.first_number = first_number
        self.numbers = numbers
        self.walker.look_at(octets)
        with cython.nogil:
            for p in range(count):
                verdict = self.judge(p)
                verdicts[p] = verdict
                if verdict == c.UNDECIDED:
                    undecided += 1
        self.octets = b""
        self.walker.look_at(b"")
        return undecided

    def judge(self, p):
        """The verdict of one packet."""
        start: cython.Py_ssize_t = self.index[n.OFFSET, p]
        limit: cython.Py_ssize_t = start + self.index[n.CAPLEN, p]
        stop: cython.Py_ssize_t = start
        found: cython.Py_ssize_t = 0
        at: cython.Py_ssize_t
        edge: cython.Py_ssize_t
        kind: cython.longlong
        value: cython.longlong
        node: cython.Py_ssize_t
        if self.root < 0:
            return self.root + c.ENDS
        node = -1 if self.layered else child(self.nodes, 0, self.index[n.LINKTYPE, p])
        while node > 0:  # as in Paths.run
            kind = self.nodes[node + n.N_KIND]
            if kind == n.ON_OCTET:
                at = start + self.nodes[node + n.N_AT]
                node = child(self.nodes, node, self.octets[at] & self.nodes[node + n.N_MASK])
            elif kind == n.ON_PAIR:
                at = start + self.nodes[node + n.N_AT]
                value = (self.octets[at] << 8) | self.octets[at + 1]
                node = child(self.nodes, node, value & self.nodes[node + n.N_MASK])
            elif kind == n.ON_VALUE:
                node = child(self.nodes, node, look(self.octets, self.nodes, node, start))
            elif kind == n.LAYER:
                value = self.nodes[node + n.N_A]
                self.path[2 * found] = self.nodes[node + n.N_C]
                self.path[2 * found + 1] = value
                found += 1
                stop = start + value + self.nodes[node + n.N_B]
                if stop > limit:
                    break
                node = self.nodes[node + n.N_CHILD]
            elif kind == n.ON_EMPTY:
                if self.settled[self.path[2 * found - 2]]:
                    return self.decide(p, start, node, found)
                node = child(self.nodes, node, start + self.nodes[node + n.N_A] == limit)
            elif kind == n.ON_TABLE:
                value = look(self.octets, self.nodes, node, start)
                at = node // n.NODE_COLUMNS * 2
                if self.told[at] == value and self.told[at + 1] > 0:  # as it was the last time
                    node = self.told[at + 1]
                else:
                    edge = self.nodes[node + n.N_A]
                    if self.filters[edge * n.FILTER + (value & (n.FILTER - 1))]:
                        edge = self.walker.lookup.find(edge, value)
                        node = child(self.nodes, node, edge)
                        self.told[at] = value
                        self.told[at + 1] = node
                    else:
                        node = child(self.nodes, node, -1)
            elif kind == n.LAYER_END:
                stop = start + self.nodes[node + n.N_A]
                if stop > limit:
                    break
                node = self.nodes[node + n.N_CHILD]
            elif kind == n.LAYER_REST:
                stop = limit
                node = self.nodes[node + n.N_CHILD]
            elif kind == n.NARROWED:
                value = look(self.octets, self.nodes, node, start)
                at = start + self.nodes[node + n.N_A]
                if value == self.nodes[node + n.N_B]:
                    break
                value += self.nodes[node + n.N_C]
                if value > limit - at or at + value < stop:
                    break
                limit = at + value
                node = self.nodes[node + n.N_CHILD]
            else:
                return self.decide(p, start, node, found)
        return self.walked(p)

    # On a known path.

    def decide(self, p, start, node, found):
        """The verdict of a packet whose path, of `found` layers, ends at `node`."""
        row: cython.Py_ssize_t = node // n.NODE_COLUMNS
        target: cython.longlong = self.entries[row, 0]
        if target == c.NOT_LAID:
            self.lay(row, found)
            target = self.entries[row, 0]
        if target == c.WALKS:
            return self.walked(p)
        if target >= 0:
            target = self.ask(p, start, target)
        if self.doubtful and target != c.YES - c.ENDS:
            target = self.entries[row, 1]
            if target >= 0:
                target = self.ask(p, start, target)
            if target == c.YES - c.ENDS:
                return c.UNDECIDED
        return target + c.ENDS

    def ask(self, p, start, target):
        """Take the steps from `target` on, for the packet at `start`; returns where they end."""
        step: cython.Py_ssize_t
        while target >= 0:
            step = target * c.STEP_COLUMNS
            if self.holds(self.steps[step + c.P_SOURCE], p, start + self.steps[step + c.P_AT]):
                target = self.steps[step + c.P_YES]
            else:
                target = self.steps[step + c.P_NO]
        return target

    def lay(self, node, found):
        """Lay the steps of the path that ends at `node`, as far as there is room."""
        before: cython.Py_ssize_t = self.step_count
        self.entries[node, 0] = self.lay_all(found, False)
        if self.doubtful and self.entries[node, 0] != c.WALKS:
            self.entries[node, 1] = self.lay_all(found, True)
            if self.entries[node, 1] == c.WALKS:
                self.entries[node, 0] = c.WALKS
        if self.entries[node, 0] == c.WALKS:
            self.step_count = before

    def lay_all(self, found, upper):
        """Lay the steps for the layers in `path`; `upper`: what rows cannot say is taken so."""
        t: cython.Py_ssize_t
        target: cython.longlong = self.root
        for t in range(self.test_count):
            target = self.lay_test(t, found, upper)
            if target == c.WALKS:
                break
            self.targets[t] = target
        return target

    def lay_test(self, t, found, upper):
        """Lay the steps of one test; what follows it has been laid."""
        row: cython.Py_ssize_t = t * c.TEST_COLUMNS
        first: cython.Py_ssize_t = self.tests[row + c.T_FIRST]
        s: cython.Py_ssize_t
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        kind: cython.longlong
        yes: cython.longlong = self.tests[row + c.T_YES]
        target: cython.longlong = self.tests[row + c.T_NO]
        yes = yes if yes < 0 else self.targets[yes]
        target = target if target < 0 else self.targets[target]
        for i in range(first + self.tests[row + c.T_COUNT] - 1, first - 1, -1):
            s = i * c.SOURCE_COLUMNS
            kind = self.sources[s + c.S_KIND]
            if yes == target or target == c.WALKS:
                return target
            if kind == c.FROM_INDEX or kind == c.FROM_NUMBER:
                target = self.add_step(s, 0, yes, target)
                continue
            if kind == c.FROM_ANYWHERE:
                if upper != self.tests[row + c.T_NEGATED]:
                    target = yes
                continue
            for j in range(found - 1, -1, -1):
                if self.path[2 * j] != self.sources[s + c.S_HEADER]:
                    continue
                if kind == c.FROM_ELSEWHERE:
                    if upper != self.tests[row + c.T_NEGATED]:
                        return yes
                elif kind == c.FROM_LAYER:
                    return yes
                else:
                    target = self.add_step(s, self.path[2 * j + 1], yes, target)
        return target

    def add_step(self, s, at, yes, no):
        """A new step; WALKS where there is no room."""
        step: cython.Py_ssize_t = self.step_count * c.STEP_COLUMNS
        if self.step_count == c.MOST_STEPS or no == c.WALKS:
            return c.WALKS
        self.steps[step + c.P_SOURCE] = s
        self.steps[step + c.P_AT] = at
        self.steps[step + c.P_YES] = yes
        self.steps[step + c.P_NO] = no
        self.step_count += 1
        return self.step_count - 1

    # Off the known paths.

    def walked(self, p):
        """The verdict of a packet, by its layers."""
        start: cython.Py_ssize_t = self.index[n.OFFSET, p]
        found: cython.Py_ssize_t = self.walker.walk(
            start, start + self.index[n.CAPLEN, p], start + self.index[n.WIRE_LENGTH, p],
            self.index[n.LINKTYPE, p])
        target: cython.longlong = self.ask_layers(p, found, False)
        if self.doubtful and target != c.YES - c.ENDS:
            if self.ask_layers(p, found, True) == c.YES - c.ENDS:
                return c.UNDECIDED
        return target + c.ENDS

    def ask_layers(self, p, found, upper):
        """Where the tests end for a packet of `found` layers, which the walk has left."""
        target: cython.longlong = self.root
        while target >= 0:
            if self.somewhere(target, p, found, upper):
                target = self.tests[target * c.TEST_COLUMNS + c.T_YES]
            else:
                target = self.tests[target * c.TEST_COLUMNS + c.T_NO]
        return target

    def somewhere(self, t, p, found, upper):
        """Whether some source of a test has a value in bounds."""
        row: cython.Py_ssize_t = t * c.TEST_COLUMNS
        first: cython.Py_ssize_t = self.tests[row + c.T_FIRST]
        s: cython.Py_ssize_t
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        kind: cython.longlong
        for i in range(first, first + self.tests[row + c.T_COUNT]):
            s = i * c.SOURCE_COLUMNS
            kind = self.sources[s + c.S_KIND]
            if kind == c.FROM_INDEX or kind == c.FROM_NUMBER:
                if self.holds(s, p, 0):
                    return True
                continue
            if kind == c.FROM_ANYWHERE:
                if upper != self.tests[row + c.T_NEGATED]:
                    return True
                continue
            for j in range(found):
                if self.walker.layers[j * n.LAYER_COLUMNS + n.L_HEADER] != (
                    self.sources[s + c.S_HEADER]
                ):
                    continue
                if kind == c.FROM_ELSEWHERE:
                    if upper != self.tests[row + c.T_NEGATED]:
                        return True
                elif self.has(s, p, j * n.LAYER_COLUMNS):
                    return True
        return False

    def has(self, s, p, row):
        """Whether a source has a value in bounds in the layer of a row that the walk has left."""
        kind: cython.longlong = self.sources[s + c.S_KIND]
        start: cython.Py_ssize_t = self.walker.layers[row + n.L_START]
        end: cython.Py_ssize_t = self.walker.layers[row + n.L_END]
        if kind == c.FROM_PAYLOAD:
            return self.lies_within(s, self.walker.layers[row + n.L_LIMIT] - end)
        if kind == c.FROM_LAYER:
            return True
        if self.sources[s + c.S_IF_SIZE] and (
            start + self.sources[s + c.S_IF_OFFSET] + self.sources[s + c.S_IF_SIZE] > end
        ):
            return False
        if start + self.sources[s + c.S_OFFSET] + self.sources[s + c.S_SIZE] > end:
            return False
        return self.holds(s, p, start)

    # Values.

    def holds(self, s, p, at):
        """Whether the value of a source, in the header at `at`, lies in bounds; it is all there."""
        kind: cython.longlong = self.sources[s + c.S_KIND]
        value: cython.ulonglong
        told: cython.longlong
        if kind == c.FROM_INDEX or kind == c.FROM_NUMBER:
            if kind == c.FROM_INDEX:
                told = self.index[self.sources[s + c.S_OFFSET], p]
            else:
                told = self.first_number + p if self.counted else self.numbers[p]
            return self.lies_within(s, told & self.sources[s + c.S_AND])
        if self.sources[s + c.S_IF_SIZE]:
            value = load(self.octets, at + self.sources[s + c.S_IF_OFFSET],
                         self.sources[s + c.S_IF_SIZE], self.sources[s + c.S_IF_LITTLE])
            value = (value >> self.sources[s + c.S_IF_SHIFT]) & self.sources[s + c.S_IF_MASK]
            told = cython.cast(cython.longlong, value) * self.sources[s + c.S_IF_SCALE]
            if told < self.sources[s + c.S_LEAST] or told > self.sources[s + c.S_MOST]:
                return False
        at += self.sources[s + c.S_OFFSET]
        if self.sources[s + c.S_WIDE]:
            return self.lies_within_wide(s, at)
        value = load(self.octets, at, self.sources[s + c.S_SIZE], self.sources[s + c.S_LITTLE])
        value = (value >> self.sources[s + c.S_SHIFT]) & self.sources[s + c.S_MASK]
        if value & self.sources[s + c.S_SIGN]:
            value |= ~cython.cast(cython.ulonglong, self.sources[s + c.S_MASK])
        if self.sources[s + c.S_FLIP]:
            value ^= TOP
        told = signed(value) * self.sources[s + c.S_SCALE]
        return self.lies_within(s, told & self.sources[s + c.S_AND])

    def lies_within(self, s, value):
        """Whether a value lies in one of the ranges of a source."""
        r: cython.Py_ssize_t = self.sources[s + c.S_RANGE] * c.RANGE_COLUMNS
        last: cython.Py_ssize_t = r + self.sources[s + c.S_RANGES] * c.RANGE_COLUMNS
        if r == last:
            return True
        while r < last:
            if self.ranges[r + c.R_LEAST] <= value <= self.ranges[r + c.R_MOST]:
                return True
            r += c.RANGE_COLUMNS
        return False

    def lies_within_wide(self, s, at):
        """Whether the 128 bits at `at` lie in one of the ranges of a source."""
        r: cython.Py_ssize_t = self.sources[s + c.S_RANGE] * c.RANGE_COLUMNS
        last: cython.Py_ssize_t = r + self.sources[s + c.S_RANGES] * c.RANGE_COLUMNS
        high: cython.longlong = signed(load(self.octets, at, 8, 0) ^ TOP)
        lower: cython.longlong = signed(load(self.octets, at + 8, 8, 0) ^ TOP)
        if r == last:
            return True
        while r < last:
            if (
                (high > self.ranges[r + c.R_LEAST] or (
                    high == self.ranges[r + c.R_LEAST]
                    and lower >= self.ranges[r + c.R_LEAST_LOW]))
                and (high < self.ranges[r + c.R_MOST] or (
                    high == self.ranges[r + c.R_MOST]
                    and lower <= self.ranges[r + c.R_MOST_LOW]))
            ):
                return True
            r += c.RANGE_COLUMNS
        return False


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def signed(value: cython.ulonglong) -> cython.longlong:
    """64 bits as a signed number."""
    if not cython.compiled:
        return (value & WORD) - (((value & WORD) >> 63) << 64)
    return cython.cast(cython.longlong, value)
