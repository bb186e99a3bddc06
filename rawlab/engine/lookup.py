# cython: language_level=3
"""Which header a table holds for a value: a filter, then a hash. Types stand in `lookup.pxd`."""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
else:
    from rawlab.engine import numbers as n

from rawlab.engine.reader import flat


class Lookup:
    """The tables in which headers follow one another."""

    def __init__(self, tables):
        self.tables = flat(tables.tables)
        self.filters = tables.filters
        self.slots = flat(tables.slots)

    def find(self, table, value):
        """The edge that a table holds for a value, -2 or less for a choice by looks, or -1."""
        t: cython.Py_ssize_t
        mask: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        k: cython.Py_ssize_t
        if not self.filters[table * n.FILTER + (value & (n.FILTER - 1))]:
            return -1
        t = table * n.TABLE_COLUMNS
        mask = self.tables[t + n.T_MASK]
        slot = (value ^ (value >> 8)) & mask
        k = self.tables[t + n.T_BASE] + slot * n.SLOT_COLUMNS
        while self.slots[k + n.K_EDGE] != -1:
            if self.slots[k + n.K_VALUE] == value:
                return self.slots[k + n.K_EDGE]
            slot = (slot + 1) & mask
            k = self.tables[t + n.T_BASE] + slot * n.SLOT_COLUMNS
        return -1
