"""Domain names as DNS messages hold them, compression pointers included."""

from __future__ import annotations

from rawlab.schema import Custom, Malformed

LONGEST = 255
"""Octets of a name at the most, with its length octets (RFC 1035 section 2.3.4)."""


class DomainName(Custom[str]):
    """A domain name in the text form of RFC 1035 section 5.1, without the last dot; root is ".".

    A dot, a backslash or an octet that does not print stands inside a label as `\\.`, `\\\\` or
    `\\DDD`. A pointer (RFC 1035 section 4.1.4) must lead towards the start of the message, which
    bounds the reading. Names are written without compression.
    """

    domain_name = True

    def read(self, message: memoryview, start: int, end: int) -> tuple[str, int]:
        """The name at `start`, and the position after it; Malformed where it is none."""
        labels: list[str] = []
        position, limit, floor, after, length = start, end, start, -1, 1
        while True:
            if position >= limit:
                raise Malformed("the name has no end", at=position, want=1, got=0)
            octet = message[position]
            if octet == 0:
                break
            if octet >= 0xC0:
                if position + 2 > limit:
                    raise Malformed("half a pointer", at=position, want=2, got=1)
                target = (octet & 0x3F) << 8 | message[position + 1]
                if target >= floor:
                    raise Malformed(
                        "a pointer that does not lead back", at=position, want=floor, got=target
                    )
                after = position + 2 if after < 0 else after
                position, limit, floor = target, floor, target
                continue
            if octet >= 0x40:
                raise Malformed("an unknown type of label", at=position, want=0x3F, got=octet)
            length += octet + 1
            if length > LONGEST:
                raise Malformed("the name is too long", at=position, want=LONGEST, got=length)
            if position + 1 + octet > limit:
                raise Malformed(
                    "a label runs over the end", at=position, want=octet, got=limit - position - 1
                )
            labels.append(_text(message[position + 1 : position + 1 + octet]))
            position += octet + 1
        return ".".join(labels) or ".", position + 1 if after < 0 else after

    def write(self, value: str, written: bytes) -> bytes:
        """`value` as labels; ValueError where a label or the name is too long, or empty."""
        octets = bytearray()
        for label in [] if value == "." else _labels(value):
            if not 0 < len(label) < 64:
                raise ValueError(f"a label of {value!r} has {len(label)} octets, not 1 to 63")
            octets += bytes((len(label),)) + label
        if len(octets) + 1 > LONGEST:
            raise ValueError(f"{value!r} takes {len(octets) + 1} octets, not {LONGEST} at most")
        return bytes(octets) + b"\0"

    def show(self, value: str) -> str:
        """The printed form: Wireshark prints the root's name as `<Root>`."""
        return "<Root>" if value == "." else value


def _text(label: memoryview) -> str:
    """A label in the text form."""
    return "".join(
        "\\" + chr(octet)
        if octet in b".\\"
        else chr(octet)
        if 0x20 < octet < 0x7F
        else f"\\{octet:03}"
        for octet in label
    )


def _labels(name: str) -> list[bytes]:
    """The labels of a name in the text form."""
    labels = [bytearray()]
    characters = iter(name.removesuffix(".") if not name.endswith("\\.") else name)
    for character in characters:
        if character == ".":
            labels.append(bytearray())
        elif character != "\\":
            labels[-1] += character.encode()
        else:
            escaped = next(characters, "")
            if escaped.isdecimal():
                escaped += next(characters, "") + next(characters, "")
                labels[-1].append(int(escaped))
            else:
                labels[-1] += escaped.encode()
    return [bytes(label) for label in labels]
