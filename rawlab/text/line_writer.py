"""Lines by the engine, and those that it cannot write in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rawlab.engine import line_codes as c
from rawlab.engine import numbers as n
from rawlab.engine.lines import Liner
from rawlab.schema.declaration import declaration_of
from rawlab.text.line_values import DOTTED, is_domain
from rawlab.text.printer import PIECE
from rawlab.text.times import SECOND_NS, TimeForm

if TYPE_CHECKING:
    from rawlab.batch import Batch, Interface
    from rawlab.packet import Packet
    from rawlab.text.line_program import Programs
    from rawlab.text.times import Clock

ROOM = 1 << 18
"""Octets of lines that are put together before they are handed on."""

FAR = 1 << 61
"""Nanoseconds to a time from which the engine counts no differences."""


class LineWriter:
    """Writes just the lines that `tell` would give, most of them without Python.

    Those of packets with faults, of headers with fields that the engine does not show, and of
    text that has to be escaped are left to `tell`.
    """

    def __init__(
        self, programs: Programs, tell: Callable[[Packet, bool], str], clock: Clock,
        *, number: bool = False, any_packet: bool = False,
    ) -> None:
        """`tell` gives a packet's line, with its end and perhaps the name of its interface.

        `number`: lines begin with the packet's number. `any_packet`: lines are rows that begin
        with nothing, and do not tell faults.
        """
        self.tables = tables = programs.tables
        self._programs = programs
        self._tell = tell
        self._clock = clock
        self._out = bytearray(ROOM)
        self._shown = memoryview(self._out)
        form = TimeForm.CLOCK if clock.form is TimeForm.DATE else clock.form
        self._differs = form in (TimeForm.DELTA, TimeForm.ELAPSED)
        plain = bytes(declaration_of(cls).plain for cls in tables.classes) + b"\0"
        domains = bytes(map(is_domain, tables.row_fields)) + b"\0"
        self._liner = Liner(tables, plain, domains, form, clock.digits, DOTTED)
        if number:
            self._liner.tell_number()
        if any_packet:
            self._liner.tell_any()
        self._hand_over()

    def _hand_over(self) -> None:
        programs = self._programs
        self._liner.learn(
            programs.nodes.table, programs.steps.table, programs.names.table,
            bytes(programs.texts))

    def texts(self, batch: Batch, count: int) -> Iterator[str]:
        """The lines of the first `count` packets of `batch`, in pieces."""
        count = min(count, len(batch))
        self._look_at(batch)
        several = len(batch.interfaces) > 1
        told: list[str] = []
        position = left = 0
        try:
            while position < count:
                position, size, why = self._write(position, count)
                if size:
                    told.append(str(self._shown[:size], "ascii"))
                if why == c.STRANGE and self._learn(batch, position):
                    continue
                if why == c.DAY and self._know_day(batch, position):
                    continue
                if why not in (c.ALL, c.FULL) or not size:
                    told.append(self._tell(batch[position], several))
                    position += 1
                    left += 1
                if why == c.FULL or left == PIECE:
                    yield "".join(told)
                    told.clear()
                    left = 0
        finally:
            self._liner.let_go()
        if told:
            yield "".join(told)

    def _look_at(self, batch: Batch) -> None:
        found = batch._layers()
        faulty = bytearray(max(1, len(batch)))
        for row in found.faults:
            faulty[row[n.X_PACKET]] = 1
        liner = self._liner
        liner.look_at(batch.octets, batch.index, found.begins, found.rows, faulty, self._out)
        if batch.numbers is None:
            liner.number_from(batch.first_number, found.begins)
        else:
            liner.number_from(0, batch.numbers)
        if len(batch.interfaces) > 1:
            self._tell_interfaces(batch.interfaces)
        else:
            liner.tell_interface(False, found.begins, b"")

    def _tell_interfaces(self, interfaces: Sequence[Interface]) -> None:
        places = memoryview(bytearray(16 * len(interfaces))).cast("q")
        texts = bytearray()
        for i, interface in enumerate(interfaces):
            name = interface.name or "?"
            plain = name.isascii() and name.isprintable()
            places[2 * i], places[2 * i + 1] = len(texts), len(name) if plain else -1
            texts += name.encode("ascii", "replace")
        self._liner.tell_interface(True, places, bytes(texts))

    def _write(self, position: int, count: int) -> tuple[int, int, int]:
        if not self._differs:
            return self._liner.write(position, count)
        clock = self._clock
        if abs(clock.reference or 0) > FAR:
            return position, 0, c.LEFT
        self._liner.refer_to(clock.reference)
        written = self._liner.write(position, count)
        clock.reference = self._liner.referring_to()
        return written

    def _learn(self, batch: Batch, position: int) -> bool:
        """Make the program for a packet's stack; False where it cannot be remembered."""
        layers = batch._layers().layers
        stack = tuple(
            self.tables.classes[layers.row(position, i)[n.L_HEADER]]
            for i in range(layers.count(position)))
        if not self._programs.learn(stack):
            return False
        self._hand_over()
        return True

    def _know_day(self, batch: Batch, position: int) -> bool:
        """Tell the engine of the day of a packet; False if it has to be told without it."""
        day = self._clock.day(batch.time_ns[position] // SECOND_NS)
        if day is None:
            return False
        self._liner.set_day(day.low, day.high, day.midnight, day.date.encode("ascii"))
        return True
