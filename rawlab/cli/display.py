"""`-Y`: the display filter of a command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rawlab.filter import Filter
    from rawlab.schema.registry import Registry


def display_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `-Y`; its text comes as `display`."""
    return click.option("-Y", "display", metavar="FILTER",
                        help="Only packets that match this display filter, in Wireshark's "
                        'language: "tcp.port == 443 and ip.ttl < 10".')(command)


def display_filter(text: str | None, registry: Registry) -> Filter | None:
    """The filter that `-Y` says, if it is there. Raises click.UsageError where it is wrong."""
    if text is None:
        return None
    from rawlab.filter import FilterError, compile_filter

    try:
        return compile_filter(text, registry)
    except FilterError as error:
        raise click.UsageError(f"-Y: {error}") from None
