"""Reading the values of operands from a packet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from rawlab.engine.view import bounds_of, source_of
from rawlab.filter import tree as t
from rawlab.filter.arithmetic import calculate
from rawlab.filter.functions import call, text_octets
from rawlab.filter.history import History
from rawlab.filter.layers import (
    NONE,
    Reader,
    Values,
    carried_reader,
    enclosed_octets,
    header_octets,
    layered,
)
from rawlab.filter.parts import bounds, cut
from rawlab.filter.tree import Sort
from rawlab.frame import interface_name, is_described, protocols
from rawlab.schema.declaration import declaration_of
from rawlab.schema.items import Custom, Nested
from rawlab.schema.reading import FieldValue, field_values

if TYPE_CHECKING:
    from rawlab.schema.field import Field
    from rawlab.schema.registry import Found

def reader(operand: t.Operand, history: History) -> Reader:
    """What reads the values of an operand from a packet."""
    if isinstance(operand, t.FieldValues):
        return _field_reader(operand)
    if isinstance(operand, t.Layer):
        headers = operand.headers
        return layered(dict.fromkeys(headers, header_octets), operand.layers)
    if isinstance(operand, t.Carried):
        return carried_reader(operand)
    if isinstance(operand, t.Frame):
        return lambda packet: (packet.octets,)
    if isinstance(operand, t.FrameField):
        return _frame_reader(operand.name, history)
    if isinstance(operand, t.Constant):
        value = (operand.low,)
        return lambda packet: value
    if isinstance(operand, t.Slice):
        return _slice_reader(operand, history)
    if isinstance(operand, t.Negative):
        inner = reader(operand.operand, history)
        return lambda packet: [-value for value in inner(packet)]
    if isinstance(operand, t.Arithmetic):
        return _arithmetic_reader(operand, history)
    read = [reader(argument, history) for argument in operand.arguments]
    return call(operand, read)


def wide_reader(operand: t.Operand, history: History) -> Reader:
    """The same for a search, in which a layer's octets are also those that it encloses."""
    if isinstance(operand, t.Layer):
        return layered(dict.fromkeys(operand.headers, enclosed_octets), operand.layers)
    return reader(operand, history)


# Fields.


def _field_reader(operand: t.FieldValues) -> Reader:
    found: dict[type[Any], list[Reader]] = {}
    for source in operand.sources:
        found.setdefault(source.header, []).append(_source_reader(source, operand.sort))
    return layered({kind: _joined(parts) for kind, parts in found.items()}, operand.layers)


def _joined(parts: list[Reader]) -> Reader:
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        first, second = parts
        return lambda layer: (*first(layer), *second(layer))
    return lambda layer: [value for part in parts for value in part(layer)]


def _source_reader(source: Found, sort: Sort) -> Reader:
    """Reads one field of layers of one class."""
    field = source.field
    natural = _form(field, sort)
    if source.part:
        shift, width = dict(field.parts)[source.part]  # type: ignore[attr-defined]
        mask = (1 << width) - 1

        def natural(value: Any) -> int:
            number: int = int(value) >> shift & mask
            return number

    own = declaration_of(source.header).by_attribute.get(field.attribute) is field
    if isinstance(field, Nested):
        return lambda layer: list(_covered(layer, field))
    if not own:
        return lambda layer: [
            value if natural is None else natural(value)
            for found in _occurrences(field_values(layer), field)
            if (value := found.value) is not None]
    get = attrgetter(field.attribute)
    if natural is None:

        def plain(layer: Any) -> Values:
            value = get(layer)
            return NONE if value is None else (value,)

        return plain
    form = natural

    def formed(layer: Any) -> Values:
        value = get(layer)
        return NONE if value is None else (form(value),)

    return formed


def _form(field: Field[Any], sort: Sort) -> Callable[[Any], Any] | None:
    """What makes a natural value the form of its sort; None where it has it already."""
    if sort is Sort.IPV4:
        return int
    if sort is Sort.MAC:
        return _mac_number
    if sort is Sort.IPV6:
        return attrgetter("packed")
    if isinstance(field, Custom):
        return field.show
    return None


@lru_cache(maxsize=4096)
def _mac_number(address: str) -> int:
    return int(address.replace(":", ""), 16)


def _occurrences(values: tuple[FieldValue, ...], field: Field[Any]) -> Iterator[FieldValue]:
    for value in values:
        if value.field is field:
            yield value
        for item in value.items:
            yield from _occurrences(item.items, field)


def _covered(layer: Any, field: Field[Any]) -> Iterator[bytes]:
    """The octets that a field of groups covers, if it covers any."""
    origin = bounds_of(layer)[0]
    for found in _occurrences(field_values(layer), field):
        first, last = found.octet_range
        if first < last:
            yield source_of(layer).cut(origin + first, origin + last)


# The frame.


def _frame_reader(name: str, history: History) -> Reader:
    readers: dict[str, Reader] = {
        "frame.number": lambda packet: (packet.number,),
        "frame.len": lambda packet: (packet.length,),
        "frame.cap_len": lambda packet: (packet.caplen,),
        "frame.time": lambda packet: (packet.time_ns,),
        "frame.time_epoch": lambda packet: (packet.time_ns,),
        "frame.time_relative": lambda packet: (packet.time_ns - history.first_ns,),
        "frame.time_delta": lambda packet: (packet.time_ns - history.before_ns,),
        "frame.time_delta_displayed": lambda packet: (packet.time_ns - history.shown_ns,),
        "frame.interface_id": lambda packet: (
            (packet.interface_number,) if is_described(packet) else NONE),
        "frame.interface_name": lambda packet: (
            (interface_name(packet),) if is_described(packet) else NONE),
        "frame.protocols": lambda packet: (protocols(packet),),
    }
    return readers[name]


# Octets and arithmetic.


def octets_of(value: Any, sort: Sort) -> bytes:
    """A value's octets."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return text_octets(value)
    size = 6 if sort is Sort.MAC else 4
    return int(value).to_bytes(size)


def _slice_reader(operand: t.Slice, history: History) -> Reader:
    inner, sort, parts = operand.operand, operand.operand.sort, operand.parts
    if isinstance(inner, t.Layer):
        cut_one = _layer_slice(parts)
        return layered(dict.fromkeys(inner.headers, cut_one), inner.layers)
    read = reader(inner, history)

    def sliced(packet: Any) -> Values:
        pieces = (cut(octets_of(value, sort), parts) for value in read(packet))
        return [piece for piece in pieces if piece is not None]

    return sliced


def _layer_slice(parts: tuple[t.Part, ...]) -> Reader:
    """Slices layers: places counted from the start reach on into what a layer encloses."""

    def reaches(part: t.Part) -> bool:
        last = part.length if part.end is None else part.end
        return part.start >= 0 and last is not None and last >= 0

    def sliced(layer: Any) -> Values:
        _, start, end, limit, _ = bounds_of(layer)
        source = source_of(layer)
        pieces = []
        for part in parts:
            taken = bounds(part, (limit if reaches(part) else end) - start)
            if taken is not None:
                pieces.append(source.cut(start + taken[0], start + taken[1]))
        return (b"".join(pieces),) if pieces else NONE

    return sliced


def _arithmetic_reader(operand: t.Arithmetic, history: History) -> Reader:
    left, right = reader(operand.left, history), reader(operand.right, history)
    op = operand.op
    if operand.sort is Sort.OCTETS:

        def masked(packet: Any) -> Values:
            return [bytes(x & y for x, y in zip(a, b, strict=True))
                    for a in left(packet) for b in right(packet) if len(a) == len(b)]

        return masked

    def calculated(packet: Any) -> Values:
        results = (calculate(op, a, b) for a in left(packet) for b in right(packet))
        return [result for result in results if result is not None]

    return calculated
