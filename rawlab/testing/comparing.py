"""A packet beside what was expected of it, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rawlab.engine.view import bounds_of, source_of
from rawlab.schema import header_name
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft, as_layer
from rawlab.schema.items import Nested
from rawlab.testing.agreement import agrees, check_wanted, groups_of, wanted_values
from rawlab.testing.wording import show_found, show_groups, show_octets, show_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rawlab.packet import Packet
    from rawlab.schema import Field

Pattern = Header | Draft | type[Header]
"""Headers of which the values that were given count; a class: just that the layer is there."""
LAYERS = "layers"
"""The row of a packet that does not have the layers."""
FAR = 1 << 30


@dataclass(frozen=True)
class Row:
    """One field: what was found and, where that is not what was wanted, what was."""

    name: str
    found: str
    wanted: str | None = None
    """None: it is as wanted."""


@dataclass(frozen=True)
class Comparison:
    """A packet beside a pattern."""

    rows: tuple[Row, ...]

    @property
    def differences(self) -> int:
        """How many rows are not as wanted."""
        return sum(row.wanted is not None for row in self.rows)

    @property
    def distance(self) -> int:
        """How far it is from the pattern: a packet without its layers is the farthest."""
        return FAR if self.rows[0].name == LAYERS else self.differences

    def lines(self) -> list[str]:
        """The rows as text, those that differ marked by an exclamation mark."""
        width = max((len(row.name) for row in self.rows), default=0)
        return [
            f"  {row.name:<{width}}  {row.found}" if row.wanted is None
            else f"! {row.name:<{width}}  want {row.wanted}, got {row.found}"
            for row in self.rows
        ]


def compare(packet: Packet, pattern: Pattern) -> Comparison:
    """`packet` beside `pattern`, whose headers are looked for directly one inside the other.

    Where several places of the packet could be meant (a tunnel has two IP headers), it is the one
    that differs least. Raises TypeError for what is no pattern, TypeError and ValueError for values
    that a field can never have.
    """
    headers, payload = _parts(pattern)
    layers = packet.layers
    best: Comparison | None = None
    for start in range(len(layers) - len(headers) + 1):
        run = layers[start : start + len(headers)]
        if all(isinstance(layer, _kind(one)) for layer, one in zip(run, headers, strict=True)):
            found = _compare_run(run, headers, payload)
            if best is None or found.differences < best.differences:
                best = found
    if best is not None:
        return best
    for one in headers:
        _check(one)
    return Comparison((Row(LAYERS, _names(map(type, layers)), _names(map(_kind, headers))),))


def matches(packet: Packet, pattern: Pattern) -> bool:
    """Whether the packet is what the pattern says."""
    return compare(packet, pattern).differences == 0


def payload_of(layer: Header) -> bytes:
    """What a layer of a packet carries: further headers and their payload, without padding."""
    _, _, end, limit, _ = bounds_of(layer)
    return bytes(memoryview(source_of(layer).whole())[end:limit])


def _parts(pattern: Pattern) -> tuple[Sequence[Header | type[Header]], bytes]:
    if isinstance(pattern, Draft):
        return [as_layer(layer).header for layer in pattern.layers], pattern.payload
    if isinstance(pattern, Header):
        return [pattern], b""
    if isinstance(pattern, type) and issubclass(pattern, Header):
        return [pattern], b""
    raise TypeError(
        "expected is a header such as TCP(flags='SA'), a stack such as IPv4() / TCP(), or a"
        f" header's class, not {type(pattern).__name__}")


def _kind(one: Header | type[Header]) -> type[Header]:
    return one if isinstance(one, type) else type(one)


def _names(kinds: Any) -> str:
    return " / ".join(map(header_name, kinds)) or "none"


def _check(one: Header | type[Header]) -> None:
    """Refuse values that the fields can never have, though there is nothing to compare with."""
    if not isinstance(one, type):
        for field, wanted in wanted_values(one).items():
            check_wanted(field, wanted)


def _compare_run(
    run: Sequence[Header], headers: Sequence[Header | type[Header]], payload: bytes
) -> Comparison:
    rows: list[Row] = []
    for layer, one in zip(run, headers, strict=True):
        wanted = {} if isinstance(one, type) else wanted_values(one)
        if not wanted:
            rows.append(Row(header_name(type(layer)), "is there"))
        for field, value in wanted.items():
            rows += _compare_field(field, value, getattr(layer, field.attribute))
    if payload:
        found = payload_of(run[-1])
        rows.append(
            Row("payload", show_octets(found))
            if found == payload
            else Row("payload", show_octets(found, payload), show_octets(payload, found))
        )
    return Comparison(tuple(rows))


def _compare_field(field: Field[Any], wanted: Any, found: Any) -> list[Row]:
    good = agrees(field, wanted, found)
    if isinstance(field, Nested):
        if good:
            return [Row(field.name, show_groups(groups_of(wanted)))]
        only = groups_of(wanted)
        alike = [group for group in groups_of(found) if only and type(group) is type(only[0])]
        if len(only) == 1 and len(alike) == 1:  # it is there, but not with these values
            return [
                row
                for inner, value in wanted_values(only[0]).items()
                for row in _compare_field(inner, value, getattr(alike[0], inner.attribute, None))
            ]
        return [Row(field.name, show_groups(groups_of(found)), show_groups(only))]
    if good:
        return [Row(field.name, show_found(field, found))]
    return [Row(field.name, show_found(field, found, wanted), show_wanted(field, wanted, found))]
