"""Which headers may follow which, by the tables that they open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rawlab.engine import numbers as n

if TYPE_CHECKING:
    from rawlab.schema.tables import Tables


def leading_to(tables: Tables, headers: Iterable[int]) -> set[int]:
    """The numbers of the headers that one of `headers` can follow, at whatever distance."""
    before: dict[int, set[int]] = {}
    for header in range(len(tables.classes)):
        for other in followers(tables, header):
            before.setdefault(other, set()).add(header)
    found: set[int] = set()
    ahead = list(headers)
    while ahead:
        for header in before.get(ahead.pop(), set()) - found:
            found.add(header)
            ahead.append(header)
    return found


def followers(tables: Tables, header: int) -> set[int]:
    """The headers that may follow a header directly."""
    first = tables.headers[header, n.H_OPEN]
    rows = range(first, first + tables.headers[header, n.H_OPENS])
    opened = {tables.opens[row, n.O_TABLE] for row in rows}
    return {edge >> 1 for table in opened for edge in edges(tables, table)}


def edges(tables: Tables, table: int) -> set[int]:
    """All that a table may answer."""
    base, mask = tables.tables[table, n.T_BASE], tables.tables[table, n.T_MASK]
    first = base // n.SLOT_COLUMNS
    found = {tables.slots[slot, n.K_EDGE] for slot in range(first, first + mask + 1)}
    choices = {-2 - edge for edge in found if edge < -1} | {tables.tables[table, n.T_OTHERS]}
    for choice in choices - {-1}:
        start = tables.choices[choice, n.Z_FIRST]
        guesses = range(start, start + tables.choices[choice, n.Z_COUNT])
        found |= {tables.guesses[guess, n.G_EDGE] for guess in guesses}
        found.add(tables.choices[choice, n.Z_DEFAULT])
    return {edge for edge in found if edge >= 0}
