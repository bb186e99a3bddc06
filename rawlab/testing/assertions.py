"""Assertions on packets, with a report that says which fields are not as they should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rawlab.packet import Packet
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft
from rawlab.testing.comparing import LAYERS, Comparison, Pattern, compare
from rawlab.testing.wording import show_pattern
from rawlab.text.showing import line

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

Given = Packet | Draft | Header | None
LAST_LINES = 10
"""Packets whose lines a report shows."""


def assert_packet(packet: Given, pattern: Pattern, *, registry: Registry | None = None) -> Packet:
    """Assert that a packet has the headers of `pattern`, with the values that were given there.

        assert_packet(reply, TCP(flags="SA", ack=1))
        assert_packet(reply, IPv4(src="10.0.0.2") / TCP(srcport=one_of(80, 8080)))

    Fields that `pattern` does not set may be anything, and so may what lies around its headers,
    which have to follow each other. A value may be a function, a range or a network, or be made by
    `rawlab.testing.values`. Groups (options) have to be there in their order; others may stand
    between; an empty list means none. Returns the packet; a draft is built, and `registry`
    decodes it. Raises AssertionError with the difference, field by field; TypeError and ValueError
    where the pattern itself is wrong.
    """
    __tracebackhide__ = True
    if packet is None:
        raise AssertionError(f"there is no packet (None), but wanted: {show_pattern(pattern)}")
    held = as_packet(packet, registry)
    found = compare(held, pattern)
    if found.differences:
        raise AssertionError(_report(held, pattern, found))
    return held


def expect(
    packets: Iterable[Given], patterns: Sequence[Pattern], *, only: bool = False
) -> list[Packet]:
    """Assert that packets like `patterns` come in this order; returns the packets that are.

    Other packets may stand between them, unless `only` these are wanted. Raises AssertionError.
    """
    __tracebackhide__ = True
    held = [as_packet(packet) for packet in packets if packet is not None]
    result: list[Packet] = []
    place = 0
    for number, pattern in enumerate(patterns, 1):
        start = place
        closest: tuple[Packet, Comparison] | None = None
        while place < len(held):
            packet = held[place]
            found = compare(packet, pattern)
            place += 1
            if not found.differences:
                result.append(packet)
                break
            if closest is None or found.distance < closest[1].distance:
                closest = packet, found
            if only:
                place = len(held)
        else:
            told = [f"{number} of {len(patterns)}: {_none_like(pattern, result)}"]
            if closest is not None:
                told += ["the closest:" if not only else "the next:", _report(closest[0], pattern,
                                                                             closest[1])]
            raise AssertionError("\n".join([*told, *_listed(held, start)]))
    if only and place < len(held):
        raise AssertionError("\n".join(
            [f"{len(held) - place} packets more than the {len(patterns)} that were wanted:",
             *last_lines(held[place:])]))
    return result


def last_lines(packets: Sequence[Packet], most: int = LAST_LINES) -> list[str]:
    """A line for each of the last packets, as `rawlab read` prints them."""
    lines = [f"    {packet.number:>3}  {line(packet)}" for packet in packets[-most:]]
    left_out = len(packets) - len(lines)
    return [f"    ({left_out} before)", *lines] if left_out else lines


def as_packet(packet: Packet | Draft | Header, registry: Registry | None = None) -> Packet:
    """A packet as it is, or what a draft makes. Raises TypeError for what is neither."""
    if isinstance(packet, Packet):
        return packet
    if isinstance(packet, Header):
        packet = Draft((packet,))
    if isinstance(packet, Draft):
        return Packet(bytes(packet), linktype=packet.linktype, registry=registry)
    raise TypeError(f"a packet is wanted, not {type(packet).__name__}: octets become one by"
                    " rawlab.Packet(octets, linktype=1)")


def _report(packet: Packet, pattern: Pattern, found: Comparison) -> str:
    many, count = found.differences, len(found.rows)
    differ = f"{many} of {count} field{'' if count == 1 else 's'} differ{'s' if many == 1 else ''}"
    if found.rows[0].name == LAYERS:
        differ = "it has other layers"
    told = [f"packet {packet.number} is not {show_pattern(pattern)}: {differ}",
            f"    {line(packet)}"]
    return "\n".join([*told, *("  " + row for row in found.lines())])


def _none_like(pattern: Pattern, before: Sequence[Packet]) -> str:
    after = f" after packet {before[-1].number}" if before else ""
    return f"no packet{after} is {show_pattern(pattern)}"


def _listed(held: Sequence[Packet], start: int) -> list[str]:
    if not held[start:]:
        return ["there are no more packets" if held else "there are no packets"]
    return ["packets:", *last_lines(held[start:])]
