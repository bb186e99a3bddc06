# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The index of a batch, and finding the records of capture files."""

import cython

OFFSET = 0
CAPLEN = 1
LENGTH = 2
TIME_NS = 3
INTERFACE = 4
LINKTYPE = 5
ROWS = 6
