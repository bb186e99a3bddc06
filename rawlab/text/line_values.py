"""How the engine finds and writes the value of a field, where it can do that at all."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rawlab.engine import line_codes as c
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.declaration import declaration_of, fields_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Enum, Flag, Flags, Named, Number, Signed, Unsigned
from rawlab.schema.items import Custom, Items, Nested, One
from rawlab.schema.octets import Octets, Text

if TYPE_CHECKING:
    from rawlab.engine.view import View
    from rawlab.schema import Header
    from rawlab.schema.tables import Tables

_NUMBERS = (Unsigned, Signed, Enum, Flag, Flags)
_ADDRESSES = {MACAddress: c.MAC, IPv4Address: c.IPV4, IPv6Address: c.IPV6}
_OTHERS = {Text: c.TEXT, Octets: c.HEX}
_MEANING = ("show", "natural", "settle", "value_at", "raw", "_read", "_as_natural", "__get__")
"""What a kind of field may define anew, and is then no longer known here."""
_READABLE = frozenset({"utf-8", "utf8", "ascii", "latin-1", "iso-8859-1"})
"""Encodings in which printable ASCII stands for itself."""
_MOST = 2**63 - 1
_MOST_DIGITS = 64
DOTTED = "." in str(ipaddress.IPv6Address("::ffff:192.0.2.1"))
"""This Python writes the last part of an IPv6 address that stands for an IPv4 address with dots."""


class Untold(Exception):
    """The engine cannot write this: Python has to."""


@dataclass(frozen=True)
class Value:
    """Columns of a step, and the names of a number's values or bits."""

    columns: dict[int, int]
    names: tuple[tuple[int, str], ...] = ()

    @property
    def may_be_empty(self) -> bool:
        """Its text may have no letters at all, and be there all the same."""
        return self.columns[c.S_FORM] in (c.TEXT, c.HEX)

    @property
    def has_colons(self) -> bool:
        """It is written with colons."""
        return self.columns[c.S_FORM] in (c.MAC, c.IPV6)


def plain_value(tables: Tables, header: type[Header], name: str) -> Value:
    """How `str` of a field's value is written. Raises Untold."""
    field = _field(header, name)
    kind = _known(field, (Unsigned, Signed, *_ADDRESSES))
    if kind in _ADDRESSES:
        return _address(tables, header, field, kind)
    return Value(_found(tables, header, field) | {c.S_FORM: c.NUMBER})


def shown_value(tables: Tables, header: type[Header], name: str) -> Value:
    """How a summary shows a field's value. Raises Untold."""
    field = _field(header, name)
    if isinstance(field, Nested):
        return _groups(tables, header, field)
    if isinstance(field, Custom):
        return _domain(tables, header, field)
    kind = _known(field, (*_NUMBERS, *_ADDRESSES, *_OTHERS))
    if kind in _ADDRESSES:
        return _address(tables, header, field, kind)
    if kind in _OTHERS:
        return _octets(tables, header, field, kind)
    columns = _found(tables, header, field) | {c.S_DIGITS: _digits(field)}
    if field.names:
        return Value(columns | {c.S_FORM: c.NUMBER}, _names(field))
    if isinstance(field, Flags):
        bits = [(shift, part) for part, (shift, width) in field.parts if width == 1]
        return Value(columns | {c.S_FORM: c.FLAGS}, tuple(bits))
    return Value(columns | {c.S_FORM: c.NUMBER})


def _field(header: type[Header], name: str) -> Field[Any]:
    return next(field for field in fields_of(header) if field.attribute == name)


def _known(field: Field[Any], kinds: tuple[type[Field[Any]], ...]) -> type[Field[Any]]:
    """The kind of a field, which may have a type of its own, but no meaning of its own."""
    for kind in kinds:
        if isinstance(field, kind):
            if any(getattr(type(field), m, None) is not getattr(kind, m, None) for m in _MEANING):
                raise Untold
            return kind
    raise Untold


def _found(tables: Tables, header: type[Header], field: Field[Any]) -> dict[int, int]:
    """Where the engine finds a number."""
    assert isinstance(field, Number)
    bits = field.bits or 0
    if field.scale < 1 or (isinstance(field, Enum) and not issubclass(field.kind, Named)):
        raise Untold
    if isinstance(field, Flag) and (bits != 1 or field.scale != 1):
        raise Untold
    place = declaration_of(header).layout.places.get(field)
    if place is None or field.signed or field.when is not None:
        if field.scale != 1 and not field.signed and field.scale << bits > _MOST:
            raise Untold
        return _by_program(tables, header, field) | {c.S_SIGNED: int(field.signed)}
    mask = (1 << place.bits) - 1
    return {
        c.S_FROM: c.FROM_PLACE, c.S_OFFSET: place.offset, c.S_SIZE: place.size,
        c.S_SHIFT: place.shift, c.S_MASK: mask if mask <= _MOST else -1,
        c.S_LITTLE: int(place.little), c.S_SCALE: field.scale,
    }


def _by_program(tables: Tables, header: type[View], field: Field[Any]) -> dict[int, int]:
    row = tables.row(header, field)
    if row < 0:
        raise Untold
    return {c.S_FROM: c.FROM_FIELD, c.S_OFFSET: row}


def _address(
    tables: Tables, header: type[Header], field: Field[Any], kind: type[Field[Any]]
) -> Value:
    form = {c.S_FORM: _ADDRESSES[kind]}
    if kind is not IPv6Address:
        if field.scale != 1 or field.bits != kind.bits:
            raise Untold
        return Value(_found(tables, header, field) | form)
    place = declaration_of(header).layout.places.get(field)
    if place is None or field.when is not None:
        return Value(_by_program(tables, header, field) | form)
    found = {c.S_FROM: c.FROM_PLACE, c.S_OFFSET: place.offset, c.S_SIZE: 16}
    return Value(found | form)


def cell_value(tables: Tables, header: type[Header], field: Field[Any]) -> Value:
    """How a field's own `show` writes its value, without the names of numbers. Raises Untold."""
    if isinstance(field, Custom):
        return _domain(tables, header, field)
    kind = _known(field, (*_NUMBERS, *_ADDRESSES, *_OTHERS))
    if kind in _ADDRESSES:
        return _address(tables, header, field, kind)
    if kind in _OTHERS:
        return _octets(tables, header, field, kind)
    return Value(_found(tables, header, field) | {c.S_FORM: c.NUMBER, c.S_DIGITS: _digits(field)})


def part_value(tables: Tables, header: type[Header], field: Flags, part: str) -> Value:
    """A run of named bits as a decimal number. Raises Untold."""
    _known(field, (Flags,))
    found = _found(tables, header, field)
    if found[c.S_FROM] != c.FROM_PLACE or field.scale != 1:
        raise Untold
    shift, width = dict(field.parts)[part]
    moved = {c.S_SHIFT: found[c.S_SHIFT] + shift, c.S_MASK: (1 << width) - 1}
    return Value(found | moved | {c.S_FORM: c.NUMBER})


def is_domain(field: Field[Any]) -> bool:
    """Whether a field is a domain name that the engine can read and write."""
    if not isinstance(field, Custom) or not field.domain_name:
        return False
    kind = next(kind for kind in type(field).__mro__ if "domain_name" in vars(kind))
    return all(getattr(type(field), m) is getattr(kind, m) for m in ("read", "show", "_read"))


def _domain(tables: Tables, header: type[View], field: Field[Any]) -> Value:
    if field.names or not is_domain(field):
        raise Untold
    names = ((0, field.show(".")),)
    return Value(_by_program(tables, header, field) | {c.S_FORM: c.DOMAIN}, names)


def _groups(tables: Tables, header: type[Header], field: Nested[Any, Any]) -> Value:
    """The first field of each group, as its own `show` has it."""
    if type(field) not in (Items, One) or field.names:
        raise Untold
    first = next(iter(fields_of(field.group)), None)
    if first is None:
        raise Untold
    if isinstance(first, Custom):
        inside = _domain(tables, field.group, first)
    elif _known(first, (*_NUMBERS, *_ADDRESSES, *_OTHERS)) in _NUMBERS:
        inside = Value({c.S_FORM: c.NUMBER, c.S_DIGITS: _digits(first),
                        c.S_SIGNED: int(isinstance(first, Number) and first.signed)})
    else:
        raise Untold
    row = tables.row(field.group, first)
    if row < 0:
        raise Untold
    columns = inside.columns | _by_program(tables, header, field)
    return Value(columns | {c.S_FROM: c.FROM_GROUPS, c.S_INSIDE: row}, inside.names)


def _octets(
    tables: Tables, header: type[Header], field: Field[Any], kind: type[Field[Any]]
) -> Value:
    if field.names or (isinstance(field, Text) and field.encoding.lower() not in _READABLE):
        raise Untold
    return Value(_by_program(tables, header, field) | {c.S_FORM: _OTHERS[kind]})


def _digits(field: Field[Any]) -> int:
    """How many hexadecimal digits `Number.show` writes; 0: it writes a decimal number."""
    if field.base != 16 or isinstance(field, Flag):
        return 0
    digits = field.digits or 2 * (((field.bits or 0) + 7) // 8)
    if getattr(field, "signed", False) or not 1 <= digits <= _MOST_DIGITS:
        raise Untold
    return digits


def _names(field: Field[Any]) -> tuple[tuple[int, str], ...]:
    """The names of a field's values."""
    assert isinstance(field, Number)
    if any(number > _MOST for number in field.names):
        raise Untold
    least = -_MOST - 1 if field.signed else 0
    return tuple((int(k), name) for k, name in sorted(field.names.items()) if k >= least and name)
