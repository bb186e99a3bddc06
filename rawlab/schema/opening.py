"""How headers find each other: a field opens a table, a header follows on a value in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rawlab.schema.expression import Expression

Condition = Expression | Callable[[Any], Expression]
"""An expression; or a function that makes one from the header class, to name later fields."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table that a field opens: its value picks the header that follows."""

    name: str
    when: Condition | None = None
    stream: bool = False
    partial: Condition | bool = False


def table(
    name: str,
    *,
    when: Condition | None = None,
    stream: bool = False,
    partial: Condition | bool = False,
) -> Table:
    """The table `name`, opened only where `when` holds.

    `stream`: what follows is a byte stream. `partial`: where that holds, only a part of the payload
    is here (a first fragment), so octets that it lacks are no fault.
    """
    return Table(name, when, stream, partial)


@dataclass(frozen=True, eq=False)
class Follows:
    """Where a header follows: on values in a table, by its looks, or on any other value."""

    table: str
    values: tuple[int, ...] = ()
    looks: Condition | None = None
    stream: bool = False


def on(name: str, *values: int) -> Follows:
    """After a header whose field opens table `name` with one of `values`; any other, if none."""
    return Follows(name, values)


def stream(name: str, *values: int) -> Follows:
    """Messages on the byte stream that table `name` announces by one of `values`.

    Messages follow one another; one that goes on in a later segment is incomplete, no fault.
    """
    return Follows(name, values, stream=True)


def looks_like(name: str, looks: Condition, *values: int) -> Follows:
    """After a header that opens table `name` with one of `values`, where `looks` holds.

    Several headers may claim a value so: the first whose looks hold follows, else the one that is
    `on` that value. Without values, it is tried where nobody claims the value.

    `looks` is a function of the header class: `lambda h: (h.magic == 0xCAFE) & (h.version < 3)`,
    over fields at fixed places.
    """
    return Follows(name, values, looks)
