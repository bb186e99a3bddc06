"""One readable line a packet, for any protocol, from the declarations alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rawlab.text.dump import dump_lines
from rawlab.text.escape import escape
from rawlab.text.line_plan import make_plan
from rawlab.text.line_program import LinePrograms
from rawlab.text.line_writer import LineWriter
from rawlab.text.paint import Paint
from rawlab.text.printer import pieces
from rawlab.text.times import Clock

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet
    from rawlab.text.hexdump import DumpForm
    from rawlab.text.line_plan import Layers, Plan, Stack

MOST_PLANS = 4096
"""Plans that are remembered."""


@dataclass(frozen=True)
class LineForm:
    """What stands on a line besides the packet's ends and its innermost header."""

    link_header: bool = False
    """The first layer's addresses and summary."""
    number: bool = False
    """The packet's number."""


class LinePrinter:
    """Prints each packet on a line, and the dump of its octets if one is asked for."""

    def __init__(
        self,
        clock: Clock,
        paint: Paint,
        form: LineForm | None = None,
        dump: DumpForm | None = None,
    ) -> None:
        self._clock = clock
        self._paint = paint
        self._form = form or LineForm()
        self._dump = dump
        self._plans: dict[Stack, Plan] = {}
        self._writer: LineWriter | None = None

    def heading(self) -> str:
        """Nothing: lines need no heading."""
        return ""

    def texts(self, batch: Batch, count: int) -> Iterator[str]:
        """The lines of the first `count` packets of `batch`, in pieces."""
        if self._dump is None:
            return self._writer_for(batch).texts(batch, count)
        return self._with_dumps(batch, count, self._dump)

    def _writer_for(self, batch: Batch) -> LineWriter:
        """What writes the lines of packets that are decoded as those of `batch` are."""
        if self._writer is None or self._writer.tables is not batch.tables:
            programs = LinePrograms(batch.tables, self._paint, self._plan)
            self._writer = LineWriter(
                programs, self._whole_line, self._clock, number=self._form.number)
        return self._writer

    def _whole_line(self, packet: Packet, name_interface: bool) -> str:
        return self.line(packet, name_interface) + "\n"

    def _with_dumps(self, batch: Batch, count: int, dump: DumpForm) -> Iterator[str]:
        several = len(batch.interfaces) > 1
        for packets in pieces(batch, count):
            lines: list[str] = []
            for packet in packets:
                lines.append(self.line(packet, several))
                lines.extend(dump_lines(packet, dump))
            lines.append("")
            yield "\n".join(lines)

    def _plan(self, stack: Stack) -> Plan:
        """How packets of the layers `stack` are told."""
        plan = self._plans.get(stack)
        if plan is None:
            if len(self._plans) == MOST_PLANS:
                self._plans.clear()
            plan = self._plans[stack] = make_plan(stack, self._form.link_header)
        return plan

    def line(self, packet: Packet, name_interface: bool = False) -> str:
        """The line of one packet, without its end; packets have to come in order."""
        layers = packet.layers
        plan = self._plan(tuple(map(type, layers)))
        stamp = self._clock.stamp(packet.time_ns)
        head = stamp + " " if stamp else ""
        if self._form.number:
            head = f"{packet.number}  {head}"
        if name_interface:
            head += (packet.interface.name or "?") + " "
        for part in plan.link:
            head += f"{part.ends(layers)}{part.title}{part.summary(layers)}, "
        head += plan.main.ends(layers)
        if not head.isprintable():
            head = escape(head)
        return head + self._paint.title(plan.main.title) + self._tail(packet, layers, plan)

    def _tail(self, packet: Packet, layers: Layers, plan: Plan) -> str:
        text = plan.main.summary(layers)
        outer = plan.outer
        if outer is not None:
            text += f" in {outer.ends(layers)}{outer.title}{outer.summary(layers)}"
        quoted = plan.quoted
        if quoted is not None:
            text += f" about {quoted.ends(layers)}{quoted.title}{quoted.summary(layers)}"
        length, captured = packet.length, packet.caplen
        if captured == length:
            text += f", {length} octets"
        else:
            text += f", {captured} of {length} octets"
        if not text.isprintable():
            text = escape(text)
        faults = packet.faults
        if faults:
            text += self._paint.fault(escape(f" [{'; '.join(map(str, faults))}]"))
        return text
