"""What to say about a capture filter that libpcap does not take."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

_COMPARES = re.compile(r"==|!=|\b(contains|matches)\b|\b[a-z]\w*\.[a-z]\w*\s*[<>]")
_FIELD = re.compile(r"[a-z]\w*(\.[a-z_]\w*)+")
_WORD = re.compile(r"[a-z]+\d?")
_WORDS = frozenset(
    "and arp broadcast dst ether gateway greater host icmp icmp6 igmp ip ip6 less mpls multicast"
    " net not or port portrange pppoes proto rarp sctp src tcp udp vlan".split()
)
"""The words of libpcap's language that are likely to be meant."""


@contextmanager
def wrong_filter(words: str = "") -> Iterator[None]:
    """Inside the block a ValueError is a usage error; `words` is the filter it may be about."""
    try:
        yield
    except ValueError as error:
        told = str(error)
        if "capture filter" in told:
            told += _hint(words)
        raise click.UsageError(told) from None


def _hint(words: str) -> str:
    """What may have been meant instead."""
    if _FIELD.fullmatch(words):
        return f"; to print the field, say -T fields -e {words}"
    if _COMPARES.search(words):
        return (
            "; it looks like a display filter (udp.port == 53), which is given by -Y; a capture"
            " filter is in libpcap's language (udp port 53)"
        )
    first, *others = words.split() or [""]
    if _is_interface(first):
        return f"; to capture on {first}, say -i {first}"
    if any(Path(word).is_file() for word in (first, *others)):
        return "; it names a file, and one is read at a time: rawlab convert merges several"
    import difflib

    for word in words.split():
        if _WORD.fullmatch(word) and word not in _WORDS:
            near = difflib.get_close_matches(word, sorted(_WORDS), 1)
            if near:
                return f"; did you mean {near[0]} by {word}?"
    return ""


def _is_interface(word: str) -> bool:
    """Whether an interface has this name."""
    try:
        return word in (name for _, name in socket.if_nameindex())
    except OSError:
        return False
