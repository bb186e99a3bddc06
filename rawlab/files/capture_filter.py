"""Capture filters in libpcap's syntax over batches of a file."""

from __future__ import annotations

from collections.abc import Callable

from rawlab.batch import Batch

_DLT = {100: 11, 101: 12}
"""LINKTYPE_ values that libpcap compiles for under another number on Linux (DLT_)."""
_SNAPLEN = 262_144
_LONGEST = 2**32 - 1

Matches = Callable[[bytes, int], bool]
"""Whether a packet's captured octets, with their length on the wire, match."""


class CaptureFilter:
    """Selects the packets of batches that an expression matches, each by its own link type.

    The expression is compiled by libpcap, once for every link type that turns up.
    """

    def __init__(self, expression: str) -> None:
        """Raises ValueError, with libpcap's complaint, for a wrong expression."""
        self.expression = expression
        self._number = 1
        self._programs: dict[int, Matches] = {1: _compile(expression, 1)}

    def select(self, batch: Batch) -> Batch:
        """The packets that match, numbered anew, in a batch over the same octets.

        Raises ValueError where the expression cannot be compiled for a packet's link type.
        """
        octets = memoryview(batch.octets)
        rows = zip(batch.offset, batch.caplen, batch.length, batch.linktype, strict=True)
        matching = [
            place
            for place, (offset, caplen, length, linktype) in enumerate(rows)
            if self._program(linktype)(bytes(octets[offset : offset + caplen]), length)
        ]
        picked = batch.pick(matching)
        picked.first_number, picked.numbers = self._number, None
        self._number += len(matching)
        return picked

    def _program(self, linktype: int) -> Matches:
        program = self._programs.get(linktype)
        if program is None:
            program = self._programs[linktype] = _compile(self.expression, linktype)
        return program


def _compile(expression: str, linktype: int) -> Matches:
    import cypcap

    try:
        known = cypcap.DatalinkType(_DLT.get(linktype, linktype))
    except ValueError:
        raise ValueError(
            f"capture filter {expression!r}: libpcap does not know link type {linktype}"
        ) from None
    try:
        with cypcap.open_dead(known, _SNAPLEN) as handle:
            program = handle.compile(expression)
    except cypcap.Error as error:
        complaint = str(error.args[-1])
        raise ValueError(f"capture filter {expression!r}: {complaint}") from None

    def matches(octets: bytes, length: int) -> bool:
        header = cypcap.Pkthdr(caplen=len(octets), len=min(length, _LONGEST))
        return bool(program.offline_filter(header, octets))

    return matches
