"""Values of the fields that are no integers of fixed width: octets, text, addresses, customs."""

from __future__ import annotations

import ipaddress
from typing import Any

from rawlab.fuzz.chance import Chooser
from rawlab.schema.address import IPv6Address
from rawlab.schema.error import Malformed
from rawlab.schema.field import Field
from rawlab.schema.integer import Varint
from rawlab.schema.items import Custom
from rawlab.schema.octets import Extent, Text

USUAL_OCTETS = 24
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789 -_.:/\"'<>%$ABCXYZ~éß日\U0001f600\t"
LABELS = "abcdefghijklmnopqrstuvwxyz0123456789-_"
TRIES = 16


def extent(field: Extent[Any], choose: Chooser, least: int, most: int) -> bytes | str:
    """Octets or text of `least` to `most` octets, which hold no delimiter."""
    if isinstance(field, Text):
        return text(field, choose, least, most)
    octets = choose.octets(least, most)
    if field.until is not None:
        octets = bytes(octet for octet in octets if octet not in field.until)
    return octets


def text(field: Text, choose: Chooser, least: int, most: int) -> str:
    """Text that its encoding holds in `least` to `most` octets."""
    letters = [letter for letter in ALPHABET if _fits(letter, field)]
    wanted = choose.integer(least, most)
    found = ""
    size = 0
    while letters and size < wanted:
        letters = [x for x in letters if size + len(x.encode(field.encoding)) <= most]
        if not letters:
            break
        found += choose.pick(letters)
        size = len(found.encode(field.encoding))
    return found


def _fits(letter: str, field: Text) -> bool:
    try:
        octets = letter.encode(field.encoding)
    except UnicodeEncodeError:
        return False
    if octets.decode(field.encoding) != letter:
        return False
    return field.until is None or not set(octets) & set(field.until)


def address(choose: Chooser) -> ipaddress.IPv6Address:
    """An IPv6 address: a usual one, or any."""
    usual = ("fe80::1", "::", "::1", "2001:db8::1", "ff02::1", "::ffff:192.0.2.1")
    if choose.integer(0, 1) == 0:
        return ipaddress.IPv6Address(choose.pick(usual))
    return ipaddress.IPv6Address(choose.octets(16, 16))


def custom(field: Custom[Any], choose: Chooser) -> Any:
    """A value that a custom field writes and reads back; ValueError where none is found."""
    if field.domain_name:
        return _domain_name(choose)
    usual = [] if field.default is None else [field.default]
    for _ in range(TRIES):
        octets = choose.octets(0, USUAL_OCTETS)
        try:
            value, _ = field.read(memoryview(octets), 0, len(octets))
            again = field.write(value, b"")
            if field.read(memoryview(again), 0, len(again)) == (value, len(again)):
                usual.append(value)
                break
        except (Malformed, ValueError, TypeError, IndexError):
            continue
    if not usual:
        raise ValueError(f"{field.name}: no value was found that can be written and read again")
    return choose.pick(usual[::-1])


def _domain_name(choose: Chooser) -> str:
    labels = []
    for _ in range(choose.integer(0, 3)):
        size = choose.pick((1, 3, 7, 63))
        letter = choose.pick(LABELS)
        labels.append((letter + choose.pick(LABELS) * size)[:size])
    return ".".join(labels) or "."


def tail_value(field: Field[Any], choose: Chooser) -> Any:
    """A value of a field whose kind alone says what it holds."""
    if isinstance(field, IPv6Address):
        return address(choose)
    if isinstance(field, Varint):
        most = (1 << 62) - 1 if field.kind == "quic" else (1 << 63) - 1
        sizes = (0, 1, 63, 64, 127, 128, 16383, 16384, (1 << 30) - 1, 1 << 30, most)
        return choose.pick(sizes) if choose.integer(0, 1) == 0 else choose.integer(0, most)
    if isinstance(field, Custom):
        return custom(field, choose)
    raise TypeError(f"{field.name} is a {type(field).__name__}, of which no value can be made")
