"""Tests of network code: packets asserted, recorded, replayed and compared with goldens.

It works with any test runner; for pytest, `rawlab.pytest_plugin` makes fixtures of it.
"""

from __future__ import annotations

from rawlab.testing.assertions import assert_packet, expect
from rawlab.testing.values import ANY, between, matching, one_of, where

__all__ = ["ANY", "assert_packet", "between", "expect", "matching", "one_of", "where"]
