"""Integers of any width up to 64 bits, single bits, enumerations, named bits, and varints."""

from __future__ import annotations

import enum
import operator
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from rawlab.engine import numbers as n
from rawlab.schema.field import Field, Options, Row, Span, V, integer_row
from rawlab.schema.layout import Place
from rawlab.schema.mistakes import near

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rawlab.engine.view import View

E = TypeVar("E", bound=enum.IntEnum)


class Number(Field[V]):
    """A field that is an integer on the wire. Its natural value may be something else."""

    integral = True
    signed = False
    plain = False
    """The natural value is the integer itself."""

    def __init__(self, bits: int = 0, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.bits = bits or self.bits
        if not self.bits or not 1 <= self.bits <= 64:
            raise ValueError(f"an integer has 1 to 64 bits, not {self.bits}")
        if self.scale == 0 or (self.scale != 1 and abs(self.scale) >> (64 - self.bits)):
            raise ValueError(f"{self.bits} bits, scaled by {self.scale}, do not fit 64 bits")

    def row(self) -> Row:
        return integer_row(self) | {n.F_SIGNED: int(self.signed)}

    def settle(self, place: Place | None) -> None:
        if place is not None and not self.signed and self.when is None:
            self._lie_at(place.offset, place.size, place.shift, place.bits, place.little,
                         self.scale, self.plain)

    def natural(self, number: int) -> V:
        """The value that stands for `number`."""
        raise NotImplementedError

    def _as_natural(self, raw: int) -> V:
        return self.natural(raw * self.scale)

    def value_at(self, octets: memoryview, span: Span) -> V:
        value = span[4]
        if value < 0 and not self.signed:
            value += 1 << 64
        return self.natural(value)

    def number(self, value: Any) -> int:
        """The integer that stands for a natural value, its scale still in it.

        TypeError for a value of another kind, ValueError for one that means nothing.
        """
        try:
            return operator.index(value)
        except TypeError:
            kind = type(value).__name__
            raise TypeError(f"{self.name} is an integer, not {kind} ({value!r})") from None

    def wire(self, value: Any) -> int:
        """The bits that stand for a natural value, as an unsigned integer of `bits` bits.

        ValueError, with the bounds, where they do not hold it.
        """
        number = value if type(value) is int else self.number(value)
        raw, over = divmod(number, self.scale) if self.scale != 1 else (number, 0)
        if over:
            raise ValueError(f"{self.name}: {number} is no multiple of {self.scale}")
        bits = self.bits or 0
        least = -(1 << bits - 1) if self.signed else 0
        most = least + (1 << bits) - 1
        if not least <= raw <= most:
            bounds = f"{least * self.scale} to {most * self.scale}"
            raise ValueError(f"{self.name}: {number} is not within {bounds} ({bits} bits)")
        return raw & ((1 << bits) - 1)

    def show(self, value: Any) -> str:
        if self.base == 16:
            digits = self.digits or 2 * (((self.bits or 0) + 7) // 8)
            return f"0x{int(value):0{digits}x}"
        return str(int(value))


class Unsigned(Number[int]):
    """An unsigned integer of `bits` bits."""

    plain = True

    def natural(self, number: int) -> int:
        return number


class Signed(Number[int]):
    """A signed integer of `bits` bits, two's complement."""

    signed = True
    plain = True

    def natural(self, number: int) -> int:
        return number


class Flag(Number[bool]):
    """A single bit."""

    bits = 1

    def natural(self, number: int) -> bool:
        return number != 0

    def show(self, value: Any) -> str:
        return "1" if value else "0"


class Named(enum.IntEnum):
    """An enumeration for fields: a value that has no name survives, and prints as its number."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = str(value)
        member._value_ = value
        return member

    def __str__(self) -> str:
        return self.name


class Enum(Number[E]):
    """An integer whose values have names, as members of `kind`."""

    def __init__(self, kind: type[E], *, bits: int, **options: Unpack[Options]) -> None:
        options.setdefault("names", {
            int(member): member.name.replace("_", " ").lower() for member in kind})
        super().__init__(bits, **options)
        self.kind = kind

    if TYPE_CHECKING:

        def __set__(self, instance: View, value: E | int | str) -> None: ...

    def natural(self, number: int) -> E:
        return self.kind(number)

    def number(self, value: Any) -> int:
        """The number of a member, of its name, or an integer."""
        if not isinstance(value, str):
            return super().number(value)
        members = {name.lower(): int(member) for name, member in self.kind.__members__.items()}
        name = value.lower().replace(" ", "_").replace("-", "_")
        if name not in members:
            raise ValueError(f"{self.name}: no {value!r}{near(name, members)}")
        return members[name]


class FlagSet(int):
    """An integer with an attribute for each of its named bits."""

    _bits: dict[str, tuple[int, int]]

    def __getattr__(self, name: str) -> int | bool:
        try:
            shift, width = self._bits[name]
        except KeyError:
            raise AttributeError(f"no flag {name!r}: there are {', '.join(self._bits)}") from None
        value = (int(self) >> shift) & ((1 << width) - 1)
        return bool(value) if width == 1 else value

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._bits]

    def __reduce__(self) -> tuple[Any, ...]:
        return (_flag_set, (tuple(self._bits.items()), int(self)))

    def set_names(self) -> list[str]:
        """The names of the bits that are set."""
        return [name for name, (shift, width) in self._bits.items()
                if width == 1 and int(self) >> shift & 1]


@lru_cache(maxsize=256)
def _flag_type(bits: tuple[tuple[str, tuple[int, int]], ...]) -> type[FlagSet]:
    return type("FlagSet", (FlagSet,), {"_bits": dict(bits)})


def _flag_set(bits: tuple[tuple[str, tuple[int, int]], ...], value: int) -> FlagSet:
    return _flag_type(bits)(value)


class Flags(Number[FlagSet]):
    """An integer whose bits have names, the first the most significant.

    "name:3" is a run of three bits, "_:3" one without a name. Each name is a field of its own in
    columns and filters: `tcp.flags.syn`. `letters` are short names of the last single bits, in
    their order.
    """

    def __init__(
        self, *runs: str, bits: int = 0, letters: str = "", **options: Unpack[Options]
    ) -> None:
        widths = [(name.partition(":")[0], int(name.partition(":")[2] or 1)) for name in runs]
        total = sum(width for _, width in widths)
        if bits and bits != total:
            raise ValueError(f"the names cover {total} bits, not {bits}")
        super().__init__(total, **options)
        left = total
        parts: list[tuple[str, tuple[int, int]]] = []
        for name, width in widths:
            left -= width
            if name != "_":
                parts.append((name, (left, width)))
        self.parts = tuple(parts)
        """(name, (shift, width)) of each named run of bits."""
        self.kind = _flag_type(self.parts)
        named = [name for name, (_, width) in self.parts if width == 1]
        self.letters = dict(zip(letters, named[len(named) - len(letters) :], strict=True))
        """The flags that letters stand for when building."""

    if TYPE_CHECKING:

        def __set__(self, instance: View, value: int | str | Iterable[str]) -> None: ...

    def natural(self, number: int) -> FlagSet:
        return self.kind(number)

    def number(self, value: Any) -> int:
        """The number of named bits: "syn,ack", ("syn", "ack"), letters "SA", or an integer."""
        if not isinstance(value, (str, tuple, list, set, frozenset)):
            return super().number(value)
        total = 0
        for name in self._named(value) if isinstance(value, str) else value:
            shift, width = self._run(name)
            total |= ((1 << width) - 1) << shift
        return total

    def _named(self, text: str) -> list[str]:
        """The names that a text gives: words, or one letter each."""
        words = re.findall(r"\w+", text.lower())
        known = dict(self.parts)
        if len(words) == 1 and words[0] not in known and set(words[0].upper()) <= set(self.letters):
            return [self.letters[letter] for letter in words[0].upper()]
        return words

    def _run(self, name: str) -> tuple[int, int]:
        known = dict(self.parts)
        if name not in known:
            raise ValueError(f"{self.name}: no flag {name!r}{near(name, known)}")
        return known[name]

    def describe(self, value: Any) -> str:
        names = ", ".join(self.kind(value).set_names())
        return f"{self.show(value)} ({names})" if names else self.show(value)


class Varint(Field[int]):
    """An integer of one to nine octets: "quic" (RFC 9000, 16) or "leb128"."""

    def __init__(self, *, kind: str = "quic", **options: Unpack[Options]) -> None:
        super().__init__(**options)
        if kind not in ("quic", "leb128"):
            raise ValueError(f"a varint is of kind 'quic' or 'leb128', not {kind!r}")
        self.kind = kind

    def row(self) -> Row:
        return {n.F_OP: n.VARINT_QUIC if self.kind == "quic" else n.VARINT_LEB128}

    def value_at(self, octets: memoryview, span: Span) -> int:
        return span[4]

    def encode(self, value: Any) -> bytes:
        """The octets of an integer; ValueError where the kind cannot hold it."""
        number = operator.index(value)
        most = (1 << 62) - 1 if self.kind == "quic" else (1 << 63) - 1
        if not 0 <= number <= most:
            raise ValueError(f"{self.name}: {number} is not within 0 to {most}")
        if self.kind == "quic":
            power = next(p for p in range(4) if number < 1 << (8 * (1 << p) - 2))
            size = 1 << power
            return (number | power << (8 * size - 2)).to_bytes(size)
        octets = bytearray()
        while number > 0x7F:
            octets.append(number & 0x7F | 0x80)
            number >>= 7
        return bytes([*octets, number])
