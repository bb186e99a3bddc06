"""What to say about a capture filter that libpcap does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import click

_DISPLAY = re.compile(r"==|!=|\b(contains|matches)\b|\b[a-z]\w*\.[a-z]\w*\s*(==|!=|[<>]|$)")


@contextmanager
def wrong_filter() -> Iterator[None]:
    """Inside the block a ValueError is a usage error, with a hint at the two languages."""
    try:
        yield
    except ValueError as error:
        told = str(error)
        if _DISPLAY.search(told):
            told += "; it looks like a display filter (udp.port == 53), and a capture filter is"
            told += " in libpcap's language (udp port 53)"
        raise click.UsageError(told) from None
