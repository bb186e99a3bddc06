"""Making what was chosen fit: lengths count words of several octets, and hold only so many."""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING, Any, NamedTuple

from rawlab.engine import numbers as n
from rawlab.fuzz import numbers
from rawlab.fuzz.variants import may_be_open, variants
from rawlab.schema.code import as_line
from rawlab.schema.compute import Length
from rawlab.schema.declaration import Declared, Group, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.items import Custom, Items, Nested
from rawlab.schema.octets import Extent, Pad, Text

if TYPE_CHECKING:
    from rawlab.fuzz.making import Making


class Room(NamedTuple):
    """What a length can say of some fields: a multiple of `unit` octets, within bounds."""

    fields: tuple[Field[Any], ...]
    unit: int
    least: int
    most: int


def fit(making: Making) -> None:
    """Stretch or shorten what is being made until every length can say how long it is."""
    for room in rooms(making):
        for _ in range(64):
            octets = size_of(making, room.fields)
            if octets > room.most:
                if not shorten(making, room.fields):
                    break
                continue
            missing = max(-octets % room.unit, room.least - octets)
            if missing <= 0 or not stretch(making, room.fields, missing, octets, room):
                break


def rooms(making: Making) -> list[Room]:
    """The lengths that bind what is being made."""
    present = making.present
    inherited = _base_fields(making.cls)
    own = [f for f in present if f not in inherited]
    found = []
    for field in present:
        if not isinstance(field, Number):
            continue
        if isinstance(field.compute, Length) and field.compute.kinds:
            kinds = field.compute.kinds
            if not issubclass(making.cls, Group) and "payload" in kinds:
                continue
            length, (least, most) = field.compute, numbers.allowed_range(field)
            data = () if not issubclass(making.cls, Group) else (making.cls.data,)
            counted = (*(present if "header" in kinds else own), *data)
            found.append(Room(counted, length.divisor * abs(field.scale),
                              (least - length.add) * length.divisor,
                              (most - length.add) * length.divisor))
        for user in making.users.get(field, ()):
            if isinstance(user, Items) and user.by in (n.BY_LENGTH, n.BY_END):
                line = as_line(user.length) if user.length is not None else None
                if line is None or user not in present or field.compute is not None:
                    continue
                _, factor, add = line
                least, most = numbers.allowed_range(field)
                counted = (user,) if user.by == n.BY_LENGTH else tuple(present)
                found.append(Room(counted, lcm(max(1, factor), abs(field.scale)),
                                  least * factor + add, most * factor + add))
    return found


def _base_fields(cls: type[Declared]) -> set[Field[Any]]:
    from rawlab.schema.building import base_of

    if not issubclass(cls, Group):
        return set()
    return set(base_of(cls).fields)


def size_of(making: Making, fields: tuple[Field[Any], ...]) -> int:
    """The octets of some of the fields that are there."""
    bits = 0
    for field in fields:
        if field.over is not None:
            continue
        if isinstance(field, Number):
            bits += field.bits or 0
        elif isinstance(field, Pad):
            bits += 8 * (-(bits // 8) % field.align)
        else:
            bits += 8 * octets_in(field, making.values.get(field.attribute))
    return bits // 8


def octets_in(field: Field[Any], value: Any) -> int:
    """The octets of a field that is no integer of fixed width."""
    if value is None:
        return (field.bits or 0) // 8
    if isinstance(field, Custom):
        return len(field.write(value, b""))
    if not isinstance(field, Nested):
        return len(field.encode(value))
    size = 0
    for group in value if isinstance(value, tuple) else (value,):
        size += len(bytes(group))
        size += -size % field.align
    return size


def _is_free(field: Field[Any]) -> bool:
    """Octets as many as one likes."""
    return isinstance(field, Extent) and field.length is None and field.until is None


def stretch(
    making: Making, fields: tuple[Field[Any], ...], missing: int, octets: int, room: Room
) -> bool:
    """Make what is there longer, or shorter where it cannot be; whether anything changed."""
    for field in reversed(fields):
        value = making.values.get(field.attribute)
        if _is_free(field) and (value is not None or field in making.present):
            filler: Any = "x" if isinstance(field, Text) else b"\0"
            making.values[field.attribute] = (value or filler[:0]) + filler * missing
            return True
        if not isinstance(field, Items) or field.by == n.BY_COUNT or not isinstance(value, tuple):
            continue
        longer = _stretched(value[-1], missing) if value else None
        if longer is not None:
            making.values[field.attribute] = (*value[:-1], longer)
            return True
        filling = _one_octet(field)
        if filling is not None:
            making.values[field.attribute] = (*value, *(filling,) * missing)
            return True
        if value and octets > room.least:
            making.values[field.attribute] = value[:-1]
            return True
    if issubclass(making.cls, Group) and making.cls.data in set(fields):
        making.values["data"] = making.values.get("data", b"") + bytes(missing)
        return True
    return False


def _stretched(group: Group, missing: int) -> Group | None:
    """A group whose last field, if it takes all that follows, is longer; None for others."""
    from rawlab.schema.original import given_values_of

    if not may_be_open(type(group)):
        return None
    values = dict(given_values_of(group))
    for field in reversed(declaration_of(type(group)).fields):
        if _is_free(field):
            filler: Any = "x" if isinstance(field, Text) else b"\0"
            values[field.attribute] = (values.get(field.attribute) or filler[:0]) + filler * missing
            return type(group)(**values)
    return None


def _one_octet(field: Items[Any]) -> Group | None:
    """An item of one octet, to fill with."""
    for cls, _ in variants(field.group):
        if may_be_open(cls):
            continue
        try:
            group = cls()
            if len(bytes(group)) == 1 and field.align == 1:
                return group
        except (ValueError, TypeError):
            continue
    return None


def shorten(making: Making, fields: tuple[Field[Any], ...]) -> bool:
    """Take an item, or half of the octets, from what is too long; whether anything changed."""
    for field in reversed(fields):
        value = making.values.get(field.attribute)
        if isinstance(field, Items) and field.by != n.BY_COUNT and field.last is None and value:
            making.values[field.attribute] = value[:-1]
            return True
        if _is_free(field) and value:
            making.values[field.attribute] = value[: len(value) // 2]
            return True
    return False
