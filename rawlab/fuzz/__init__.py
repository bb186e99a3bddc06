"""Packets that try a receiver: valid ones, and damaged ones, from any declaration and a seed."""

from __future__ import annotations

from rawlab.fuzz.generating import Case, Fuzzer, case, packets
from rawlab.fuzz.making import make_header

__all__ = ["Case", "Fuzzer", "case", "make_header", "packets"]
