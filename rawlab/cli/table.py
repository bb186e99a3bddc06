"""Tables on a terminal; plain columns elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rawlab.cli.output import Output, colours
from rawlab.text.escape import escape


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table: with rich on a terminal, otherwise tab-separated without headings."""
    safe = [[escape(cell) for cell in row] for row in rows]
    output = Output()
    if not sys.stdout.isatty():
        output.write("".join("\t".join(row) + "\n" for row in safe))
        output.flush()
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in safe:
        table.add_row(*map(Text, row))
    Console(no_color=not colours(), highlight=False).print(table)
