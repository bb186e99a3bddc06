"""The named bits of a field as values of their own: `tcp.flags.syn` of `tcp.flags`."""

from __future__ import annotations

from collections.abc import Iterator

from rawlab.schema import FieldValue
from rawlab.schema.integer import Flag, Flags, Unsigned


def named_bits(value: FieldValue) -> Iterator[FieldValue]:
    """The named runs of bits inside a value of flags; nothing for any other value."""
    field = value.field
    if not isinstance(field, Flags):
        return
    number = int(value.value)
    for name, (shift, width) in field.parts:
        part = (number >> shift) & ((1 << width) - 1)
        kind: Flag | Unsigned = Flag() if width == 1 else Unsigned(bits=width)
        kind.name = f"{value.name}.{name}"
        start = value.bit_offset + value.bit_length - shift - width
        yield FieldValue(kind, kind.name, bool(part) if width == 1 else part, start, width)
