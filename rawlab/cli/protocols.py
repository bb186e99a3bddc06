"""`rawlab protocols`: the declared protocols, or all that is declared of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rawlab.cli.letters import protocol_options
from rawlab.cli.output import Output
from rawlab.cli.registry import make_registry
from rawlab.cli.table import print_table

if TYPE_CHECKING:
    from rawlab.schema import Header
    from rawlab.schema.registry import Registry

HEADINGS = ("name", "title", "follows on")


@click.command()
@protocol_options
@click.argument("names", nargs=-1, metavar="[NAME]...")
def command(
    names: tuple[str, ...], protocol_files: tuple[str, ...], decode_as: tuple[str, ...]
) -> None:
    """List the declared protocols, or tell all about those called NAME."""
    from rawlab.schema import header_name
    from rawlab.text.protocol import announcements, protocol_lines
    from rawlab.text.summary import title_of

    registry = make_registry(protocol_files, decode_as)
    if not names:
        print_table(HEADINGS, [
            (header_name(header), title_of(header), "; ".join(announcements(header, registry)))
            for header in sorted(registry, key=header_name)
        ])
        return
    headers = [header for name in names for header in _called(name, registry)]
    output = Output()
    for number, header in enumerate(headers):
        output.write("\n" * (number > 0))
        output.write("".join(line + "\n" for line in protocol_lines(header, registry)))
    output.flush()


def _called(name: str, registry: Registry) -> tuple[type[Header], ...]:
    """The headers of a protocol's name, in whatever case."""
    try:
        return registry[name if name in registry else name.lower()]
    except KeyError as error:
        told = error.args[0]
    owner = name.lower()
    while owner not in registry and "." in owner:
        owner = owner.rpartition(".")[0]
    if owner in registry:
        told += f"; {owner} is one"
    raise click.UsageError(f"{told} (rawlab protocols lists them)")
