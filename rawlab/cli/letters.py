"""Options that `sniff` and `read` share: tcpdump's letters, and tshark's -T and -E."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

FIELDS = "fields"
_E_FLAG = "link_header"


class ContextCommand(click.Command):
    """A command whose `-e` follows the context.

    After or before `-T fields` it takes a field's name, as in tshark; otherwise it is a flag that
    prints the link header, as in tcpdump.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[FIELDS] = asks_for_fields(args, self._letters_with_value(ctx))
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        params = super().get_params(ctx)
        if not ctx.meta.get(FIELDS):
            return params
        return [_field_name() if param.name == _E_FLAG else param for param in params]

    def _letters_with_value(self, ctx: click.Context) -> str:
        options = [p for p in super().get_params(ctx) if isinstance(p, click.Option)]
        return "".join(
            name[1]
            for option in options
            if not option.is_flag and not option.count
            for name in option.opts
            if len(name) == 2
        )


def asks_for_fields(words: list[str], with_value: str) -> bool:
    """Whether `-T fields` stands among `words`, where the letters `with_value` take a value.

    `-e` is passed over as a flag, with a dotted name that is joined to it (`-eip.src`).
    """
    position = 0
    while position < len(words) and words[position] != "--":
        word = words[position]
        position += 1
        if len(word) < 2 or word[0] != "-" or word[1] == "-":
            continue
        for at, letter in enumerate(word[1:], 1):
            if letter == "e" and "." in word[at:]:
                break
            if letter not in with_value:
                continue
            value = word[at + 1 :]
            if not value and position < len(words):
                value = words[position]
                position += 1
            if letter == "T" and value == FIELDS:
                return True
            break
    return False


def _field_name() -> click.Option:
    """`-e` after `-T fields`."""
    return click.Option(["-e", "names"], multiple=True, metavar="NAME",
                        help="A field to print, in the order given.")


def printing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say how packets are printed."""
    for option in reversed(_PRINTING):
        command = option(command)
    return command


def protocol_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--protocol` and `--decode-as`."""
    for option in reversed(_PROTOCOLS):
        command = option(command)
    return command


_PRINTING = (
    click.option("-c", "count", type=click.IntRange(min=1), metavar="COUNT",
                 help="Stop after COUNT packets."),
    click.option("-e", _E_FLAG, is_flag=True,
                 help="Print the link header on each line (with -T fields: -e NAME, a field)."),
    click.option("-n", "numeric", count=True,
                 help="Accepted for habit: rawlab never looks up the names of addresses."),
    click.option("-#", "--number", "number", is_flag=True, help="Print the packet's number."),
    click.option("-t", "times", count=True,
                 help="-t no time; -tt seconds since 1970; -ttt since the packet before; "
                 "-tttt date and time; -ttttt since the first packet."),
    click.option("--nano", is_flag=True, help="Times with nanoseconds."),
    click.option("-v", "verbose", count=True, help="Print each packet as a tree of its fields."),
    click.option("-x", "hexadecimal", count=True,
                 help="Dump octets in hexadecimal; -xx with the link header."),
    click.option("-X", "characters", count=True,
                 help="Dump octets in hexadecimal and ASCII; -XX with the link header."),
    click.option("-l", "line_buffered", is_flag=True, help="Write each line at once."),
    click.option("-T", "form", type=click.Choice([FIELDS, "json"]),
                 help="Print fields named by -e, or one JSON object a line."),
    click.option("-E", "field_options", multiple=True, metavar="KEY=VALUE",
                 help="With -T fields: separator=C, occurrence=f|l|a, aggregator=C, header=y, "
                 "quote=d|s|n (C may be /t for tab, /s for space)."),
)

_PROTOCOLS = (
    click.option("--protocol", "protocol_files", multiple=True, metavar="FILE",
                 type=click.Path(dir_okay=False),
                 help="Declare the protocols of this Python file too; scapy:MODULE the layers "
                 "of one of scapy's modules (scapy:contrib.mqtt)."),
    click.option("--decode-as", "decode_as", multiple=True, metavar="TABLE==VALUE,PROTOCOL",
                 help='Decode as the protocol says, e.g. "tcp.port==8080,http".'),
)
