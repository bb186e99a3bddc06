"""`rawlab export`: declarations for other programs and for people."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rawlab.cli.failure import Failure
from rawlab.cli.letters import protocol_options
from rawlab.cli.registry import make_registry

if TYPE_CHECKING:
    from rawlab.schema import Header
    from rawlab.schema.registry import Registry

FORMS = ("wireshark", "markdown", "c-struct", "json")


@click.command()
@click.argument("form", type=click.Choice(FORMS), metavar="FORM")
@click.argument("protocols", nargs=-1, required=True, metavar="PROTOCOL|FILE.py...")
@click.option("-o", "--output", "path", type=click.Path(), metavar="FILE",
              help="Write FILE, not stdout.")
@protocol_options
def command(
    form: str, protocols: tuple[str, ...], path: str | None, protocol_files: tuple[str, ...],
    decode_as: tuple[str, ...],
) -> None:
    """Write declared protocols in another FORM: wireshark, markdown, c-struct or json.

    wireshark is a dissector in Lua (tshark -X lua_script:FILE); markdown a table and a diagram of
    each header; c-struct a C header file; json the whole declaration as data. PROTOCOL is a name
    that `rawlab protocols` lists, FILE.py a file that declares some.
    """
    files = [word for word in protocols if _is_file(word)]
    registry = make_registry((*protocol_files, *files), decode_as)
    headers: dict[type[Header], None] = {}
    for word in protocols:
        found = _declared_in(word, registry) if _is_file(word) else _called(word, registry)
        headers |= dict.fromkeys(found)
    text = _text(form, [*headers], registry)
    if form == "wireshark":
        _tell_of_names([*headers])
    _write(text, path)


def _is_file(word: str) -> bool:
    return word.endswith(".py") or "/" in word


def _called(name: str, registry: Registry) -> tuple[type[Header], ...]:
    """The headers of a protocol's name; a usage error, with names that are near."""
    from rawlab.cli.protocols import _called as called

    return called(name, registry)


def _declared_in(path: str, registry: Registry) -> list[type[Header]]:
    """The headers of the registry that a file declared."""
    module = f"rawlab_protocol_{Path(path).stem}"
    return [header for header in registry if header.__module__ == module]


def _text(form: str, headers: list[type[Header]], registry: Registry) -> str:
    """The headers in the form that is asked for."""
    if form == "wireshark":
        from rawlab.interop.wireshark import lua_of

        return lua_of(headers)
    if form == "markdown":
        from rawlab.interop.markdown import markdown_of

        return markdown_of(headers, registry)
    if form == "c-struct":
        from rawlab.interop.c_struct import c_struct_of

        return c_struct_of(headers)
    from rawlab.interop.as_json import json_of

    return json_of(headers)


def _tell_of_names(headers: list[type[Header]]) -> None:
    """rawlab's own protocols have Wireshark's names, which Wireshark gives to nobody else."""
    from rawlab.schema import header_name

    own = dict.fromkeys(header_name(h) for h in headers if h.__module__.startswith("dissectors."))
    if own:
        names = ", ".join(own)
        print(f"rawlab: Wireshark knows {names} itself: its name there is rawlab_{next(iter(own))}"
              if len(own) == 1 else
              f"rawlab: Wireshark knows {names} itself: names there begin with rawlab_",
              file=sys.stderr)


def _write(text: str, path: str | None) -> None:
    if path is None or path == "-":
        from rawlab.cli.output import Output

        output = Output()
        output.write(text)
        output.flush()
        return
    try:
        Path(path).write_text(text)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
