# cython: language_level=3
"""Known paths: what the layer walk has decided before, as a tree over a packet's octets.

Nearly all packets of a capture take one of a few paths: the same headers at the same places. The
walk notes each decision that it makes (this value here, that table's answer there), and the notes
of a packet without faults become a path of this tree. A packet that takes a known path gets its
layers from it; any other is walked. So the tree only saves work: what it says is what the walk
would say. It grows to MAX_NODES, and no further whatever the packets are.
Types stand in `paths.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.lookup import Lookup
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.lookup import Lookup

from rawlab.engine.reader import flat, table


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def load(
    octets: cython.const[cython.uchar][::1],
    nodes: cython.longlong[::1],
    node: cython.Py_ssize_t,
    start: cython.Py_ssize_t,
) -> cython.longlong:
    """The value at the place that a node looks at; its layer's prefix has been checked."""
    at: cython.Py_ssize_t = start + nodes[node + n.N_AT]
    size: cython.Py_ssize_t = nodes[node + n.N_SIZE]
    value: cython.ulonglong = octets[at]
    i: cython.Py_ssize_t
    if nodes[node + n.N_LITTLE]:
        for i in range(1, size):
            value |= cython.cast(cython.ulonglong, octets[at + i]) << (8 * i)
    elif size == 2:
        value = (value << 8) | octets[at + 1]
    elif size > 2:
        for i in range(1, size):
            value = (value << 8) | octets[at + i]
    value = (value >> nodes[node + n.N_SHIFT]) & nodes[node + n.N_MASK]
    return cython.cast(cython.longlong, value) * nodes[node + n.N_SCALE]


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


class Paths:
    """The paths that one walker knows."""

    def __init__(self, tables, layers):
        self.lookup = Lookup(tables)
        self.filters = tables.filters
        self.places = flat(tables.places)
        self.octets = b""
        self.nodes = flat(table(n.MAX_NODES, n.NODE_COLUMNS))
        self.trace = flat(table(n.MAX_STEPS, n.NODE_COLUMNS))
        self.layers = layers
        self.nodes[n.N_CHILD] = -1
        self.count = 1
        self.steps = 0
        self.origin = 0
        self.plain = False

    def look_at(self, octets):
        """The packets are in `octets` from now on."""
        self.octets = octets

    def run(self, start, end, linktype):
        """Fill the layers of the packet in octets start..end; their number, or -1: not known."""
        limit: cython.Py_ssize_t = end
        row: cython.Py_ssize_t = -n.LAYER_COLUMNS
        at: cython.Py_ssize_t
        edge: cython.Py_ssize_t
        kind: cython.longlong
        value: cython.longlong
        node: cython.Py_ssize_t = child(self.nodes, 0, linktype)
        while node > 0:
            kind = self.nodes[node + n.N_KIND]
            if kind == n.ON_OCTET:
                at = start + self.nodes[node + n.N_AT]
                node = child(self.nodes, node, self.octets[at] & self.nodes[node + n.N_MASK])
            elif kind == n.ON_PAIR:
                at = start + self.nodes[node + n.N_AT]
                value = (self.octets[at] << 8) | self.octets[at + 1]
                node = child(self.nodes, node, value & self.nodes[node + n.N_MASK])
            elif kind == n.ON_VALUE:
                node = child(self.nodes, node, load(self.octets, self.nodes, node, start))
            elif kind == n.LAYER:
                at = start + self.nodes[node + n.N_A]
                row += n.LAYER_COLUMNS
                self.layers[row + n.L_HEADER] = self.nodes[node + n.N_C]
                self.layers[row + n.L_START] = at
                at += self.nodes[node + n.N_B]
                self.layers[row + n.L_END] = at
                self.layers[row + n.L_LIMIT] = limit
                self.layers[row + n.L_FLAGS] = 0
                if at > limit:
                    return -1
                node = self.nodes[node + n.N_CHILD]
            elif kind == n.ON_EMPTY:
                node = child(self.nodes, node, start + self.nodes[node + n.N_A] == limit)
            elif kind == n.ON_TABLE:
                value = load(self.octets, self.nodes, node, start)
                edge = self.nodes[node + n.N_A]
                if self.filters[edge * n.FILTER + (value & (n.FILTER - 1))]:
                    edge = self.lookup.find(edge, value)
                else:  # most often so, of ports
                    edge = -1
                node = child(self.nodes, node, edge)
            elif kind == n.LAYER_END:
                at = start + self.nodes[node + n.N_A]
                if at > limit:
                    return -1
                self.layers[row + n.L_END] = at
                node = self.nodes[node + n.N_CHILD]
            elif kind == n.LAYER_REST:
                self.layers[row + n.L_END] = limit
                node = self.nodes[node + n.N_CHILD]
            elif kind == n.NARROWED:
                value = load(self.octets, self.nodes, node, start)
                at = start + self.nodes[node + n.N_A]
                if value == self.nodes[node + n.N_B]:
                    return -1
                value += self.nodes[node + n.N_C]
                if value > limit - at or at + value < self.layers[row + n.L_END]:
                    return -1
                limit = at + value
                self.layers[row + n.L_LIMIT] = limit
                node = self.nodes[node + n.N_CHILD]
            else:
                return row // n.LAYER_COLUMNS + 1
        return -1

    def begin(self, origin, linktype):
        """A packet that takes no known path is walked from octet `origin` on."""
        self.origin = origin
        self.plain = True
        self.steps = 0
        self.trace[n.N_KEY] = linktype

    def note(self, kind, p, at, a, b, c, key):
        """The walk has done `kind`, looking at place `p` of the header at `at`, and found `key`.

        What is known from a value that was looked at before is not noted again.
        """
        step: cython.Py_ssize_t = self.steps * n.NODE_COLUMNS
        before: cython.Py_ssize_t
        i: cython.Py_ssize_t
        if self.steps + 2 > n.MAX_STEPS:
            self.plain = False
            return
        self.trace[step + n.N_KIND] = kind
        self.trace[step + n.N_A] = a
        self.trace[step + n.N_B] = b
        self.trace[step + n.N_C] = c
        self.trace[step + n.N_PLACE] = p
        if p >= 0:
            self.trace[step + n.N_AT] = at - self.origin + self.places[p + n.P_OFFSET]
            self.trace[step + n.N_SIZE] = self.places[p + n.P_SIZE]
            self.trace[step + n.N_SHIFT] = self.places[p + n.P_SHIFT]
            self.trace[step + n.N_MASK] = self.places[p + n.P_MASK]
            self.trace[step + n.N_SCALE] = self.places[p + n.P_SCALE]
            self.trace[step + n.N_LITTLE] = self.places[p + n.P_LITTLE]
            if kind != n.NARROWED:
                for i in range(self.steps):
                    before = i * n.NODE_COLUMNS
                    if self.trace[before + n.N_KIND] >= n.ON_VALUE and (
                        self.trace[before + n.N_PLACE] == p
                        and self.trace[before + n.N_AT] == self.trace[step + n.N_AT]
                    ):
                        return
                if kind == n.ON_VALUE:
                    key = self.simplify(step, key)
        self.steps += 1
        self.trace[step + n.NODE_COLUMNS + n.N_KEY] = key

    def simplify(self, step, key):
        """Make a big-endian value of one or two octets a comparison under a mask; its key."""
        size: cython.longlong = self.trace[step + n.N_SIZE]
        shift: cython.longlong = self.trace[step + n.N_SHIFT]
        if size > 2 or self.trace[step + n.N_LITTLE]:
            return key
        self.trace[step + n.N_KIND] = n.ON_OCTET if size == 1 else n.ON_PAIR
        self.trace[step + n.N_MASK] = self.trace[step + n.N_MASK] << shift
        return (key // self.trace[step + n.N_SCALE]) << shift

    def insert(self):
        """The packet had no faults: its notes become a path, as far as there is room."""
        node: cython.Py_ssize_t = 0
        step: cython.Py_ssize_t
        following: cython.Py_ssize_t
        self.trace[self.steps * n.NODE_COLUMNS + n.N_KIND] = n.LEAF
        for step in range(self.steps + 1):
            following = child(self.nodes, node, self.trace[step * n.NODE_COLUMNS + n.N_KEY])
            if following < 0:
                following = self.grow(node, step * n.NODE_COLUMNS)
                if following < 0:
                    return
            node = following

    def grow(self, node, step):
        """A new child of `node`, made from a noted step; -1 where there is no room for one."""
        new: cython.Py_ssize_t = self.count * n.NODE_COLUMNS
        last: cython.Py_ssize_t = -1
        sibling: cython.Py_ssize_t = self.nodes[node + n.N_CHILD]
        siblings: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        while sibling > 0:
            siblings += 1
            last = sibling
            sibling = self.nodes[sibling + n.N_SIBLING]
        if self.count == n.MAX_NODES or siblings == n.MAX_CHILDREN:
            return -1
        for i in range(n.NODE_COLUMNS):
            self.nodes[new + i] = self.trace[step + i]
        self.nodes[new + n.N_SIBLING] = -1
        self.nodes[new + n.N_CHILD] = -1
        if last < 0:
            self.nodes[node + n.N_CHILD] = new
        else:  # what came first is likely to be the most frequent: it stays first
            self.nodes[last + n.N_SIBLING] = new
        self.count += 1
        return new
