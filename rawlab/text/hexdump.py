"""Octets as hexadecimal text."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 16
_DOTTED = bytes(c if 0x21 <= c <= 0x7E else 0x2E for c in range(256))
"""Each octet as the ASCII column shows it. A space is a dot, so that columns can be counted."""


def hexdump(octets: bytes, characters: bool = False, start: int = 0) -> list[str]:
    """Lines of sixteen octets in tcpdump's form, with their ASCII `characters` if asked for.

    `start` is the offset that the first line shows.
    """
    lines = []
    for at in range(0, len(octets), WIDTH):
        row = octets[at : at + WIDTH]
        digits = row.hex(" ", -2)
        if characters:
            text = row.translate(_DOTTED).decode("ascii")
            lines.append(f"\t0x{start + at:04x}:  {digits:<39}  {text}")
        else:
            lines.append(f"\t0x{start + at:04x}:  {digits}")
    return lines


def named_dump(octets: bytes, name: str, start: int, characters: bool = False) -> list[str]:
    """Lines of the octets of one layer or field, named beside its first line.

    Octets stand in the column of their offset modulo sixteen, so that the dumps of neighbours
    read as one: the second begins where the first ended.
    """
    lines = []
    at = start
    end = start + len(octets)
    while at < end:
        base = at - at % WIDTH
        stop = min(end, base + WIDTH)
        row = octets[at - start : stop - start]
        indent = at - base
        digits = "   " * indent + row.hex(" ")
        beside = name if at == start else ""
        text = ""
        if characters:
            text = "  " + " " * indent + row.translate(_DOTTED).decode("ascii")
            text += " " * (WIDTH - indent - len(row))
        lines.append(f"    0x{base:04x}  {digits:<47}{text}  {beside}".rstrip())
        at = stop
    return lines


@dataclass(frozen=True)
class DumpForm:
    """Which dump of a packet is asked for: tcpdump's -x, -xx, -X and -XX."""

    characters: bool = False
    """Also the ASCII characters."""
    link_header: bool = False
    """Also the octets of the link header."""
