"""The fixed prefix of a declared header as a packed struct of C, with macros for its bits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Flags, Number
from rawlab.schema.layout import Place

_WORDS = {1: "uint8_t", 2: "uint16_t", 4: "uint32_t", 8: "uint64_t"}
_KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if"
    " inline int long register restrict return short signed sizeof static struct switch typedef"
    " union unsigned void volatile while asm typeof bool true false nullptr".split())
_HEADING = """\
/* {names}
 * Written by `rawlab export c-struct` from declarations. Members ending in _be hold their most
 * significant octet first, those in _le their least: convert them before use (be16toh(3)).
 * A macro's SHIFT and MASK take a field out of its converted member. */
"""


@dataclass
class Member:
    """Octets of the struct, and the fields that lie in them."""

    offset: int
    size: int
    fields: list[tuple[Field[Any], Place]] = dataclass_field(default_factory=list)

    @property
    def end(self) -> int:
        """The octet after its last."""
        return self.offset + self.size


def c_struct_of(headers: Sequence[type[Header]]) -> str:
    """A C header file with a struct for each of `headers`; fields of the tail are in comments."""
    names = [declaration_of(header).name for header in headers]
    guard = "RAWLAB_" + "_".join(dict.fromkeys(_upper(name) for name in names))[:60] + "_H"
    lines = [_HEADING.format(names=", ".join(dict.fromkeys(names))),
             f"#ifndef {guard}", f"#define {guard}", "", "#include <stdint.h>", ""]
    taken: dict[str, int] = {}
    for header in headers:
        name = c_name(declaration_of(header).name)
        taken[name] = taken.get(name, 0) + 1
        lines += _struct(header, name if taken[name] == 1 else f"{name}_form{taken[name]}")
    return "\n".join([*lines, f"#endif /* {guard} */", ""])


def c_name(name: str) -> str:
    """A dotted name as an identifier of C."""
    found = re.sub(r"\W", "_", name)
    return f"{found}_" if found in _KEYWORDS or found[:1].isdigit() else found


def members_of(header: type[Header]) -> list[tuple[str, Member]]:
    """The members of the struct by name, in order."""
    declared = declaration_of(header)
    found: list[Member] = []
    for field in declared.fields:
        place = declared.layout.places.get(field)
        if place is None or field.over is not None or place.size == 0:
            continue
        if found and place.offset < found[-1].end:
            end = max(found[-1].end, place.offset + place.size)
            found[-1].size = end - found[-1].offset
            found[-1].fields.append((field, place))
        else:
            found.append(Member(place.offset, place.size, [(field, place)]))
    taken: dict[str, int] = {}
    named = []
    for member in found:
        name = _member_name(declared.name, member)
        taken[name] = taken.get(name, 0) + 1
        named.append((name if taken[name] == 1 else f"{name}_{taken[name]}", member))
    return named


def _short(owner: str, field: Field[Any]) -> str:
    return re.sub(r"\W", "_", field.name.removeprefix(f"{owner}.").strip("_")) or "field"


def _member_name(owner: str, member: Member) -> str:
    name = "_".join(_short(owner, field) for field, _ in member.fields)
    if member.size in _WORDS and member.size > 1 and _is_word(member):
        return name + ("_le" if member.fields[0][1].little else "_be")
    return c_name(name)


def _is_word(member: Member) -> bool:
    return isinstance(member.fields[0][0], Number) and member.fields[0][0].bits != 48


def _struct(header: type[Header], name: str) -> Iterator[str]:
    declared = declaration_of(header)
    yield f"/* {_comment(declared.title)} */"
    members = members_of(header)
    if members:
        yield f"struct {name} {{"
        for member_name, member in members:
            yield f"    {_declared(member_name, member)} /* octet {member.offset}: " + (
                _comment("; ".join(map(_told, (field for field, _ in member.fields)))) + " */")
        yield "} __attribute__((packed));"
    for field in declared.layout.tail:
        yield f"/* then: {_comment(_told(field))} */"
    yield ""
    for member_name, member in members:
        yield from _macros(header, name, member_name, member)
    yield from _values(header, name)


def _declared(name: str, member: Member) -> str:
    if member.size in _WORDS and _is_word(member):
        first = member.fields[0][0]
        kind = _WORDS[member.size]
        if len(member.fields) == 1 and getattr(first, "signed", False) and (
            first.bits == 8 * member.size):
            kind = kind.removeprefix("u")
        return f"{kind} {name};"
    return f"uint8_t {name}[{member.size}];"


def _told(field: Field[Any]) -> str:
    width = "of varying length" if field.bits is None else f"{field.bits} bits"
    parts = [f"{field.name}, {width}"]
    if field.scale != 1:
        parts.append(f"times {field.scale}")
    if field.unit:
        parts.append(f"in {field.unit}")
    return ", ".join(parts)


def _macros(header: type[Header], name: str, member_name: str, member: Member) -> Iterator[str]:
    """SHIFT and MASK for each run of bits that shares its octets with others."""
    declared = declaration_of(header)
    shown = [(field, place) for field, place in declared.layout.places.items()
             if place.offset >= member.offset and place.offset + place.size <= member.end]
    any_bits = False
    for field, place in shown:
        if not isinstance(field, Number) or member.size > 8:
            continue
        shift = place.shift if place.little else (
            place.shift + 8 * (member.end - place.offset - place.size))
        short = _short(declared.name, field)
        if place.bits != 8 * member.size:
            any_bits = True
            yield from _mask(f"{_upper(name)}_{_upper(short)}", shift, place.bits)
        if isinstance(field, Flags):
            for part, (at, width) in field.parts:
                any_bits = True
                yield from _mask(
                    f"{_upper(name)}_{_upper(short)}_{_upper(part)}", shift + at, width)
    if any_bits:
        yield ""


def _mask(name: str, shift: int, width: int) -> Iterator[str]:
    suffix = "ULL" if shift + width > 32 else "U"
    yield f"#define {name}_SHIFT {shift}"
    yield f"#define {name}_MASK 0x{((1 << width) - 1) << shift:X}{suffix}"


def _values(header: type[Header], name: str) -> Iterator[str]:
    """The names of values that an enumeration declares."""
    for field in declaration_of(header).fields:
        kind = getattr(field, "kind", None)
        if not field.names or not isinstance(kind, type) or isinstance(field, Flags):
            continue
        short = _short(declaration_of(header).name, field)
        for value, told in sorted(field.names.items()):
            yield f"#define {_upper(name)}_{_upper(short)}_VALUE_{_upper(told)} {int(value)}"
        yield ""


def _upper(text: str) -> str:
    return re.sub(r"\W+", "_", text).upper()


def _comment(text: str) -> str:
    """Text that ends no comment."""
    return " ".join(text.replace("*/", "* /").split())
