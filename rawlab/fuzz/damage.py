"""Damage to a draft: one change, told in words, by the declarations of its headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from rawlab.fuzz import numbers
from rawlab.fuzz.chance import Chooser
from rawlab.schema.assembling import lay_out
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.draft import Draft, Layer, as_layer
from rawlab.schema.expression import fields_in
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.items import Items
from rawlab.schema.octets import Extent, Text

LONG_OCTETS = (63, 64, 127, 128, 255, 256, 1023, 4096)
MOST_REPEATS = 64
HOSTILE = ("%n%s%x", "\0", "../../etc/passwd", "'\"<>;--", "\x1b[2J", "￿", "A")
Claimed = Callable[[str], frozenset[int]]


class Damaged(NamedTuple):
    """A draft that was changed, or its octets, and what was done."""

    what: str
    packet: Draft | bytes


def changed(draft: Draft, i: int, **edits: Any) -> Draft:
    """A draft with other values in its layer `i`."""
    layers = [*map(as_layer, draft.layers)]
    layers[i] = layers[i]._replace(edits={**layers[i].edits, **edits}, octets=None)
    return Draft(tuple(layers), draft.payload)


def numbers_of(draft: Draft) -> Iterator[tuple[int, Number[Any]]]:
    """The integers of a draft that can be given, by layer."""
    for i, layer in enumerate(map(as_layer, draft.layers)):
        for field in declaration_of(type(layer.header)).fields:
            if isinstance(field, Number) and not field.private:
                yield i, field


def edge_values(field: Number[Any], header: type[Header]) -> list[int]:
    """The values of a field at and around all that its declaration names."""
    asked = [f.when for f in declaration_of(header).fields
             if f.when is not None and field in set(fields_in(f.when))]
    return numbers.edges(field, numbers.constants_of(asked))


def with_number(draft: Draft, i: int, field: Number[Any], number: int) -> Damaged:
    """The draft with another value of a field."""
    told = f"{field.name} = {field.describe(field.natural(number))}"
    if len(draft.headers) > 1:
        told = f"layer {i + 1}: {told}"
    return Damaged(told, changed(draft, i, **{field.attribute: field.natural(number)}))


def right_value(draft: Draft, i: int, field: Number[Any]) -> int | None:
    """The value that a field has in the octets of a draft; None without a place of its own."""
    octets, laid = lay_out(draft)
    begin = laid[i].built.bits.get(field)
    if begin is None:
        return None
    width = field.bits or 0
    whole = int.from_bytes(octets[laid[i].start : laid[i].end])
    shift = 8 * (laid[i].end - laid[i].start) - begin - width
    raw = whole >> shift & ((1 << width) - 1)
    if field.signed and raw >> width - 1:
        raw -= 1 << width
    return raw * field.scale


# The ways of damage. Each gives None where it finds nothing to do it to.


def edge(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """A value at or around a bound, an unknown one, or any."""
    found = [*numbers_of(draft)]
    if not found:
        return None
    i, field = choose.pick(found)
    header = type(as_layer(draft.layers[i]).header)
    least, most = numbers.raw_range(field)
    if choose.integer(0, 3) == 0:
        scale = abs(field.scale)
        number = scale * choose.integer(least // scale, most // scale)
    else:
        number = choose.pick(edge_values(field, header))
    return with_number(draft, i, field, number)


def lie(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """A length, count or checksum that is not the right one."""
    found = [(i, f) for i, f in numbers_of(draft)
             if f.compute is not None and not f.opens or f.seal is not None or _tells(draft, i, f)]
    if not found:
        return None
    i, field = choose.pick(found)
    least, most = numbers.raw_range(field)
    right = right_value(draft, i, field)
    options = [0, field.scale, most, most - field.scale]
    if right is not None:
        step = abs(field.scale)
        options += [right + step, right - step, 2 * right, right // 2 // step * step,
                    right ^ (most + step) // 2]
    number = choose.pick([v for v in options if least <= v <= most and v != right] or [most])
    damaged = with_number(draft, i, field, number)
    return damaged if right is None else damaged._replace(what=f"{damaged.what}, not {right}")


def _tells(draft: Draft, i: int, field: Field[Any]) -> bool:
    """Whether the length or count of another field follows from its value."""
    fields = declaration_of(type(as_layer(draft.layers[i]).header)).fields
    lengths = [getattr(f, "length", None) for f in fields]
    return any(length is not None and field in set(fields_in(length)) for length in lengths)


def reroute(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """A number of what follows that announces something else."""
    found = [(i, f) for i, f in numbers_of(draft) if f.opens]
    if not found:
        return None
    i, field = choose.pick(found)
    least, most = numbers.raw_range(field)
    known = {value for table in field.opens for value in claimed(table.name)}
    return with_number(draft, i, field, choose.pick(
        [*sorted(v for v in known if least <= v <= most), least, most]))


def _lists(draft: Draft) -> list[tuple[int, Items[Any], tuple[Any, ...]]]:
    found = []
    for i, layer in enumerate(map(as_layer, draft.layers)):
        for field in declaration_of(type(layer.header)).fields:
            if isinstance(field, Items) and not field.private:
                value = layer.edits.get(field.attribute, getattr(layer.header, field.attribute))
                if value:
                    found.append((i, field, tuple(value)))
    return found


def items(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """Items of a list dropped, repeated or in another order."""
    found = _lists(draft)
    if not found:
        return None
    i, field, value = choose.pick(found)
    at = choose.integer(0, len(value) - 1)
    item = value[at]
    way = choose.pick(("dropped", "doubled", "repeated", "reversed", "moved", "none left"))
    times = choose.integer(2, MOST_REPEATS)
    new = {
        "dropped": value[:at] + value[at + 1 :],
        "doubled": (*value[:at], item, item, *value[at + 1 :]),
        "repeated": value[:at] + (item,) * times + value[at + 1 :],
        "reversed": value[::-1],
        "moved": (item, *value[:at], *value[at + 1 :]),
        "none left": (),
    }[way]
    told = f"{field.name}: {way}"
    if way not in ("reversed", "none left"):
        told = f"{field.name}: item {at + 1} {way}" + f" {times} times" * (way == "repeated")
    return Damaged(told, changed(draft, i, **{field.attribute: new}))


def _extents(draft: Draft) -> list[tuple[int, Extent[Any]]]:
    return [(i, field) for i, layer in enumerate(map(as_layer, draft.layers))
            for field in declaration_of(type(layer.header)).fields
            if isinstance(field, Extent) and not field.private]


def overlong(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """Octets or text that are longer than is usual, or hold what nobody expects."""
    found = _extents(draft)
    if not found:
        return None
    i, field = choose.pick(found)
    size = choose.pick(LONG_OCTETS) if field.bits is None else field.bits // 8
    value: Any = b"\xff" * size
    if isinstance(field, Text):
        piece = choose.pick(HOSTILE)
        value = (piece * size)[:size]
    return Damaged(f"{field.name} = {size} octets {value[:8]!r}...",
                   changed(draft, i, **{field.attribute: value}))


def undelimited(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """Octets or text whose delimiter is missing."""
    found = [(i, f) for i, f in _extents(draft) if f.until is not None]
    for i, field in found:
        layer = as_layer(draft.layers[i])
        value = layer.edits.get(field.attribute, getattr(layer.header, field.attribute))
        if value is None:
            continue
        assert field.until is not None
        encoded, octets = field.encode(value), bytes(draft)
        if encoded in octets:
            without = encoded[: -len(field.until)]
            return Damaged(f"{field.name}: without its delimiter {field.until!r}",
                           octets.replace(encoded, without, 1))
    return None


def cut(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """Octets cut off, at random or at the edge of a layer."""
    octets, laid = lay_out(draft)
    if not octets:
        return None
    edges = sorted({at + beside for layer in laid for at in (layer.start, layer.end)
                    for beside in (-1, 0, 1) if 0 <= at + beside < len(octets)})
    size = choose.pick(edges) if choose.integer(0, 1) else choose.integer(0, len(octets) - 1)
    return Damaged(f"cut after {size} of {len(octets)} octets", octets[:size])


def noise(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """A header or the payload replaced by random octets."""
    i = choose.integer(0, len(draft.layers))
    if i == len(draft.layers):
        octets = choose.octets(0, 64)
        return Damaged(f"a payload of {len(octets)} random octets",
                       Draft(draft.layers, octets))
    layers = [*map(as_layer, draft.layers)]
    _, laid = lay_out(draft)
    size = laid[i].end - laid[i].start
    name = declaration_of(type(layers[i].header)).name
    octets, _ = lay_out(draft)
    random = choose.octets(size, size)
    return Damaged(f"layer {i + 1}: {name} replaced by {size} random octets",
                   octets[: laid[i].start] + random + octets[laid[i].end :])


def flips(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """Some bits flipped, checksums left as they were."""
    octets = bytearray(bytes(draft))
    if not octets:
        return None
    places = sorted({choose.integer(0, 8 * len(octets) - 1) for _ in range(choose.integer(1, 4))})
    for bit in places:
        octets[bit // 8] ^= 0x80 >> bit % 8
    return Damaged(f"bits {', '.join(map(str, places))} flipped", bytes(octets))


def layers(draft: Draft, choose: Chooser, claimed: Claimed) -> Damaged | None:
    """A header left out or put twice."""
    if not draft.layers:
        return None
    i = choose.integer(0, len(draft.layers) - 1)
    stack: tuple[Header | Layer, ...] = draft.layers
    name = declaration_of(type(as_layer(stack[i]).header)).name
    if choose.integer(0, 1) and len(stack) > 1:
        return Damaged(f"layer {i + 1}: {name} left out",
                       Draft(stack[:i] + stack[i + 1 :], draft.payload))
    return Damaged(f"layer {i + 1}: {name} twice",
                   Draft(stack[: i + 1] + stack[i:], draft.payload))


WAYS = (edge, edge, edge, lie, lie, reroute, items, items, overlong, undelimited, cut, noise, flips,
        layers)
"""The ways of damage, some more often than others."""
