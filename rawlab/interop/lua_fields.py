"""The fields of a declaration as Lua tables: where each lies, and how Wireshark shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rawlab.engine import numbers as n
from rawlab.interop.lua_expression import quoted
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.declaration import Declaration
from rawlab.schema.field import Field
from rawlab.schema.integer import Flag, Flags, Number, Varint
from rawlab.schema.items import Custom, Nested, One
from rawlab.schema.octets import Text
from rawlab.schema.programs import length_line, role_of, unless_of

ROLES = {n.ROLE_HEADER: "header", n.ROLE_TOTAL: "total", n.ROLE_PAYLOAD: "payload"}
ENCODINGS = {"utf-8": "ENC_UTF_8", "ascii": "ENC_ASCII", "latin-1": "ENC_ISO_8859_1",
             "iso-8859-1": "ENC_ISO_8859_1"}
WIDEST_MASK = 32
"""Masks of Wireshark's Lua are numbers; wider fields are added by their value."""
EXACT = 2**53
"""Numbers of Lua are exact below it."""


@dataclass(frozen=True)
class Lie:
    """Where an integer lies, from the octet at which reading stands."""

    first: int
    size: int
    shift: int
    width: int
    little: bool = False
    moves: int = 0
    """Octets by which reading goes on."""
    need: int = 0
    fraction: bool = False
    """It ends within an octet."""

    @property
    def whole(self) -> bool:
        """It fills its octets."""
        return self.shift == 0 and 8 * self.size == self.width

    def mask(self) -> int:
        """The bits of its octets that are its own."""
        return ((1 << self.width) - 1) << self.shift

    def options(self) -> dict[str, str]:
        """It in Lua."""
        found = {"first": str(self.first), "size": str(self.size), "shift": str(self.shift),
                 "width": str(self.width), "moves": str(self.moves), "need": str(self.need)}
        if self.little:
            found["little"] = "true"
        if self.fraction:
            found["fraction"] = "true"
        return found


def lie_of(field: Field[Any], declared: Declaration, phase: int) -> Lie:
    """Where an integer lies that begins `phase` bits after the octet where reading stands."""
    width = field.bits or 0
    word = declared.layout.words.get(field)
    end = phase + width
    if word is not None:
        size, before = word
        need = size - before // 8
        return Lie(-(before // 8), size, before, width, True, end // 8, need, bool(end % 8))
    size = (end + 7) // 8
    return Lie(0, size, 8 * size - end, width, False, end // 8, size, bool(end % 8))


def overlay_of(field: Field[Any], declared: Declaration, phase: int) -> Lie:
    """Where an overlay lies, from the first octet of the field below, which began at `phase`."""
    width = field.bits or 0
    if field in declared.layout.words:
        size, before = declared.layout.words[field]
        return Lie(0, size, before, width, True)
    start = phase + field.bit
    size = (start % 8 + width + 7) // 8
    return Lie(start // 8, size, 8 * size - start % 8 - width, width)


def table_of(options: Mapping[str, str]) -> str:
    """A table of Lua."""
    return "{" + ", ".join(f"{key} = {value}" for key, value in options.items()) + "}"


class FieldTables:
    """Writes the Lua tables of one protocol's fields."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.kinds: dict[str, str] = {}
        """What kind of field each name of Wireshark's is: one of two kinds needs two names."""
        self.names: dict[Field[Any], str] = {}

    def add(self, owner: str, field: Field[Any], options: dict[str, str]) -> str:
        """A table for a field; returns how Lua calls it."""
        key = f"F.{owner}_{field.attribute.strip('_') or 'field'}"
        while key in self.names.values():
            key += "_"
        self.names[field] = key
        options = {"slot": quoted(field.attribute), **options}
        self.lines.append(f"{key} = {table_of(options)}")
        return key

    def integer(self, owner: str, field: Number[Any], lie: Lie) -> str:
        """The table of an integer of fixed width."""
        options = lie.options()
        if field.signed:
            options["signed"] = "true"
        if field.scale != 1:
            options["scale"] = str(field.scale)
        options |= _bounds(field)
        if not field.private:
            options |= self._shown_integer(field, lie)
            if isinstance(field, Flags):
                options["parts"] = self._parts(field, lie)
        return self.add(owner, field, options)

    def _shown_integer(self, field: Number[Any], lie: Lie) -> dict[str, str]:
        plain = field.scale == 1
        if isinstance(field, (MACAddress, IPv4Address)):
            kind = "ether" if isinstance(field, MACAddress) else "ipv4"
            if lie.whole and not lie.little:
                return {"form": '"native"', "field": self.field(kind, field)}
            text = "ether_text" if kind == "ether" else "ipv4_text"
            return {"form": quoted(kind), "field": self.field(kind, field), "text": text}
        masked = plain and not field.signed and 8 * lie.size <= WIDEST_MASK
        if isinstance(field, Flag):
            width = str(8 * lie.size) if masked else "base.NONE"
            mask = f"0x{lie.mask():x}" if masked else "nil"
            form = '"native"' if masked else '"value"'
            return {"form": form, "field": self.field("bool", field, width, "nil", mask)}
        bits = lie.width + abs(field.scale).bit_length() - 1
        if masked and not lie.whole:
            kind, form, mask = f"uint{8 * lie.size}", '"native"', f"0x{lie.mask():x}"
        elif plain and lie.whole and bits in (8, 16, 24, 32, 64):
            kind, form, mask = f"{'int' if field.signed else 'uint'}{bits}", '"native"', "nil"
        elif field.signed or field.scale < 0:
            kind, mask = ("int32" if bits < 32 else "int64"), "nil"
            form = '"value"' if bits < 32 else '"int64"'
        else:
            kind, mask = ("uint32" if bits <= 32 else "uint64"), "nil"
            form = '"value"' if bits <= 32 else '"uint64"'
        return {"form": form, "field": self.field(
            kind, field, base_of(field), names_of(field), mask)}

    def _parts(self, field: Flags, lie: Lie) -> str:
        """The named bits of a field, as a list of tables."""
        found = []
        for name, (shift, width) in field.parts:
            part = Lie(0, lie.size, lie.shift + shift, width, lie.little)
            masked = 8 * lie.size <= WIDEST_MASK
            mask = f"0x{part.mask():x}" if masked else "nil"
            label = quoted(name)
            whole = f"{field.name}.{name}"
            if width == 1:
                made = self._made("bool", whole, label, str(8 * lie.size) if masked else
                                  "base.NONE", "nil", mask)
            else:
                kind = f"uint{8 * lie.size}" if masked else "uint64"
                made = self._made(kind, whole, label, base_of(field), "nil", mask)
            options = part.options() | {"field": made}
            if masked:
                options["masked"] = "true"
            found.append(table_of(options))
        return "{" + ", ".join(found) + "}"

    def other(self, owner: str, field: Field[Any]) -> str:
        """The table of a field that is no integer of fixed width."""
        options: dict[str, str] = {}
        if isinstance(field, Nested):
            by = {n.BY_COUNT: "count", n.BY_LENGTH: "length", n.BY_END: "end"}.get(field.by)
            if by is not None:
                options["by"] = quoted(by)
            if isinstance(field, One):
                options["single"] = "true"
            if field.align > 1:
                options["align"] = str(field.align)
            options["title"] = quoted(field.group._declaration.title)
            options["field"] = self.field("none", field)
        elif not field.private:
            options |= self._shown(field)
        if isinstance(field, Varint) and field.kind == "quic":
            options["quic"] = "true"
        return self.add(owner, field, options)

    def _shown(self, field: Field[Any]) -> dict[str, str]:
        if isinstance(field, Varint):
            return {"field": self.field("uint64", field, base_of(field), names_of(field))}
        if isinstance(field, IPv6Address):
            return {"field": self.field("ipv6", field)}
        if isinstance(field, Custom) and field.domain_name:
            return {"field": self.field("string", field)}
        if isinstance(field, Text):
            encoding = ENCODINGS.get(field.encoding.lower(), "ENC_UTF_8")
            return {"field": self.field("string", field), "encoding": encoding}
        return {"field": self.field("bytes", field)}

    def field(self, kind: str, field: Field[Any], *more: str) -> str:
        """A field of Wireshark's."""
        label = field.label or field.name.rpartition(".")[2].replace("_", " ")
        return self._made(kind, field.name, quoted(label), *more)

    def _made(self, kind: str, name: str, label: str, *more: str) -> str:
        family = "integer" if "int" in kind else kind
        while self.kinds.setdefault(name, family) != family:
            name += f"_{family}"  # one name stands for one kind of value
        given = ", ".join([quoted(kind), quoted(name), label, *more])
        while given.endswith(", nil"):
            given = given.removesuffix(", nil")
        return f"new_field(protocol, {given})"


def _bounds(field: Field[Any]) -> dict[str, str]:
    found = {}
    if field.minimum is not None and abs(field.minimum) < EXACT:
        found["minimum"] = str(field.minimum)
    if field.maximum is not None and abs(field.maximum) < EXACT:
        found["maximum"] = str(field.maximum)
    if field.vital:
        found["vital"] = "true"
    role = ROLES.get(role_of(field))
    if role is not None:
        factor, add = length_line(field)
        found |= {"role": quoted(role), "factor": str(factor), "add": str(add)}
        if unless_of(field) >= 0:
            found["unless"] = str(unless_of(field))
    return found


def base_of(field: Field[Any]) -> str:
    """In which base Wireshark prints a number."""
    return "base.HEX" if field.base == 16 and not getattr(field, "signed", False) else "base.DEC"


def names_of(field: Field[Any]) -> str:
    """The names of a field's values, as a table of Lua."""
    pairs = [f"[{int(value)}] = {quoted(name)}" for value, name in sorted(field.names.items())
             if abs(value) < EXACT]
    return "{" + ", ".join(pairs) + "}" if pairs else "nil"
