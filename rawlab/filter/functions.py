"""The functions of display filters over the values of their arguments."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from rawlab.filter import tree as t
from rawlab.filter.tree import Sort

Reader = Callable[[Any], Sequence[Any]]
SECOND_NS = 1_000_000_000
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)


def call(operand: t.Call, arguments: list[Reader]) -> Reader:
    """What reads the results of a function from a packet."""
    first, name = arguments[0], operand.function
    sort = operand.arguments[0].sort
    if name == "count":

        def counted(packet: Any) -> Sequence[Any]:
            found = len(first(packet))
            return (found,) if found else ()

        return counted
    if name in ("max", "min"):
        choose = max if name == "max" else min

        def chosen(packet: Any) -> Sequence[Any]:
            found = [value for argument in arguments for value in argument(packet)]
            return (choose(found),) if found else ()

        return chosen
    each = _of_each(operand, sort)
    return lambda packet: [each(value) for value in first(packet)]


def _of_each(operand: t.Call, sort: Sort) -> Callable[[Any], Any]:
    if operand.function == "upper":
        return upper
    if operand.function == "lower":
        return lower
    if operand.function == "abs":
        return abs
    if operand.function == "string":
        return lambda value: string_of(value, sort)
    size = stored_octets(operand.arguments[0])
    if size:
        return lambda value: size
    if sort is Sort.TEXT:
        return lambda value: len(text_octets(value))
    return len


def text_octets(text: str) -> bytes:
    """Text as UTF-8."""
    return text.encode("utf-8", "backslashreplace")


def upper(text: str) -> str:
    """Text in capitals; only ASCII letters have them, so that text keeps its length."""
    return text.translate(_UPPER)


def lower(text: str) -> str:
    """Text in small letters, of ASCII."""
    return text.translate(_LOWER)


def stored_octets(operand: t.Operand) -> int:
    """The octets of a value of a fixed size, rounded up to whole ones; 0 where that varies."""
    sizes = {Sort.MAC: 6, Sort.IPV4: 4, Sort.IPV6: 16, Sort.TIME: 8}
    if operand.sort in sizes:
        return sizes[operand.sort]
    if operand.sort not in (Sort.NUMBER, Sort.BOOLEAN):
        return 0
    if not isinstance(operand, t.FieldValues):
        return 4
    return max(((source.field.bits or 64) + 7) // 8 for source in operand.sources)


def string_of(value: Any, sort: Sort) -> str:
    """A number in decimal, an address as people write it, a time in seconds."""
    if sort is Sort.MAC:
        return int(value).to_bytes(6).hex(":")
    if sort is Sort.IPV4:
        return str(ipaddress.IPv4Address(value))
    if sort is Sort.IPV6:
        return str(ipaddress.IPv6Address(value))
    if sort is Sort.TIME:
        whole, rest_ns = divmod(abs(value), SECOND_NS)
        return f"{'-' if value < 0 else ''}{whole}.{rest_ns:09}"
    return str(int(value))
