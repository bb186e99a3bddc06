"""The named bits of a field as values of their own: `tcp.flags.syn` of `tcp.flags`."""

from __future__ import annotations

from functools import lru_cache

from rawlab.schema import FieldValue
from rawlab.schema.integer import Flag, Flags, Unsigned


def named_bits(value: FieldValue) -> tuple[FieldValue, ...]:
    """The named runs of bits inside a value of flags; nothing for any other value."""
    field = value.field
    if not isinstance(field, Flags):
        return ()
    number = int(value.value)
    end = value.bit_offset + value.bit_length
    return tuple(
        FieldValue(part, part.name, part.natural((number >> shift) & ((1 << width) - 1)),
                   end - shift - width, width)
        for part, shift, width in _parts(field)
    )


@lru_cache(maxsize=1024)
def _parts(field: Flags) -> tuple[tuple[Flag | Unsigned, int, int], ...]:
    """Each named run of bits as a field of its own, with its shift and width."""
    parts = []
    for name, (shift, width) in field.parts:
        part: Flag | Unsigned = Flag() if width == 1 else Unsigned(bits=width)
        part.name = f"{field.name}.{name}"
        parts.append((part, shift, width))
    return tuple(parts)
