"""Declared fields as scapy's `fields_desc`.

Numbers keep what is on the wire: a scaled one counts its units, as scapy's own do. Fields that
overlay others are left out; the one below them is there. Items whose extent scapy could not tell
(of groups that hold a length of their payload, or alignments) are octets, and so are
custom fields; both reach to the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rawlab.engine import numbers as n
from rawlab.interop.libraries import library
from rawlab.interop.scapy_kinds import (
    ended_field,
    list_field,
    one_field,
    pad_field,
    rest_field,
    signed_field,
    varint_field,
)
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.compute import Length
from rawlab.schema.declaration import Declaration, Group, declaration_of
from rawlab.schema.expression import Constant, Expression, Remaining, parts_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Flags, Number, Varint
from rawlab.schema.items import Custom, Items, Nested, One
from rawlab.schema.known import uncovered
from rawlab.schema.octets import Extent, Pad
from rawlab.schema.programs import length_line
from rawlab.schema.solving import evaluate

MakeClass = Callable[[type[Any], "Grammar"], Any]
_SIZES = {8: "Byte", 16: "Short", 32: "Int", 64: "Long"}


def scapy_name(field: Field[Any]) -> str:
    """The name of a field in scapy; with a low line where scapy's packets have such a name."""
    name = field.attribute.lstrip("_") or "field"
    if field.private and field.owner is not None:
        shown = {other.attribute for other in declaration_of(field.owner).fields}
        name = field.attribute if name in shown else name
    return f"{name}_" if hasattr(library("scapy.packet").Packet, name) else name


class Grammar:
    """Makes the fields of one class, and tells the values of its packets."""

    def __init__(self, cls: type[Any], make_class: MakeClass) -> None:
        self.cls = cls
        self.make_class = make_class
        self.declared: Declaration = declaration_of(cls)
        self.f = library("scapy.fields")

    def fields(self) -> list[Any]:
        """All of them; of a group, the octets that no field covers last."""
        found: list[Any] = []
        for run in self._runs():
            found += [self._conditional(field) for field in run]
        if issubclass(self.cls, Group) and self.cls.data not in set(self.declared.fields):
            found.append(rest_field()("rest", b"", self.end, known=True))
        return found

    def _runs(self) -> list[list[Field[Any]]]:
        """The fields in scapy's order: a little-endian word has its most significant bits first."""
        runs: list[list[Field[Any]]] = []
        words = self.declared.layout.words
        for field in (f for f in self.declared.fields if f.over is None):
            if field in words and words[field][1] > 0:
                runs[-1].insert(0, field)
            else:
                runs.append([field])
        return runs

    def value(self, packet: Any, field: Field[Any]) -> int | None:
        """The value of an integer in a packet of scapy's, its scale in it."""
        if field.over is not None:
            below = self.value(packet, field.over)
            return None if below is None else uncovered(field.over, below, field)
        value = packet.getfieldval(scapy_name(field))
        if isinstance(field, Number) and isinstance(value, str):
            return field.number(value)
        return None if value is None else int(value) * field.scale

    def told(self, packet: Any, expression: Expression) -> int:
        """The value of an expression; 0 where it is not known."""
        def value_of(field: Field[Any]) -> int | None:
            return self.value(packet, field) if self.present(packet, field) else 0

        return evaluate(expression, value_of) or 0

    def present(self, packet: Any, field: Field[Any]) -> bool:
        """Whether the condition of a field holds."""
        return field.when is None or bool(self.told(packet, field.when))

    def implied(self, field: Field[Any]) -> bool:
        """A field's value follows from others when building: a length of what is there."""
        told = [getattr(other, "length", None) for other in self.declared.fields]
        asked = [x for x in (*told, self.declared.when) if x is not None]
        if any(part is field for expression in asked for part in parts_of(expression)):
            return True
        return isinstance(field, (Extent, Nested, Pad)) and field.bits is None

    def _conditional(self, field: Field[Any]) -> Any:
        made = self._made(field)
        if field.when is None:
            return made
        return self.f.ConditionalField(made, lambda packet: self.present(packet, field))

    def _made(self, field: Field[Any]) -> Any:
        name = scapy_name(field)
        if isinstance(field, IPv6Address):
            return library("scapy.layers.inet6").IP6Field(name, self._default(field) or "::")
        if isinstance(field, Number):
            return self._number(name, field)
        if isinstance(field, Varint):
            return varint_field()(name, self._default(field), field)
        if isinstance(field, Pad):
            return pad_field()(name, b"", field.align)
        if isinstance(field, Extent):
            return self._extent(name, field)
        if isinstance(field, (Items, One)) and self._sayable(field):
            return self._items(name, field)
        return self._rest(name)

    def _default(self, field: Field[Any]) -> Any:
        value = field.default
        if value is None or field.compute is not None:
            return None
        if isinstance(field, Number):
            number = field.number(value) // field.scale
            return str(value) if isinstance(field, (MACAddress, IPv4Address)) else number
        if isinstance(field, IPv6Address):
            return str(value)
        return value

    def _number(self, name: str, field: Number[Any]) -> Any:
        f, bits, default = self.f, field.bits or 0, self._default(field)
        word = self.declared.layout.words.get(field)
        whole = bits % 8 == 0 and (word == (bits // 8, 0) or (
            word is None and self._at_octet(field)))
        if whole and word is None and isinstance(field, MACAddress):
            return f.MACField(name, default or "00:00:00:00:00:00")
        if whole and word is None and isinstance(field, IPv4Address):
            return f.IPField(name, default or "0.0.0.0")
        if isinstance(default, str):
            default = field.number(default)
        if not field.has_default and not self.implied(field):
            default = 0
        if whole and bits in _SIZES and not field.names and not isinstance(field, Flags):
            kind = f"{'Signed' if field.signed else ''}{_SIZES[bits]}Field"
            return getattr(f, f"LE{kind}" if word is not None and bits > 8 else kind)(name, default)
        sizes: dict[str, int] = {}
        if word is not None and word[0] > 1:
            if word[1] + bits == 8 * word[0]:
                sizes["tot_size"] = -word[0]
            if word[1] == 0:
                sizes["end_tot_size"] = -word[0]
        if field.signed:
            return signed_field()(name, default, bits, **sizes)
        if isinstance(field, Flags):
            return f.FlagsField(name, default, bits, _bit_names(field), **sizes)
        if field.names and not sizes:
            names = {int(value) // field.scale: text for value, text in field.names.items()}
            return f.BitEnumField(name, default, bits, names)
        return f.BitField(name, default, bits, **sizes)

    def _at_octet(self, field: Field[Any]) -> bool:
        """Whether an integer begins at an octet."""
        bits = 0
        for other in self.declared.fields:
            if other is field:
                return bits % 8 == 0
            if other.over is None:
                bits = bits + (other.bits or 0) if isinstance(other, Number) else 0
        return False

    def _extent(self, name: str, field: Extent[Any]) -> Any:
        default = field.default or b""
        default = default.encode() if isinstance(default, str) else default
        if field.until is not None:
            return ended_field()(name, default, field.until)
        length = field.length
        if length is None or any(isinstance(part, Remaining) for part in parts_of(length)):
            return self._rest(name)
        if isinstance(length, Constant):
            return self.f.StrFixedLenField(name, default, length=length.value)
        return self.f.StrLenField(
            name, default, length_from=lambda packet: self.told(packet, length))

    def _rest(self, name: str) -> Any:
        """Octets to the end of the header or item."""
        return rest_field()(name, b"", self.end)

    def end(self, packet: Any) -> int | None:
        """The octets of a header or item, where one of its fields tells them."""
        for field in self.declared.fields:
            compute = field.compute
            if not isinstance(compute, Length) or "header" not in compute.kinds:
                continue
            if issubclass(self.cls, Group) or compute.kinds == {"header"}:
                value = self.value(packet, field) if self.present(packet, field) else None
                if value is not None and value != compute.unless:
                    factor, add = length_line(field)
                    return value * factor + add
        return None

    def _sayable(self, field: Nested[Any, Any]) -> bool:
        """Whether scapy can tell where each item ends."""
        if field.align > 1 or field.last is not None:
            return False
        if field.length is not None and any(
                isinstance(part, Remaining) for part in parts_of(field.length)):
            return False
        return all(map(_bounded, _variants(field.group)))

    def _items(self, name: str, field: Nested[Any, Any]) -> Any:
        def one(octets: bytes, **_: Any) -> Any:
            return self._item(field.group, octets)

        length, by = field.length, field.by
        if isinstance(field, One):
            return one_field()(name, None, one)
        if by == n.BY_COUNT:
            assert length is not None
            return self.f.PacketListField(
                name, [], one, count_from=lambda packet: self.told(packet, length))
        return list_field()(name, [], one, self._list_end(length, by))

    def _list_end(self, length: Expression | None, by: int) -> Callable[[Any, int], int | None]:
        """How many octets a list takes that begins `at` octets after the header's first."""
        def size(packet: Any, at: int) -> int | None:
            if length is None:
                end = self.end(packet)
                return None if end is None else end - at
            told = self.told(packet, length)
            return told - at if by == n.BY_END else told

        return size

    def _item(self, group: type[Any], octets: bytes) -> Any:
        """An item: read as its base, then again as the variant that the base's fields choose."""
        found = self._class(group)(octets)
        grammar = Grammar(group, self.make_class)
        for variant in group.__subclasses__():
            when = declaration_of(variant).when
            assert when is not None
            if grammar.told(found, when):
                return self._item(variant, octets)
        return found

    def _class(self, group: type[Any]) -> Any:
        made = _CLASSES.get(group)
        if made is None:
            made = _CLASSES[group] = self.make_class(group, Grammar(group, self.make_class))
        return made


_CLASSES: dict[type[Any], Any] = {}
"""The classes of groups: one for each, whatever holds it."""


def _variants(group: type[Any]) -> list[type[Any]]:
    return [group, *(inner for variant in group.__subclasses__() for inner in _variants(variant))]


def _bounded(group: type[Any]) -> bool:
    """Whether the fields of a group tell where it ends."""
    fields = declaration_of(group).fields
    lengths = [f.compute for f in fields if isinstance(f.compute, Length)]
    if any(compute.kinds == {"payload"} for compute in lengths):
        return False
    return not any(isinstance(field, Custom) for field in fields)


def _bit_names(field: Flags) -> list[str]:
    """A name for each bit, the least significant first."""
    names = [f"bit{bit}" for bit in range(field.bits or 0)]
    for name, (shift, width) in field.parts:
        for bit in range(width):
            names[shift + bit] = name if width == 1 else f"{name}{bit}"
    return names
