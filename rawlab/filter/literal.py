"""Constants of display filters: from how they are written to the values of a sort."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from rawlab.filter.moment import moment_ns, span_ns
from rawlab.filter.tree import Constant, Sort, Value

_ESCAPE = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.S)
_PLAIN = {"'": b"'", '"': b'"', "\\": b"\\", "a": b"\a", "b": b"\b", "f": b"\f", "n": b"\n",
          "r": b"\r", "t": b"\t", "v": b"\v"}
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_HEX = re.compile(r"[0-9A-Fa-f]{1,2}(?:([:.\-])[0-9A-Fa-f]{1,2}(?:\1[0-9A-Fa-f]{1,2})*)?")
_PAIRS = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_QUADS = re.compile(r"[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4})+")


class Unfit(ValueError):
    """A constant that cannot be of the sort that is wanted; the message says why."""


@dataclass(frozen=True)
class Literal:
    """A constant as it stands in a filter."""

    text: str
    """A word, or what stands between the quotes."""
    quote: str = ""
    """Its quotes: a double one, r and a double one, a single one, or none."""

    def octets(self) -> bytes:
        """The octets of a quoted literal, escapes resolved."""
        if self.quote.startswith("r"):
            return self.text.encode()
        return unescape(self.text)


def unescape(text: str) -> bytes:
    """The octets that a string with C's escapes means, as UTF-8; Unfit for an unknown escape."""
    parts: list[bytes] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        parts.append(text[at : found.start()].encode())
        at = found.end()
        four, eight, hexadecimal, octal, plain = found.groups()
        if plain:
            if plain not in _PLAIN:
                raise Unfit(f"\\{plain} is no escape; a backslash itself is written \\\\,"
                            ' or take a raw string, r"..."')
            parts.append(_PLAIN[plain])
        elif four or eight:
            code = int(four or eight, 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise Unfit(f"{found.group()} is no Unicode character")
            parts.append(chr(code).encode())
        else:
            number = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
            if number > 255:
                raise Unfit(f"{found.group()} is no octet")
            parts.append(bytes([number]))
    parts.append(text[at:].encode())
    return b"".join(parts)


def number(word: str) -> int:
    """A number in decimal, hexadecimal (0x), octal (0) or binary (0b); Unfit."""
    try:
        if re.fullmatch(r"0[0-7]+", word):
            return int(word, 8)
        if re.fullmatch(r"0[xX][0-9A-Fa-f]+|0[bB][01]+|\d+", word):
            return int(word, 0)
    except ValueError:
        pass
    raise Unfit(f"{word!r} is not a number")


def character(literal: Literal) -> int:
    """The octet that 'A' means; Unfit."""
    octets = literal.octets()
    if len(octets) != 1:
        raise Unfit(f"'{literal.text}' is more than one octet")
    return octets[0]


def convert(literal: Literal, sort: Sort, name: str) -> Constant:
    """A literal as a constant of `sort`; `name` is of what it is compared with. Raises Unfit."""
    if sort in (Sort.NUMBER, Sort.BOOLEAN):
        value: Value = _integer(literal, sort, name)
    elif sort is Sort.TIME:
        value = _time(literal, name)
    elif sort is Sort.MAC:
        value = int.from_bytes(_address(literal, name))
    elif sort in (Sort.IPV4, Sort.IPV6):
        return _network(literal, sort, name)
    elif sort is Sort.TEXT:
        value = text(literal)
    else:
        value = octets(literal, name)
    return Constant(sort, value, value)


def text(literal: Literal) -> str:
    """A literal as text."""
    return literal.octets().decode("utf-8", "backslashreplace") if literal.quote else literal.text


def octets(literal: Literal, name: str) -> bytes:
    """A literal as octets: a string's, or hexadecimal as in 0a:1b or 0a1b or 0x0a."""
    if literal.quote:
        return literal.octets()
    word = literal.text.removeprefix(":") if not literal.text.startswith("::") else literal.text
    if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,2}", word):
        return bytes([int(word, 16)])
    if _HEX.fullmatch(word):
        return bytes(int(part, 16) for part in re.split(r"[:.\-]", word))
    if _PAIRS.fullmatch(word) or _QUADS.fullmatch(word):
        return bytes.fromhex(word.replace(".", ""))
    if re.fullmatch(r"0[xX][0-9A-Fa-f]+", word):
        raise Unfit(f"{word!r} is longer than an octet, and its order is not known;"
                    f" write octets, as in {'0a:1b'!r}")
    raise Unfit(f"{word!r} is not octets, as {name} is: write 0a:1b:2c, or text in quotes")


def _integer(literal: Literal, sort: Sort, name: str) -> int:
    if literal.quote == "'":
        value = character(literal)
    elif literal.quote:
        raise Unfit(f"{name} is a number, not text")
    elif literal.text in _TRUE or literal.text in _FALSE:
        value = int(literal.text in _TRUE)
    else:
        try:
            value = number(literal.text)
        except Unfit:
            raise Unfit(f"{literal.text!r} is not a number, as {name} is") from None
    return int(value != 0) if sort is Sort.BOOLEAN else value


def _time(literal: Literal, name: str) -> int:
    written = text(literal)
    found = None if literal.quote else span_ns(written)
    if found is None:
        found = moment_ns(written)
    if found is None:
        raise Unfit(f"{written!r} is not a time: write seconds (1.5), or a date as in"
                    ' "2026-07-04 12:34:56" (local), "2026-07-04T12:34:56Z"')
    return found


def _address(literal: Literal, name: str) -> bytes:
    try:
        found = octets(Literal(text(literal)), name)
    except Unfit:
        found = b""
    if len(found) != 6:
        raise Unfit(f"{text(literal)!r} is not a link-layer address, as {name} is: write six"
                    " octets, 00:1b:44:11:3a:b7")
    return found


def _network(literal: Literal, sort: Sort, name: str) -> Constant:
    written = text(literal)
    kind = ipaddress.IPv4Network if sort is Sort.IPV4 else ipaddress.IPv6Network
    try:
        network = kind(written, strict=False)
    except ValueError:
        like = "192.0.2.1, 192.0.2.0/24" if sort is Sort.IPV4 else "2001:db8::1, 2001:db8::/32"
        raise Unfit(f"{written!r} is not an {sort.value}, as {name} is: write {like}"
                    " (names are not looked up)") from None
    first, last = network.network_address, network.broadcast_address
    if sort is Sort.IPV4:
        return Constant(sort, int(first), int(last))
    return Constant(sort, first.packed, last.packed)
