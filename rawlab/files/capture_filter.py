"""Capture filters in libpcap's syntax over batches of a file."""

from __future__ import annotations

from rawlab.batch import Batch
from rawlab.engine import bpf_codes as codes
from rawlab.engine.bpf import Program
from rawlab.engine.gather import find
from rawlab.engine.records import LINKTYPE
from rawlab.schema.tables import matrix

_DLT = {100: 11, 101: 12}
"""LINKTYPE_ values that libpcap compiles for under another number on Linux (DLT_)."""
_SNAPLEN = 262_144

Instructions = list[tuple[int, int, int, int]]
"""Classic BPF: (code, jump if true, jump if false, k)."""


class CaptureFilter:
    """Selects the packets of batches that an expression matches, each by its own link type.

    The expression is compiled by libpcap, once for every link type that turns up; the engine runs
    the program. One filter serves one thread at a time.
    """

    def __init__(self, expression: str) -> None:
        """Raises ValueError, with libpcap's complaint, for a wrong expression."""
        self.expression = expression
        self._number = 1
        self._programs: dict[int, Program] = {}
        self._program(1)

    def select(self, batch: Batch) -> Batch:
        """The packets that match, numbered anew, in a batch over the same octets.

        Raises ValueError where the expression cannot be compiled for a packet's link type.
        """
        verdicts = bytearray([codes.UNASKED]) * batch.count
        left = batch.count
        while left:
            asked = verdicts.index(codes.UNASKED)
            linktype = batch.index[LINKTYPE, asked]
            program = self._program(linktype)
            left = program.run(batch.octets, batch.index, batch.count, linktype, verdicts)
        matching = find(verdicts, codes.ACCEPTED)
        picked = batch.pick(matching)
        picked.first_number, picked.numbers = self._number, None
        self._number += len(matching)
        return picked

    def _program(self, linktype: int) -> Program:
        program = self._programs.get(linktype)
        if program is None:
            rows = matrix(compile_for(self.expression, linktype), codes.INSTRUCTION_COLUMNS)
            program = self._programs[linktype] = Program(rows)
        return program


def compile_for(expression: str, linktype: int, snaplen: int = _SNAPLEN) -> Instructions:
    """The program of an expression for packets of a link type, as libpcap compiles it for files.

    Raises ValueError with libpcap's complaint.
    """
    import cypcap

    try:
        with cypcap.open_dead(_DLT.get(linktype, linktype), snaplen) as handle:
            program = handle.compile(expression)
    except cypcap.Error as error:
        complaint = str(error.args[-1])
        raise ValueError(f"capture filter {expression!r}: {complaint}") from None
    return [(int(code), int(yes), int(no), int(k)) for code, yes, no, k in program]
