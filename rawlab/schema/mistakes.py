"""Mistakes in a declaration that would pass unseen: each fails when the class is made."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection, Mapping
from string import Formatter
from typing import TYPE_CHECKING, Any

from rawlab.schema.compute import Checksum, Count, Length, Next
from rawlab.schema.error import DeclarationError
from rawlab.schema.expression import Expression
from rawlab.schema.opening import Follows

if TYPE_CHECKING:
    from rawlab.schema.field import Field

ORDERS = ("", "big", "little")
KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "when": ((Expression,), "a condition over earlier fields, such as kind == 1"),
    "compute": ((Length, Count, Next), "length_of(...), count_of(...) or number_of_next()"),
    "seal": ((Checksum,), "internet_checksum(...) or crc32c()"),
}
"""Arguments of a field that take one kind of thing only, and how it is written."""


def near(word: str, known: Collection[str]) -> str:
    """`: did you mean 'minimum'?`, or nothing."""
    found = difflib.get_close_matches(word, known, 1, 0.5)
    return f": did you mean {found[0]!r}?" if found else ""


def check_options(options: Mapping[str, Any], known: Collection[str]) -> None:
    """Hold the arguments of a field to those there are; TypeError or ValueError."""
    for name, value in options.items():
        if name not in known:
            raise TypeError(f"a field has no argument {name!r}{near(name, known)}")
        kinds, written = KINDS.get(name, ((object,), ""))
        if value is not None and not isinstance(value, kinds):
            raise TypeError(f"{name}= takes {written}, not {value!r}")
    check_order(options.get("order", ""))


def check_order(order: str) -> None:
    """Hold an order of octets to "big" and "little"; ValueError."""
    if order not in ORDERS:
        raise ValueError(f'order= is "big" or "little", not {order!r}')


def check_arguments(owner: str, given: Collection[str], known: Collection[str]) -> None:
    """No argument of a class may be one that nobody knows."""
    for name in given:
        reason = f"a class has no argument {name!r}{near(name, known)}"
        raise DeclarationError(owner, "", reason)


def check_follows(owner: str, follows: object) -> None:
    """What a header follows is said by `on` and its like."""
    for entry in follows if isinstance(follows, tuple) else (follows,):
        if not isinstance(entry, Follows):
            raise DeclarationError(
                owner, "", f'follows= takes on("udp.port", 53) and its like, not {entry!r}')


def check_summary(owner: str, summary: str, fields: Collection[Field[Any]]) -> None:
    """A summary names fields of the header only."""
    known = [field.attribute for field in fields if not field.private]
    try:
        names = [name for _, name, _, _ in Formatter().parse(summary) if name is not None]
    except ValueError as error:
        raise DeclarationError(owner, "", f"summary {summary!r}: {error}") from None
    for name in names:
        if name not in known:
            raise DeclarationError(
                owner, "", f"the summary names {name!r}, which is no field{near(name, known)}")


def check_annotations(cls: type) -> None:
    """A field that is annotated is also declared: `n: U8` alone would be no field."""
    for name in annotated(cls):
        if name not in vars(cls):
            raise DeclarationError(
                cls.__name__, name, f"is annotated but not declared: write {name}: U8 = U8()")


def annotated(cls: type) -> list[str]:
    """The names that the body of `cls` annotates; no annotation is evaluated."""
    if sys.version_info >= (3, 14):
        from inspect import get_annotations

        return list(get_annotations(cls, format=4))  # as strings: Format.STRING
    return list(vars(cls).get("__annotations__", ()))
