"""`rawlab protocols`: the declared protocols, or all that is declared of one."""

from __future__ import annotations

import click

from rawlab.cli.letters import protocol_options
from rawlab.cli.output import Output
from rawlab.cli.registry import make_registry
from rawlab.cli.table import print_table

HEADINGS = ("name", "title", "follows on")


@click.command()
@protocol_options
@click.argument("name", required=False)
def command(
    name: str | None, protocol_files: tuple[str, ...], decode_as: tuple[str, ...]
) -> None:
    """List the declared protocols, or tell all about the one called NAME."""
    from rawlab.schema import header_name
    from rawlab.text.protocol import announcements, protocol_lines
    from rawlab.text.summary import title_of

    registry = make_registry(protocol_files, decode_as)
    if name is None:
        print_table(HEADINGS, [
            (header_name(header), title_of(header), "; ".join(announcements(header, registry)))
            for header in sorted(registry, key=header_name)
        ])
        return
    try:
        headers = registry[name]
    except KeyError as error:
        raise click.UsageError(f"{error.args[0]} (rawlab protocols lists them)") from None
    output = Output()
    for header in headers:
        output.write("".join(line + "\n" for line in protocol_lines(header, registry)))
    output.flush()
