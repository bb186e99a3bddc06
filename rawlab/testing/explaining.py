"""Why two packets or headers that should be equal are not, for pytest's `assert a == b`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rawlab.packet import Packet
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft
from rawlab.testing.agreement import wanted_values
from rawlab.testing.golden import difference_rows
from rawlab.testing.wording import show_found

_MOST_ROWS = 30


def explain(left: object, right: object) -> Sequence[str] | None:
    """Lines for a report; None where there is nothing to say about such a pair."""
    if isinstance(left, Packet) and isinstance(right, Packet):
        rows = [f"  {name}: {one} != {other}" for name, one, other in difference_rows(left, right)
                if name != "frame.number"]
        if left.linktype != right.linktype:
            rows.append(f"  link type: {left.linktype} != {right.linktype}")
        return [f"{left!r} == {right!r}", *(rows[:_MOST_ROWS] or ["  their octets differ"])]
    if isinstance(left, Header) and type(left) is type(right):
        assert isinstance(right, Header)
        return [f"{type(left).__name__} == {type(right).__name__}", *_fields(left, right)]
    for packet, other in ((left, right), (right, left)):
        if isinstance(packet, Packet) and isinstance(other, (Header, Draft)):
            return [f"{left!r} == {right!r}",
                    "  a packet equals packets only: say assert_packet(packet, ...) to compare the"
                    " fields that were given, or bytes(...) on both sides"]
    return None


def _fields(left: Header, right: Header) -> list[str]:
    ours: dict[Any, Any] = wanted_values(left)
    theirs: dict[Any, Any] = wanted_values(right)
    return [
        f"  {field.name}: {show_found(field, ours.get(field))}"
        f" != {show_found(field, theirs.get(field))}"
        for field in {**ours, **theirs} if ours.get(field) != theirs.get(field)
    ]
