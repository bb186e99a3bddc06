"""Rows of fields as steps that the engine takes: those of the common fields and forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rawlab.engine import line_codes as c
from rawlab.engine import numbers as n
from rawlab.schema import fields_of, header_name
from rawlab.schema.groups import walk_fields
from rawlab.schema.integer import Flags
from rawlab.schema.items import Nested
from rawlab.text.field_cells import names_of
from rawlab.text.line_program import Programs
from rawlab.text.line_values import Untold, Value, cell_value, part_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rawlab.schema import Field, Header
    from rawlab.schema.tables import Tables
    from rawlab.text.fields_form import FieldsForm
    from rawlab.text.line_plan import Stack

FRAME = {
    "frame.number": {c.S_OP: c.PACKET_NUMBER},
    "frame.len": {c.S_OP: c.INDEX, c.S_OFFSET: n.WIRE_LENGTH},
    "frame.cap_len": {c.S_OP: c.INDEX, c.S_OFFSET: n.CAPLEN},
    "frame.time_epoch": {c.S_OP: c.SECONDS},
}
"""Fields of the frame, and the steps that write them."""


class RowPrograms(Programs):
    """Rows as `FieldsPrinter` has them, in a form that `fits`."""

    def __init__(
        self, tables: Tables, names: Sequence[str], meanings: Sequence[tuple[str, ...]],
        form: FieldsForm,
    ) -> None:
        super().__init__(tables)
        self._columns = list(zip(names, meanings, strict=True))
        self._form = form

    @staticmethod
    def fits(names: Sequence[str], frame: set[str], form: FieldsForm) -> bool:
        """Whether rows of these names, those in `frame` of the frame, can be written so."""
        return (
            form.occurrence != "l" and not form.quote
            and form.separator.isascii() and form.aggregator.isascii()
            and all(name in FRAME for name in frame.intersection(names))
        )

    def _write(self, stack: Stack) -> None:
        for i, (name, meanings) in enumerate(self._columns):
            if i:
                self._place_literal(self._place(self._form.separator))
            if name in FRAME:
                self.steps.add(FRAME[name])
                continue
            self._cell([
                (layer, value)
                for layer, kind in enumerate(stack)
                for value in self._values(kind, meanings)
            ])

    def _cell(self, values: list[tuple[int, Value]]) -> None:
        """All values, or the first that is there."""
        first = self._form.occurrence == "f"
        self.steps.add({c.S_OP: c.CELL})
        for layer, value in values:
            if len(values) > 1 and value.may_be_empty:
                raise Untold
            self._value(layer, value, "", "", c.JOINED)
            step = self.steps.count - 1
            at, size = self._place("" if first else self._form.aggregator)
            self.steps.set(step, c.S_BEFORE, at)
            self.steps.set(step, c.S_BEFORE_SIZE, size)
            self.steps.set(step, c.S_NEXT, self.steps.count)
        if first and values:
            self._end_phrase(len(values))

    def _values(self, kind: type[Header], meanings: tuple[str, ...]) -> Iterator[Value]:
        """What a header has for a column, in wire order."""
        if header_name(kind) in meanings:
            raise Untold
        found: dict[str, Value] = {}
        for field in fields_of(kind):
            if isinstance(field, Nested):
                continue
            for name, value in self._cells_of(kind, field, meanings):
                found[name] = value
        for field in walk_fields(fields_of(kind)):
            if any(name in meanings and name not in found for name in names_of(field)):
                raise Untold  # within groups
        yield from found.values()

    def _cells_of(
        self, kind: type[Header], field: Field[Any], meanings: tuple[str, ...]
    ) -> Iterator[tuple[str, Value]]:
        for name in names_of(field):
            if name in meanings:
                part = name.removeprefix(field.name + ".")
                if isinstance(field, Flags) and part in dict(field.parts):
                    yield name, part_value(self.tables, kind, field, part)
                else:
                    yield name, cell_value(self.tables, kind, field)
