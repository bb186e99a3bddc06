"""The integers of usual widths, by name. Others are `Unsigned(bits=N)` and `Signed(bits=N)`."""

from __future__ import annotations

from rawlab.schema.integer import Signed, Unsigned


class U1(Unsigned):
    """An unsigned integer of 1 bit."""

    bits = 1


class U2(Unsigned):
    """An unsigned integer of 2 bits."""

    bits = 2


class U3(Unsigned):
    """An unsigned integer of 3 bits."""

    bits = 3


class U4(Unsigned):
    """An unsigned integer of 4 bits."""

    bits = 4


class U5(Unsigned):
    """An unsigned integer of 5 bits."""

    bits = 5


class U6(Unsigned):
    """An unsigned integer of 6 bits."""

    bits = 6


class U7(Unsigned):
    """An unsigned integer of 7 bits."""

    bits = 7


class U8(Unsigned):
    """An unsigned integer of 8 bits."""

    bits = 8


class U9(Unsigned):
    """An unsigned integer of 9 bits."""

    bits = 9


class U10(Unsigned):
    """An unsigned integer of 10 bits."""

    bits = 10


class U11(Unsigned):
    """An unsigned integer of 11 bits."""

    bits = 11


class U12(Unsigned):
    """An unsigned integer of 12 bits."""

    bits = 12


class U13(Unsigned):
    """An unsigned integer of 13 bits."""

    bits = 13


class U14(Unsigned):
    """An unsigned integer of 14 bits."""

    bits = 14


class U15(Unsigned):
    """An unsigned integer of 15 bits."""

    bits = 15


class U16(Unsigned):
    """An unsigned integer of 16 bits."""

    bits = 16


class U20(Unsigned):
    """An unsigned integer of 20 bits."""

    bits = 20


class U24(Unsigned):
    """An unsigned integer of 24 bits."""

    bits = 24


class U28(Unsigned):
    """An unsigned integer of 28 bits."""

    bits = 28


class U32(Unsigned):
    """An unsigned integer of 32 bits."""

    bits = 32


class U40(Unsigned):
    """An unsigned integer of 40 bits."""

    bits = 40


class U48(Unsigned):
    """An unsigned integer of 48 bits."""

    bits = 48


class U56(Unsigned):
    """An unsigned integer of 56 bits."""

    bits = 56


class U64(Unsigned):
    """An unsigned integer of 64 bits."""

    bits = 64


class I8(Signed):
    """A signed integer of 8 bits."""

    bits = 8


class I16(Signed):
    """A signed integer of 16 bits."""

    bits = 16


class I32(Signed):
    """A signed integer of 32 bits."""

    bits = 32


class I64(Signed):
    """A signed integer of 64 bits."""

    bits = 64
