"""The parts of a slice, `[1,3-5,-4:]`: how they are written, and which octets they take."""

from __future__ import annotations

import re

from rawlab.filter.tree import Part

_PART = re.compile(r"\s*(?:(-?\d{1,9})\s*(?:(:)\s*(\d{1,9})?|-\s*(-?\d{1,9}))?|:\s*(\d{1,9}))\s*")


def parse_parts(written: str) -> tuple[Part, ...]:
    """What stands between the brackets; ValueError says what is wrong."""
    return tuple(_parse(piece) for piece in written.split(","))


def _parse(piece: str) -> Part:
    found = _PART.fullmatch(piece)
    if found is None:
        raise ValueError(f"[{piece}] is no slice: write [i], [i:length], [i-last], [i:] or"
                         " [:length]")
    start, colon, length, last, head = found.groups()
    if head is not None:
        part = Part(0, int(head))
    elif last is not None:
        part = Part(int(start), None, int(last))
    elif colon:
        part = Part(int(start), None if length is None else int(length))
    else:
        part = Part(int(start), 1)
    if part.length == 0:
        raise ValueError(f"[{piece}] takes no octets")
    if part.end is not None and (part.start < 0) == (part.end < 0) and part.end < part.start:
        raise ValueError(f"[{piece}] ends before it begins")
    return part


def bounds(part: Part, size: int) -> tuple[int, int] | None:
    """The first octet that a part takes of `size`, and the one after its last; None if cut."""
    start = part.start + size if part.start < 0 else part.start
    if part.end is not None:
        stop = part.end + 1 + (size if part.end < 0 else 0)
    elif part.length is None:
        stop = size
    else:
        stop = start + part.length
    return (start, stop) if 0 <= start < stop <= size else None


def cut(octets: bytes, parts: tuple[Part, ...]) -> bytes | None:
    """The parts of `octets`, joined; a part that is not whole is left out, None if all are."""
    found = [octets[slice(*taken)] for part in parts if (taken := bounds(part, len(octets)))]
    return b"".join(found) if found else None


def in_layers(number: int, count: int, layers: tuple[Part, ...]) -> bool:
    """Whether the `number`-th of `count` layers, from 1, is among those that are wanted."""
    for part in layers:
        start = part.start + count + 1 if part.start < 0 else part.start
        if part.end is not None:
            stop = part.end + 1 + (count + 1 if part.end < 0 else 0)
        else:
            stop = count + 1 if part.length is None else start + part.length
        if start <= number < stop:
            return True
    return False
