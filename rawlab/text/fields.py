"""`-T fields`: chosen fields of each packet, a row a packet, as tshark prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rawlab.text.field_cells import Cells, StackCells, Values
from rawlab.text.fields_form import FieldsForm
from rawlab.text.frame_fields import FrameFields
from rawlab.text.line_writer import LineWriter
from rawlab.text.printer import pieces
from rawlab.text.row_program import RowPrograms
from rawlab.text.times import Clock, TimeForm

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet
    from rawlab.schema import Header
    from rawlab.schema.registry import Registry

_EITHER = {"port": ("srcport", "dstport"), "addr": ("src", "dst")}
"""Names that mean either of two fields, which both are printed."""
_BOM = "\ufeff"

Layers = tuple["Header", ...]


class UnknownField(ValueError):
    """Fields were asked for that no declared protocol has."""


class FieldsPrinter:
    """Prints rows of the fields called `names`."""

    def __init__(self, names: Sequence[str], registry: Registry, form: FieldsForm) -> None:
        """Raises UnknownField, which tells names that are near."""
        self._names = list(names)
        self._form = form
        self._frame = FrameFields()
        self._meanings = _meanings(names, registry, self._frame)
        self._cells = Cells(self._meanings)
        self._by_engine = RowPrograms.fits(names, set(self._frame.printers), form)
        self._writer: LineWriter | None = None
        self._rows: dict[tuple[type[Header], ...], Callable[[Packet, Layers], str]] = {}

    def heading(self) -> str:
        """The names, if a header was asked for."""
        bom = _BOM if self._form.bom else ""
        return bom + self._form.separator.join(self._names) + "\n" if self._form.header else bom

    def texts(self, batch: Batch, count: int) -> Iterator[str]:
        """The rows of the first `count` packets of `batch`."""
        if self._by_engine:
            yield from self._writer_for(batch).texts(batch, count)
            return
        for packets in pieces(batch, count):
            yield "".join(map(self._row, packets))

    def _writer_for(self, batch: Batch) -> LineWriter:
        """What writes the rows of packets that are decoded as those of `batch` are."""
        if self._writer is None or self._writer.tables is not batch.tables:
            programs = RowPrograms(batch.tables, self._names, self._meanings, self._form)
            self._writer = LineWriter(
                programs, lambda packet, _: self._row(packet), Clock(TimeForm.NONE),
                any_packet=True)
        return self._writer

    def _row(self, packet: Packet) -> str:
        self._frame.see(packet)
        layers = packet.layers
        stack = tuple(map(type, layers))
        row = self._rows.get(stack)
        if row is None:
            row = self._rows[stack] = self._make_row(stack)
        return row(packet, layers)

    def _make_row(self, stack: tuple[type[Header], ...]) -> Callable[[Packet, Layers], str]:
        """A function that prints the row of a packet of these layers."""
        inside = StackCells(self._cells, stack)
        columns: list[Callable[[Packet, Layers], str]] = []
        for column, name in enumerate(self._names):
            frame = self._frame.printers.get(name)
            if frame is not None:
                columns.append(self._quoted(_of_packet(frame)))
            else:
                columns.append(self._quoted(self._joined(inside.column(column))))
        separator = self._form.separator

        def row(packet: Packet, layers: Layers) -> str:
            return separator.join([column(packet, layers) for column in columns]) + "\n"

        return row

    def _joined(self, values: Values | None) -> Callable[[Packet, Layers], str]:
        """The cell of all occurrences of a field, or of the one that was asked for."""
        if values is None:
            return lambda packet, layers: ""
        occurrence, aggregator = self._form.occurrence, self._form.aggregator
        if occurrence == "a":
            return lambda packet, layers: aggregator.join(values(layers))
        last = occurrence == "l"

        def cell(packet: Packet, layers: Layers) -> str:
            found = values(layers)
            if not found:
                return ""
            return found[-1] if last else found[0]

        return cell

    def _quoted(
        self, cell: Callable[[Packet, Layers], str]
    ) -> Callable[[Packet, Layers], str]:
        quote = self._form.quote
        if not quote:
            return cell

        def quoted(packet: Packet, layers: Layers) -> str:
            text = cell(packet, layers)
            return quote + text + quote if text else ""

        return quoted


def _of_packet(printer: Callable[[Packet], str]) -> Callable[[Packet, Layers], str]:
    return lambda packet, layers: printer(packet)


def _meanings(
    names: Sequence[str], registry: Registry, frame: FrameFields
) -> list[tuple[str, ...]]:
    """The fields that each name means: usually itself; nothing for those of the frame."""
    known = registry.field_names()
    meanings: list[tuple[str, ...]] = []
    wrong: list[str] = []
    for name in names:
        prefix, _, last = name.rpartition(".")
        either = tuple(f"{prefix}.{part}" for part in _EITHER.get(last, ()))
        if name in frame.printers:
            meanings.append(())
        elif name in known or name in registry:
            meanings.append((name,))
        elif either and all(part in known for part in either):
            meanings.append(either)
        else:
            wrong.append(f"no field is named {name!r}{_near(name, [*known, *frame.printers])}")
    if wrong:
        raise UnknownField("; ".join(wrong))
    return meanings


def _near(name: str, known: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, 3, 0.6)
    return f" (near it: {', '.join(near)})" if near else ""
