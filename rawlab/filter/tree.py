"""A display filter as a typed tree: names are resolved, types checked, constants converted.

Operands yield values: none where a field is missing, several where it repeats. Tests are true or
false of a packet. Values have the form that `Sort` says.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rawlab.schema.declaration import Header
    from rawlab.schema.registry import Found


class Sort(enum.Enum):
    """What values are, and the form in which they are compared."""

    NUMBER = "number"
    """An int; enumerations and named bits too."""
    BOOLEAN = "boolean"
    """0 or 1; one bit."""
    TIME = "time"
    """An int: nanoseconds, since the epoch or between packets."""
    MAC = "link-layer address"
    """An int of 48 bits, the first octet the most significant."""
    IPV4 = "IPv4 address"
    """An int of 32 bits."""
    IPV6 = "IPv6 address"
    """16 octets, compared as octets are."""
    OCTETS = "octets"
    """bytes, compared lexicographically."""
    PROTOCOL = "protocol"
    """bytes: see `Layer`."""
    TEXT = "text"
    """A str; its octets, where they are asked for, are its UTF-8."""


Value = int | bytes | str
Range = tuple[Value, Value]
"""Least and greatest value, both included; equal where just one value is meant."""


# Operands.


@dataclass(frozen=True)
class Constant:
    """A value that stands in the filter; of a network, its first and last address."""

    sort: Sort
    low: Value
    high: Value


@dataclass(frozen=True)
class Part:
    """A piece of a slice, or a range of layers, as it was written.

    From `start`, counted from the end if negative, over `length`; `length` None: to the end;
    `end` other than None: up to and including that place, and `length` means nothing.
    """

    start: int
    length: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class FieldValues:
    """The values of a field in all layers that have it, outermost first.

    `ip.addr` and `tcp.port` have the sources of both their fields. With a `Found.part` a source
    means only that run of a field's bits (`Flags.parts`).
    """

    name: str
    sort: Sort
    sources: tuple[Found, ...]
    layers: tuple[Part, ...] = ()
    """Only in these layers, counted from 1 among the packet's layers of the same name."""


@dataclass(frozen=True)
class Layer:
    """The layers of a name, as octets.

    A layer's octets are its header; for `contains` and `matches` also all that it encloses.
    """

    name: str
    headers: tuple[type[Header], ...]
    layers: tuple[Part, ...] = ()
    sort: Sort = Sort.PROTOCOL


@dataclass(frozen=True)
class Carried:
    """What the layers of a name carry: `udp.payload` (octets, if any), `udp.payload_len`."""

    name: str
    headers: tuple[type[Header], ...]
    what: Literal["payload", "payload_len", "fault"]
    sort: Sort
    layers: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Frame:
    """The packet's captured octets, `frame`."""

    sort: Sort = Sort.PROTOCOL


@dataclass(frozen=True)
class FrameField:
    """What is known of a packet besides its octets: `frame.len`."""

    name: str
    sort: Sort


@dataclass(frozen=True)
class Slice:
    """Some octets of each value of an operand, the parts joined.

    Of a layer, places from its start reach on into what it encloses.
    """

    operand: Operand
    parts: tuple[Part, ...]
    sort: Sort = Sort.OCTETS


@dataclass(frozen=True)
class Arithmetic:
    """`left op right` for every pair of their values.

    Of numbers and times, with truncating division; a division by zero gives no value. "&" is
    also there for octets of equal length.
    """

    op: Literal["+", "-", "*", "/", "%", "&"]
    left: Operand
    right: Operand
    sort: Sort


@dataclass(frozen=True)
class Negative:
    """The negated values."""

    operand: Operand
    sort: Sort


@dataclass(frozen=True)
class Call:
    """A function of operands.

    len, upper, lower, abs, string: of each value. count: one number, of the values. max, min: one
    value, of all values of all arguments. All give no value where the arguments have none.
    """

    function: Literal["len", "upper", "lower", "count", "string", "max", "min", "abs"]
    arguments: tuple[Operand, ...]
    sort: Sort


Operand = (
    Constant | FieldValues | Layer | Carried | Frame | FrameField | Slice | Arithmetic | Negative
    | Call
)


# Tests.


@dataclass(frozen=True)
class Present:
    """The operand has a value; of a layer: the layer is there."""

    operand: Operand


@dataclass(frozen=True)
class NotZero:
    """Some value of the operand (arithmetic) is neither 0 nor all zero octets."""

    operand: Operand


@dataclass(frozen=True)
class Compare:
    """Some pair, or with `every` all pairs, of the operands' values compare so.

    False where either has no values. Against a network: "==" within it, "<" before it, "<="
    before or within it, and so on; "!=" outside it. Both operands have the same form of values;
    a constant stands on the right.
    """

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Operand
    right: Operand
    every: bool = False


@dataclass(frozen=True)
class Among:
    """Some value, or with `every` each of the values, of which there is one at least, lies in one
    of the ranges.
    """

    operand: Operand
    ranges: tuple[Range, ...]
    every: bool = False


@dataclass(frozen=True)
class Contains:
    """Some value of `operand` (or with `every` each of them) has a value of `part` inside it."""

    operand: Operand
    part: Operand
    every: bool = False


@dataclass(frozen=True)
class Matches:
    """The regular expression is found in some value (or with `every` in each); text as UTF-8."""

    operand: Operand
    pattern: bytes
    every: bool = False


@dataclass(frozen=True)
class Not:
    """The test is false."""

    test: Test


@dataclass(frozen=True)
class And:
    """All tests are true."""

    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Or:
    """Some test is true."""

    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Always:
    """What an empty filter says: every packet matches."""


Test = Present | NotZero | Compare | Among | Contains | Matches | Not | And | Or | Always

IN_ORDER = frozenset({"frame.time_relative", "frame.time_delta", "frame.time_delta_displayed"})
"""Frame fields that depend on the packets before."""
