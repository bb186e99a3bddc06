"""Reading a whole header: the engine's spans as values in their tree."""

from __future__ import annotations

from typing import Any, NamedTuple

from rawlab.engine import numbers as n
from rawlab.engine.program import Machine
from rawlab.engine.view import View, bounds_of, keep_values, see, source_of, tables_of, values_of
from rawlab.schema.declaration import Declared, Group, declaration_of
from rawlab.schema.error import Malformed
from rawlab.schema.fault import Fault, Kind
from rawlab.schema.field import Field, Span
from rawlab.schema.integer import Number
from rawlab.schema.items import Custom, Nested, One
from rawlab.schema.tables import Tables

INSIDE = ""
"""The key under which a group's view keeps its field values; no attribute has this name."""


class FieldValue(NamedTuple):
    """A field of a packet: its value, and where it lies."""

    field: Field[Any]
    name: str
    value: Any
    bit_offset: int
    """From the packet's first octet."""
    bit_length: int
    items: tuple[FieldValue, ...] = ()
    """Of a field that holds groups: a value for each of them, with its fields as items."""

    @property
    def octet_range(self) -> tuple[int, int]:
        """The octets of the packet that the field touches: first, and the one after its last."""
        return self.bit_offset // 8, (self.bit_offset + self.bit_length + 7) // 8


class Result(NamedTuple):
    """What running a header's program found."""

    spans: list[Span]
    customs: list[Any]
    fault: tuple[int, int, int, int, int, str] | None


def run(view: Declared) -> Result:
    """Run the program of the header that `view` lays over its octets."""
    tables: Tables = tables_of(view)
    _, start, _, limit, captured = bounds_of(view)
    octets = source_of(view).whole()
    machine = tables.borrow_machine()
    try:
        status = machine.start(octets, tables.scope_of[type(view)], start, limit, captured)
        customs: list[Any] = []
        fault = None
        while status == n.WANTS_CUSTOM:
            try:
                status = read_custom(tables, machine, memoryview(octets), customs)
            except Malformed as wrong:
                row, at, _, first = machine.custom()
                fault = (int(Kind.MALFORMED), row, first + wrong.at if wrong.at else at,
                         wrong.want, wrong.got, wrong.reason)
                break
        found = machine.fault_found()
        if found is not None:
            fault = (*found, "")
        return Result(machine.found(), customs, fault)
    finally:
        tables.give_back_machine(machine)


def read_custom(tables: Tables, machine: Machine, octets: memoryview, customs: list[Any]) -> int:
    """Let the custom field at which the machine waits read its value; goes on."""
    row, at, end, first = machine.custom()
    field = tables.row_fields[row]
    assert isinstance(field, Custom)
    value, position = field.read(octets[first:end], at - first, end - first)
    customs.append(value)
    return machine.resume(first + position, len(customs) - 1)


def read_values(view: View) -> dict[str, Any]:
    """The values of a header's fields by attribute; remembered in the view."""
    values = values_of(view)
    if values is None:
        assert isinstance(view, Declared)
        values = {v.field.attribute: v.value for v in field_values(view)}
        keep_values(view, values)
    return values


def field_values(view: Declared) -> tuple[FieldValue, ...]:
    """The fields of a header or group that are there, in wire order; private ones are left out."""
    if source_of(view) is None:
        return given_values(view)
    if isinstance(view, Group):
        inside: tuple[FieldValue, ...] = (values_of(view) or {}).get(INSIDE, ())
        return inside
    origin, _, end, _, _ = bounds_of(view)  # of a damaged header, the end of what is sure
    return tuple(v for v in Tree(view, run(view)).build()
                 if not v.field.private and v.octet_range[1] <= end - origin)


def given_values(view: Declared) -> tuple[FieldValue, ...]:
    """The values that were given to a header that has no octets yet."""
    values = values_of(view) or {}
    return tuple(FieldValue(f, f.name, values[f.attribute], 0, f.bits or 0)
                 for f in declaration_of(type(view)).fields if f.attribute in values)


def shown(found: FieldValue) -> str:
    """A value as text; one that was given as text is that of its number, if it has one."""
    value = found.value
    if isinstance(value, str) and isinstance(found.field, Number):
        try:
            value = found.field.natural(found.field.number(value))
        except ValueError:  # it is refused when the header is built
            return repr(value)
    return found.field.show(value)


def deep_fault(view: Declared, base: int) -> Fault | None:
    """What is wrong inside a header, with its offset counted from octet `base`."""
    declared = declaration_of(type(view))
    _, start, end, _, _ = bounds_of(view)
    if end - start == declared.layout.fixed and declared.plain:
        return None  # nothing but the fixed prefix, which the layer walk has looked at
    found = run(view).fault
    if found is None:
        return None
    kind, row, at, want, got, reason = found
    field = tables_of(view).row_fields[row] if row >= 0 else None
    name = header_field(type(view), field)
    if kind == Kind.VALUE and field is not None and field.require is not None and not reason:
        reason = f"{got} does not meet what the field requires"
    return Fault(Kind(kind), declaration_of(type(view)).name, name, at - base, want, got, reason)


def header_field(cls: type[Declared], field: Field[Any] | None) -> str:
    """A field's name within its header."""
    if field is None:
        return ""
    if field.private and field.owner is not None:  # people know it by what shares its place
        shown = (f for f in declaration_of(field.owner).fields if f.over is field and not f.private)
        field = next(shown, field)
    prefix = declaration_of(cls).name + "."
    return field.name.removeprefix(prefix).removeprefix("_")


class Tree:
    """Turns the spans of one header into values, groups within groups."""

    def __init__(self, view: Declared, result: Result) -> None:
        self.view = view
        self.tables: Tables = tables_of(view)
        self.source = source_of(view)
        self.origin, _, _, _, self.captured = bounds_of(view)
        self.octets = memoryview(self.source.whole())
        self.spans = result.spans
        self.customs = result.customs
        self.children: list[list[int]] = [[] for _ in self.spans]
        self.roots: list[int] = []
        for i, span in enumerate(self.spans):
            parent = span[n.SPAN_PARENT]
            (self.roots if parent < 0 else self.children[parent]).append(i)

    def build(self) -> list[FieldValue]:
        """The values of the header's own fields, with their items inside."""
        return [self.value(i) for i in self.roots]

    def value(self, i: int) -> FieldValue:
        """The value at span `i`."""
        span = self.spans[i]
        field = self.tables.row_fields[span[n.SPAN_FIELD]]
        bit, width = span[n.SPAN_BIT] - 8 * self.origin, span[n.SPAN_BITS]
        if isinstance(field, Nested):
            items = tuple(self.item(field, j) for j in self.children[i])
            groups = tuple(item.value for item in items)
            value: Any = groups
            if isinstance(field, One):
                value = groups[0] if groups else None
            return FieldValue(field, field.name, value, bit, width, items)
        if isinstance(field, Custom):
            return FieldValue(field, field.name, self.customs[span[n.SPAN_VALUE]], bit, width)
        return FieldValue(field, field.name, field.value_at(self.octets, span), bit, width)

    def item(self, field: Field[Any], i: int) -> FieldValue:
        """The group at span `i`, whose values are read already."""
        span = self.spans[i]
        values = tuple(v for v in map(self.value, self.children[i]) if not v.field.private)
        cls = self.tables.scope_classes[span[n.SPAN_SCOPE]]
        group = cls.__new__(cls)
        start, end = span[n.SPAN_BIT] >> 3, (span[n.SPAN_BIT] + span[n.SPAN_BITS] + 7) >> 3
        see(group, self.source, self.origin, start, end, end, self.captured, self.tables)
        keep_values(group, {v.field.attribute: v.value for v in values} | {INSIDE: values})
        return FieldValue(field, field.name, group, span[n.SPAN_BIT] - 8 * self.origin,
                          span[n.SPAN_BITS], values)
