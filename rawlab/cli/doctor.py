"""`rawlab doctor`: whether this machine and this user can do what rawlab needs."""

from __future__ import annotations

import click

from rawlab.cli.table import print_table

HEADINGS = ("", "what", "found", "if you need it")


@click.command()
def command() -> None:
    """Tell what works here, and what to do about what does not.

    Where standard output is no terminal: a line for each, its cells separated by tabs.
    """
    from rawlab.capture.checks import check_all

    print_table(HEADINGS, [
        ("ok" if found.ok else "no", found.name, found.what, "" if found.ok else found.remedy)
        for found in check_all()
    ])
