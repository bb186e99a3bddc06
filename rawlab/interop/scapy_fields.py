"""scapy's fields as rawlab's, where a declaration says the same."""

from __future__ import annotations

import keyword
import random
import re
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from rawlab.interop.libraries import library
from rawlab.interop.scapy_reading import ERRORS
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.expression import Expression
from rawlab.schema.field import Field
from rawlab.schema.integer import Number, Signed, Unsigned, Varint
from rawlab.schema.octets import Octets

_INTEGERS = {"B": (8, False), "b": (8, True), "H": (16, False), "h": (16, True),
             "I": (32, False), "i": (32, True), "L": (32, False), "l": (32, True),
             "Q": (64, False), "q": (64, True)}
"""What a format of `struct` reads: bits, and whether they are signed."""
_PLAIN = ("getfield", "m2i")
_ADDRESSES: dict[str, type[Field[Any]]] = {
    "MACField": MACAddress, "IPField": IPv4Address, "IP6Field": IPv6Address}
_NARROW = 8
"""Bits of an integer of which a condition is tried with every value."""
_TRIED = (0, 1, 2, 7, 100, 65535)
_MOST_NAMES = 1024
_REPEATS = 4
_BEYOND = frozenset(("underlayer", "payload", "parent", "original", "fields", "haslayer",
                     "getlayer", "firstlayer", "overload_fields"))
"""What a function may look at that is no field of its packet."""


def attribute_of(name: str, taken: Mapping[str, object]) -> str:
    """The name of a field of scapy's as an attribute that a header may have."""
    found = re.sub(r"\W", "_", name).strip("_") or "field"
    found = f"f{found}" if found[0].isdigit() else found
    found = re.sub("__+", "_", found)
    found = f"{found}_" if keyword.iskeyword(found) else found
    while found in taken:
        found += "2"
    return found


def names_in(code: CodeType) -> set[str]:
    """The names of attributes that a function asks for, in those that it makes too."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= names_in(constant)
    return found


class Natives:
    """Declares the fields of one class of scapy's, as far as rawlab's grammar says the same."""

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind
        self.fields = library("scapy.fields")
        self.known: dict[str, Number[Any]] = {}
        """Integers that are declared, by scapy's names."""

    def native(self, field: Any, when: Expression | None = None) -> Field[Any] | None:
        """`field` as a field of rawlab's; None where only scapy can read it."""
        wrappers = self.fields
        while isinstance(field, (wrappers.Emph, wrappers.ActionField)):
            field = field.fld  # they read as what they wrap
        if not isinstance(field, wrappers.Field) or isinstance(field, wrappers.MayEnd):
            return None
        made = self._declared(field, {} if when is None else {"when": when})
        if isinstance(made, Number):
            self.known[field.name] = made
        return made

    def conditional(self, field: Any) -> Field[Any] | None:
        """A field under a condition, where that asks for one narrow integer only."""
        when = self._condition(field.cond)
        return None if when is None else self.native(field.fld, when)

    def _declared(self, field: Any, options: dict[str, Any]) -> Field[Any] | None:
        kind = type(field)
        if kind.__name__ == "VariableFieldLenField":
            return Varint(kind="leb128", **options)
        for name, address in _ADDRESSES.items():
            base = getattr(self.fields, name, None) or getattr(
                library("scapy.layers.inet6"), name, None)
            if base is not None and isinstance(field, base):
                same = all(getattr(kind, how) is getattr(base, how) for how in _PLAIN)
                return address(**options) if same else None
        number = self._integer(field)
        if number is not None:
            bits, signed, order = number
            options |= {"order": order, **_named(field)}
            return Signed(bits, **options) if signed else Unsigned(bits, **options)
        return self._octets(field, options)

    def _integer(self, field: Any) -> tuple[int, bool, str] | None:
        """Bits, sign and order of an integer that scapy reads as rawlab does."""
        f, kind = self.fields, type(field)
        if isinstance(field, (f.BitField, f.BitEnumField, f.FlagsField)):
            plain = kind.getfield is f.BitField.getfield
            same = kind.m2i in (f.BitField.m2i, f.FlagsField.m2i)
            if plain and same and not field.rev and 1 <= field.size <= 64:
                return field.size, False, "big"
            return None
        if isinstance(field, f.ThreeBytesField) and kind.getfield is f.ThreeBytesField.getfield:
            return 24, False, "big"
        if kind.getfield is not f.Field.getfield or kind.m2i is not f.Field.m2i:
            return None
        form = field.fmt
        if not isinstance(form, str) or len(form) != 2 or form[1] not in _INTEGERS:
            return None
        bits, signed = _INTEGERS[form[1]]
        return bits, signed, "little" if form[0] in "<" else "big"

    def _octets(self, field: Any, options: dict[str, Any]) -> Field[Any] | None:
        f, kind = self.fields, type(field)
        plain = kind.getfield in (f.StrLenField.getfield, f.StrFixedLenField.getfield)
        if not plain or kind.m2i is not f.Field.m2i or field.length_from is None:
            return None
        if not getattr(field, "ON_WIRE_SIZE_UTF16", True):
            return None
        length = self._length(field.length_from)
        return None if length is None else Octets(length=length, **options)

    def _length(self, length_from: Callable[[Any], Any]) -> Expression | int | None:
        """A length as an expression: a constant, or one integer times a factor plus a constant."""
        chance = random.Random(1)
        fixed = {self._asked(length_from, {}, chance) for _ in range(_REPEATS)}
        if len(fixed) == 1 and None not in fixed and not self._named_by(length_from):
            return next(length for length in fixed if length is not None)
        field = self._only_one(length_from)
        if field is None:
            return None
        tries = [value for value in _TRIED if value >> (field.bits or 0) == 0]
        got = [self._steadily(length_from, field, value, chance) for value in tries]
        if len(tries) < 3 or got[0] is None or got[1] is None:
            return None
        factor, add = got[1] - got[0], got[0]
        if factor <= 0 or got != [add + factor * value for value in tries]:
            return None
        return field * factor + add if (factor, add) != (1, 0) else field

    def _condition(self, condition: Callable[[Any], Any]) -> Expression | None:
        """A condition as an expression, where it asks for one narrow integer only."""
        field = self._only_one(condition)
        if field is None or (field.bits or 0) > _NARROW or field.when is not None:
            return None
        chance = random.Random(2)
        values = range(1 << (field.bits or 0))
        got = [self._steadily(condition, field, value, chance) for value in values]
        if None in got:
            return None
        true = [value for value, holds in zip(values, got, strict=True) if holds]
        others = [value for value, holds in zip(values, got, strict=True) if not holds]
        if not true or not others:
            return None
        return field.among(*true) if len(true) <= len(others) else ~field.among(*others)

    def _named_by(self, asked: Callable[[Any], Any]) -> set[str]:
        """The fields that a function's code names; what it may look at besides."""
        code = getattr(asked, "__code__", None)
        if not isinstance(code, CodeType):
            return {"?"}
        every = {field.name for field in self.kind.fields_desc} | _BEYOND
        return names_in(code) & every

    def _only_one(self, asked: Callable[[Any], Any]) -> Number[Any] | None:
        """The declared integer that a function looks at, and at nothing else."""
        names = self._named_by(asked)
        return self.known.get(names.pop()) if len(names) == 1 else None

    def _steadily(self, asked: Callable[[Any], Any], field: Number[Any], value: int,
                  chance: random.Random) -> int | None:
        """What a function says for a value, whatever the other fields are; else None."""
        name = next(name for name, known in self.known.items() if known is field)
        found = {self._asked(asked, {name: value}, chance) for _ in range(_REPEATS)}
        return found.pop() if len(found) == 1 else None

    def _asked(
        self, asked: Callable[[Any], Any], given: Mapping[str, int], chance: random.Random
    ) -> int | None:
        """What scapy's function says where the other integers are random; None where it fails."""
        values = {name: chance.randrange(1 << min(field.bits or 0, 16))
                  for name, field in self.known.items()} | dict(given)
        try:
            found = asked(_Probe(values))
        except ERRORS:
            return None
        return int(found) if isinstance(found, (int, bool)) else None


class _Probe:
    """Stands for a packet that has just these values."""

    def __init__(self, values: Mapping[str, int]) -> None:
        self.__dict__.update(values)

    def getfieldval(self, name: str) -> int:
        """scapy's own way to ask."""
        return int(self.__dict__[name])


def _named(field: Any) -> dict[str, Any]:
    """The names of an enumeration's values."""
    names = getattr(field, "i2s", None)
    if not isinstance(names, dict) or len(names) > _MOST_NAMES:
        return {}
    plain = {k: str(v) for k, v in names.items() if type(k) is int and isinstance(v, str)}
    return {"names": plain} if plain else {}
