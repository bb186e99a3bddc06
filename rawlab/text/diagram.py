"""Diagrams of headers as RFCs draw them: 32 bits a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ROW = 32
_RULER = (
    " 0                   1                   2                   3  ",
    " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1",
)


@dataclass(frozen=True)
class Cell:
    """One field of a diagram."""

    label: str
    bits: int | None
    """None: the length varies."""


@dataclass(frozen=True)
class _Piece:
    """The part of a cell that stands in one row: the columns from `first` up to `last`."""

    cell: int
    row: int
    first: int
    last: int


def diagram(cells: Sequence[Cell]) -> list[str]:
    """The lines of a header's diagram, ruler first, then a legend of labels that did not fit.

    A cell of varying length is drawn with `/` at its sides, as far as the end of its row; what
    follows it begins a new row.
    """
    if not cells:
        return []
    rows = _rows(cells)
    labels, legend = _labels(cells, rows)
    lines = [line.rstrip() for line in _RULER]
    above: list[_Piece] = []
    for row in rows:
        lines.append(_rule(above, row))
        lines.append(_body(cells, labels, row))
        above = row
    lines.append(_rule(above, []))
    return lines + (["", *legend] if legend else [])


def _rows(cells: Sequence[Cell]) -> list[list[_Piece]]:
    rows: list[list[_Piece]] = [[]]
    column = 0
    for number, cell in enumerate(cells):
        left = ROW - column if cell.bits is None else cell.bits
        while left > 0:
            width = min(left, ROW - column)
            rows[-1].append(_Piece(number, len(rows), column, column + width))
            left -= width
            column += width
            if column == ROW:
                rows.append([])
                column = 0
    return [row for row in rows if row]


def _rule(above: list[_Piece], below: list[_Piece]) -> str:
    """The line between two rows: open where one cell goes on from row to row."""
    over, under = _owners(above), _owners(below)
    edges = [
        (o != u or o is None) and not (o is None and u is None)
        for o, u in zip(over, under, strict=True)
    ]
    if not any(edges):
        return "+" + " " * (2 * ROW - 1) + "+"
    last = max(n for n, owner in enumerate(zip(over, under, strict=True)) if owner != (None, None))
    line = ["+"]
    for column in range(last + 1):
        after = column < last and edges[column + 1]
        line.append("-" if edges[column] else " ")
        line.append("+" if edges[column] or after or column == last else " ")
    return "".join(line)


def _owners(row: list[_Piece]) -> list[int | None]:
    owners: list[int | None] = [None] * ROW
    for piece in row:
        owners[piece.first : piece.last] = [piece.cell] * (piece.last - piece.first)
    return owners


def _body(cells: Sequence[Cell], labels: dict[_Piece, str], row: list[_Piece]) -> str:
    line = ""
    before_varies = False
    for piece in row:
        varies = cells[piece.cell].bits is None
        line += "/" if varies or before_varies else "|"
        line += labels.get(piece, "").center(2 * (piece.last - piece.first) - 1)
        before_varies = varies
    return line + ("/" if before_varies else "|")


def _labels(
    cells: Sequence[Cell], rows: list[list[_Piece]]
) -> tuple[dict[_Piece, str], list[str]]:
    """What stands in each cell's widest (middle) piece, and the legend of what was shortened."""
    pieces: dict[int, list[_Piece]] = {}
    for row in rows:
        for piece in row:
            pieces.setdefault(piece.cell, []).append(piece)
    labels: dict[_Piece, str] = {}
    legend = []
    for number, its_pieces in pieces.items():
        shown = _place(its_pieces)
        room = 2 * (shown.last - shown.first) - 1
        label = cells[number].label
        labels[shown] = label[:room]
        if len(label) > room:
            legend.append(f"  {label[:room]:<8} {label}")
    return labels, legend


def _place(pieces: list[_Piece]) -> _Piece:
    widest = max(piece.last - piece.first for piece in pieces)
    wide = [piece for piece in pieces if piece.last - piece.first == widest]
    return wide[(len(wide) - 1) // 2]
