"""Declared headers as a dissector for Wireshark and tshark, in Lua."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rawlab.engine import numbers as n
from rawlab.interop.lua_expression import number, quoted, quoted_octets, truth
from rawlab.interop.lua_fields import FieldTables, lie_of, overlay_of, table_of
from rawlab.interop.lua_runtime import RUNTIME
from rawlab.schema.address import IPv6Address
from rawlab.schema.declaration import Declaration, Group, Header, declaration_of
from rawlab.schema.expression import Expression, fields_in
from rawlab.schema.field import Field
from rawlab.schema.integer import Number, Varint
from rawlab.schema.items import Custom, Nested
from rawlab.schema.octets import Extent, Pad
from rawlab.schema.opening import Follows
from rawlab.schema.prefix import holds_custom
from rawlab.schema.programs import overlays_early, resolve

HEADING = """\
-- {names}: a dissector for Wireshark, written by `rawlab export wireshark` from declarations.
-- Load it by `tshark -X lua_script:FILE`, or put it into Wireshark's folder of Lua plugins.
-- Where Wireshark has a protocol of that name itself, "rawlab_" stands before the names here.
"""


def lua_of(headers: Sequence[type[Header]]) -> str:
    """A Lua script with a dissector for each of `headers`.

    Fields have their dotted names. What Lua cannot read, a custom field other than a domain name,
    is shown as octets up to the end of what encloses it.
    """
    names = ", ".join(dict.fromkeys(declaration_of(header).name for header in headers))
    parts = [HEADING.format(names=names), RUNTIME, _ADDRESSES]
    taken: dict[str, int] = {}
    follows = []
    for header in headers:
        name = declaration_of(header).name
        taken[name] = taken.get(name, 0) + 1
        form = name if taken[name] == 1 else f"{name}_form{taken[name]}"
        parts.append(Script(header, form).text())
        follows += [_follow(entry, header, form) for entry in declaration_of(header).follows]
    return "\n".join([*parts, "-- Where each follows.", "", *follows, ""])


_ADDRESSES = r"""
local function ether_text(n)
  local octets = {}
  for i = 1, 6 do octets[i] = string.format("%02x", math.floor(number(n) / 256 ^ (6 - i)) % 256) end
  return table.concat(octets, ":")
end

local function ipv4_text(n)
  local octets = {}
  for i = 1, 4 do octets[i] = string.format("%d", math.floor(n / 256 ^ (4 - i)) % 256) end
  return table.concat(octets, ".")
end

local P = {}  -- protocols
"""


def lua_name(text: str) -> str:
    """A text as a name of Lua."""
    return re.sub(r"\W", "_", text)


def heading(declared: Declaration) -> str:
    """A title without what explains it, and without its full stop."""
    return re.split("[:;] ", declared.title)[0].removesuffix(".")


def _follow(entry: Follows, header: type[Header], form: str) -> str:
    options = {"table": quoted(entry.table),
               "values": "{" + ", ".join(map(str, entry.values)) + "}"}
    if entry.looks is not None:
        options["looks"] = _looks(declaration_of(header), resolve(entry.looks, header))
    return f"follow({table_of(options)}, P[{quoted(form)}])"


def _looks(declared: Declaration, looks: Expression) -> str:
    """A function of Lua that judges a header by its fixed prefix."""
    places = {f: declared.layout.places[f] for f in fields_in(looks)}
    seen = max((place.offset + place.size for place in places.values()), default=0)

    def refer(field: Field[Any]) -> str:
        place = places[field]
        told = {"size": place.size, "shift": place.shift, "width": place.bits}
        options = {key: str(value) for key, value in told.items()}
        if place.little:
            options["little"] = "true"
        read = f"raw(tvb, {place.offset}, {table_of(options)})"
        if getattr(field, "signed", False):
            read = f"signed({read}, {place.bits})"
        read = f"number({read})"
        return read if field.scale == 1 else f"({read} * {field.scale})"

    return (f"function(tvb) return tvb:len() >= {seen} and {truth(looks, refer)} end")


class Script:
    """Writes the dissector of one header."""

    def __init__(self, header: type[Header], form: str) -> None:
        self.header = header
        self.form = form
        self.declared = declaration_of(header)
        self.tables = FieldTables()
        self.functions: list[str] = []
        self.readers: dict[type, str] = {}
        self.phases: dict[Field[Any], int] = {}

    def text(self) -> str:
        """All of it."""
        read = self.reader(self.header, self.declared.fields)
        lines = [f"-- {self.declared.name}: {self.declared.title}", "", "do",
                 f"local protocol = new_protocol({quoted(self.form)}, {quoted(self.title())})",
                 f"P[{quoted(self.form)}] = protocol", "local F, R = {}, {}",
                 *self.tables.lines, "", *self.functions, f"protocol.read = {read}"]
        if any(entry.stream for entry in self.declared.follows):
            lines.append("protocol.stream = true")
        tail = self.declared.layout.tail
        if tail and (tail[-1].takes_rest or any(map(holds_custom, tail))):
            lines.append("protocol.takes_rest = true")
        return "\n".join([*lines, *self.next(), "finish(protocol)", "end", ""])

    def title(self) -> str:
        """What Wireshark calls the protocol."""
        return heading(self.declared)

    def reader(self, cls: type[Any], fields: Sequence[Field[Any]]) -> str:
        """The function that reads a scope: a header, a group, or what a variant adds."""
        if cls in self.readers:
            return self.readers[cls]
        name = f"R.{lua_name(cls.__name__)}"
        while name in self.readers.values():
            name += "_"
        self.readers[cls] = name
        body = [*self.steps(cls, fields), *self.leaving(cls)]
        self.functions += [f"{name} = function(s)", "  local v = s.v",
                           *(f"  {line}" for line in body), "end", ""]
        return name

    def steps(self, cls: type[Any], fields: Sequence[Field[Any]]) -> Iterator[str]:
        """A line for each field."""
        declared = declaration_of(cls)
        owner = lua_name(cls.__name__)
        phase = 0
        for field in fields:  # where each lies is told by those before it, not by the order here
            if field.over is None:
                self.phases[field] = phase
                phase = (phase + (field.bits or 0)) % 8 if isinstance(field, Number) else 0
        for field in overlays_early(fields):
            step = self.step(declared, owner, field)
            if field.when is not None:
                step = f"if {truth(field.when, self.refer)} then {step} end"
            yield step
            if field.require is not None:
                holds = truth(resolve(field.require, cls), self.refer)
                yield (f"if v[{quoted(field.attribute)}] and not {holds} then "
                       f'note(s, "value", {quoted(field.name)} .. " does not meet what it '
                       'requires") end')

    def step(self, declared: Declaration, owner: str, field: Field[Any]) -> str:
        """The call that reads one field."""
        if field.over is not None:
            assert isinstance(field, Number)
            lie = overlay_of(field, declared, self.phases[field.over])
            key = self.tables.integer(owner, field, lie)
            return f"overlay(s, {key}, {quoted(field.over.attribute)})"
        if isinstance(field, Number):
            lie = lie_of(field, declared, self.phases[field])
            return f"integer(s, {self.tables.integer(owner, field, lie)})"
        key = self.tables.other(owner, field)
        if isinstance(field, Nested):
            return self.items(key, field)
        if isinstance(field, Varint):
            return f"varint(s, {key})"
        if isinstance(field, IPv6Address):
            return f"octets(s, {key}, 16)"
        if isinstance(field, Pad):
            return f"pad(s, {key}, {field.align})"
        if isinstance(field, Custom) and field.domain_name:
            return f"domain_name(s, {key})"
        if isinstance(field, Extent) and field.until is not None:
            return f"ended(s, {key}, {quoted_octets(field.until)})"
        if isinstance(field, Extent) and field.length is not None:
            return f"octets(s, {key}, {number(field.length, self.refer)})"
        return f"octets(s, {key}, s.stop - s.at)"

    def items(self, key: str, field: Nested[Any, Any]) -> str:
        """The call that reads groups."""
        group = self.reader(field.group, declaration_of(field.group).fields)
        given = "nil"
        if field.by != n.BY_REST:
            assert field.length is not None
            given = number(field.length, self.refer)
        last = ""
        if field.last is not None:
            last = f", function(s) local v = s.v; return {truth(field.last, self.refer)} end"
        return f"items(s, {key}, {group}, {given}{last})"

    def leaving(self, cls: type[Any]) -> Iterator[str]:
        """What ends a scope: its variants, else the octets that no field covers."""
        if not issubclass(cls, Group):
            return
        yield "enter(s)"
        for variant in cls.__subclasses__():
            declared = declaration_of(variant)
            assert declared.when is not None
            name = self.reader(variant, declared.own)
            title = quoted(heading(declared))
            yield (f"if {truth(declared.when, self.refer)} then s.tree:set_text({title}); "
                   f"return {name}(s) end")
        if cls.data not in set(declaration_of(cls).fields):
            key = self.tables.names.get(cls.data) or self.tables.other(
                lua_name(declaration_of(cls).name), cls.data)
            yield f"rest(s, {key})"

    def refer(self, field: Field[Any]) -> str:
        """The value of a field; 0 where it is not there."""
        value = f"v.{field.attribute}" if field.attribute not in _WORDS else (
            f"v[{quoted(field.attribute)}]")
        return value if field.when is None and field.over is None else f"({value} or 0)"

    def next(self) -> Iterable[str]:
        """The function that offers the payload to whoever follows."""
        offers = []
        for field in self.declared.fields:
            for table in field.opens:
                holds = [f"v[{quoted(field.attribute)}]"]
                if table.when is not None:
                    holds.append(truth(resolve(table.when, self.header), self.refer))
                holds.append(f"offer({quoted(table.name)}, v[{quoted(field.attribute)}], "
                             "tvb, pinfo, root)")
                offers.append(f"  if {' and '.join(holds)} then return true end")
        if not offers:
            return []
        return ["protocol.next = function(s, tvb, pinfo, root)", "  local v = s.v", *offers, "end"]


_WORDS = frozenset(
    "and break do else elseif end false for function goto if in local nil not or repeat return"
    " then true until while".split())
