"""Declarations as the integer tables that drive the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rawlab.engine import numbers as n
from rawlab.engine.program import Machine
from rawlab.engine.scan import Scanner
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.opening import Follows
from rawlab.schema.prefix import Prefixes
from rawlab.schema.programs import Programs, resolve


def matrix(rows: Sequence[Sequence[int]], columns: int) -> memoryview:
    """Rows of int64 as the engine takes them; one row of zeros where there are none."""
    height = max(1, len(rows))
    flat = memoryview(bytearray(8 * height * columns)).cast("q")
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            flat[i * columns + j] = value
    return flat.cast("B").cast("q", shape=[height, columns])


ANY = -(2**62)
"""Stands for every value that nobody claims."""
Edges = dict[int, int]


class Claims:
    """Which headers claim the values of a table: outright, or by their looks."""

    def __init__(self) -> None:
        self.exact: Edges = {}
        self.looks: dict[int, list[list[int]]] = {}


class Tables:
    """The tables of a set of headers, and what their numbers stand for.

    Made once for a set of headers, then never changed; any number of threads may use them.
    """

    def __init__(
        self, headers: Iterable[type[Header]], follows: Iterable[tuple[Follows, type[Header]]]
    ) -> None:
        self.classes = tuple(headers)
        self.number = {cls: i for i, cls in enumerate(self.classes)}
        self.by_name: dict[str, list[int]] = {}
        """The numbers of the headers of each name."""
        for i, cls in enumerate(self.classes):
            self.by_name.setdefault(declaration_of(cls).name, []).append(i)
        self.table_names = ["linktype"]
        programs = Programs()
        prefixes = Prefixes(programs, self._table)
        for cls in self.classes:
            programs.add(cls)
            prefixes.add(cls)
        self.scope_of = programs.scope_of
        self.row_of = programs.row_of
        self.row_fields = programs.row_fields
        self.scope_classes = programs.scope_classes
        self._join(prefixes, list(follows))
        self.headers = matrix(prefixes.rows, n.HEADER_COLUMNS)
        self.checks = matrix(prefixes.checks, n.CHECK_COLUMNS)
        self.opens = matrix(prefixes.opens, n.OPEN_COLUMNS)
        self.places = matrix(prefixes.places, n.PLACE_COLUMNS)
        self.told = matrix([[place] for place in prefixes.told], 1)
        self.fields = matrix(programs.fields, n.FIELD_COLUMNS)
        self.scopes = matrix(programs.scopes, n.SCOPE_COLUMNS)
        self.variants = matrix(programs.variants, n.VARIANT_COLUMNS)
        code = memoryview(bytearray(8 * max(2, len(programs.code)))).cast("q")
        for i, value in enumerate(programs.code):
            code[i] = value
        self.code = code
        self._machines: list[Machine] = []
        self._scanners: list[Scanner] = []

    def _table(self, name: str) -> int:
        """The number of the table `name`."""
        if name not in self.table_names:
            self.table_names.append(name)
        return self.table_names.index(name)

    def _join(self, prefixes: Prefixes, follows: list[tuple[Follows, type[Header]]]) -> None:
        """Enter every header where it follows; a later entry for a value wins."""
        claims = [Claims() for _ in self.table_names]
        for entry, cls in follows:
            if entry.table not in self.table_names:
                continue  # nobody opens it
            at = claims[self.table_names.index(entry.table)]
            edge = 2 * self.number[cls] + int(entry.stream)
            if entry.looks is not None:
                guess = [edge, *prefixes.guess(declaration_of(cls), resolve(entry.looks, cls))]
                for value in entry.values or (ANY,):
                    at.looks.setdefault(value, []).append(guess)
            else:
                for value in entry.values or (ANY,):
                    at.exact[value] = edge
        rows: list[list[int]] = []
        slots: list[list[int]] = []
        choices: list[list[int]] = []
        guesses: list[list[int]] = []
        filters = bytearray(len(claims) * n.FILTER)
        for claim in claims:
            edges = dict(claim.exact)
            others = ANY in claim.exact or ANY in claim.looks
            for value in {*claim.looks, *((ANY,) if others else ())}:
                looks = claim.looks.get(value, [])
                edges[value] = -2 - len(choices)
                choices.append([len(guesses), len(looks), claim.exact.get(value, -1)])
                guesses += looks
            choice = -2 - edges.pop(ANY) if others else -1
            for value in edges:
                filters[len(rows) * n.FILTER + (value & (n.FILTER - 1))] = 1
            bits = max(3, (4 * len(edges)).bit_length())
            rows.append([len(slots) * n.SLOT_COLUMNS, (1 << bits) - 1, choice])
            slots += hashed(edges, bits)
        for row in prefixes.rows:
            opens = prefixes.opens[row[n.H_OPEN] : row[n.H_OPEN] + row[n.H_OPENS]]
            row[n.H_GUESSES] = int(any(rows[o[n.O_TABLE]][n.T_OTHERS] >= 0 for o in opens))
        self.filters = bytes(filters)
        self.tables = matrix(rows, n.TABLE_COLUMNS)
        self.slots = matrix(slots, n.SLOT_COLUMNS)
        self.choices = matrix(choices, n.CHOICE_COLUMNS)
        self.guesses = matrix(guesses, n.GUESS_COLUMNS)

    # Working memory, lent to one caller at a time.

    def borrow_machine(self) -> Machine:
        """A machine that nobody else uses; give it back."""
        try:
            return self._machines.pop()
        except IndexError:
            return Machine(self)

    def give_back_machine(self, machine: Machine) -> None:
        """The machine is free for others."""
        self._machines.append(machine)

    def borrow_scanner(self) -> Scanner:
        """A scanner that nobody else uses; give it back."""
        try:
            return self._scanners.pop()
        except IndexError:
            return Scanner(self)

    def give_back_scanner(self, scanner: Scanner) -> None:
        """The scanner is free for others."""
        self._scanners.append(scanner)

    def row(self, cls: type, field: Field[Any]) -> int:
        """The number of a field's row in the program of `cls`, or -1."""
        return self.row_of.get((cls, field), -1)


def hashed(edges: Edges, bits: int) -> list[list[int]]:
    """The slots of a hash of values, as the engine looks them up: linear probing."""
    mask = (1 << bits) - 1
    slots = [[0, -1] for _ in range(mask + 1)]
    for value, edge in edges.items():
        at = (value ^ (value >> 8)) & mask
        while slots[at][1] != -1:
            at = (at + 1) & mask
        slots[at] = [value, edge]
    return slots


