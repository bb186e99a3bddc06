"""The protocols that a command line works with."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from rawlab.cli.failure import Failure
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.schema import Header
    from rawlab.schema.registry import Registry


SCAPY = "scapy:"
"""How a module of scapy's is named in place of a file: scapy:contrib.mqtt."""


def make_registry(protocol_files: Sequence[str], decode_as: Sequence[str]) -> Registry:
    """The installed protocols, those of `--protocol` files, and the `--decode-as` entries.

    Raises Failure for a plugin that does not work, click.UsageError for a wrong entry.
    """
    from rawlab.plugins import PluginError, default_registry, load_file
    from rawlab.schema import DeclarationError, header_name

    try:
        registry = default_registry().extended()
        named = {p if p.startswith(SCAPY) else os.path.realpath(p): p for p in protocol_files}
        for path in named.values():
            known = set(map(header_name, registry))
            load = _load_scapy if path.startswith(SCAPY) else load_file
            for header in load(path, registry):
                if header_name(header) in known:
                    name = header_name(header)
                    print(f"rawlab: {escape(path)}: {name} is the name of another protocol too;"
                          " filters and columns take both for one", file=sys.stderr)
            registry.tables()
    except PluginError as error:
        raise Failure(str(error)) from error
    except DeclarationError as error:
        raise Failure(f"{path}: {error}") from error
    if any(not path.startswith(SCAPY) for path in protocol_files):
        _warn_of_unopened(registry)
    for rule in decode_as:
        try:
            registry.decode_as(rule)
        except ValueError as error:
            raise click.UsageError(f"--decode-as: {error}") from None
    return registry


def _load_scapy(name: str, registry: Registry) -> list[type[Header]]:
    """Add the layers of a module of scapy's; returns their headers."""
    from rawlab.interop.scapy_layers import scapy_headers

    try:
        found = scapy_headers(name.removeprefix(SCAPY))
    except (ImportError, ValueError) as error:
        raise Failure(f"{name}: {error}") from error
    for header in found:
        registry.add(header)
    return found


def _warn_of_unopened(registry: Registry) -> None:
    """Tells of protocols that can never be found, since no field opens the table they name."""
    import difflib

    from rawlab.schema import header_name

    for entry, header in registry.unopened():
        near = difflib.get_close_matches(entry.table, registry.table_names(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        print(f"rawlab: {header_name(header)} follows on the table {entry.table}, "
              f"and no protocol opens one of that name{hint}", file=sys.stderr)
