"""From a dissected packet to a draft that builds it again, with some of its values changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rawlab.engine import numbers as n
from rawlab.engine.view import bounds_of, flags_of, source_of
from rawlab.schema.declaration import Header, declaration_of, unknown_field
from rawlab.schema.draft import Draft, Layer
from rawlab.schema.sealing import Before, address_places, address_sum

KEEP_ALL = frozenset({"*"})


def redraft(
    headers: Sequence[Header],
    *,
    damaged: Iterable[int] = (),
    cut: bool = False,
    edits: Mapping[int, Mapping[str, Any]] | None = None,
    keep: frozenset[str] = frozenset(),
    stop: int | None = None,
) -> Draft:
    """A draft of the packet whose layers are `headers`.

    Computed fields are computed anew, but for those that `keep` names ("*" is all). Layers whose
    numbers are among `damaged` keep their octets, unless they are edited. Of a packet that was
    `cut`, or is a part of something larger, lengths of what is not all here stay as they are, and
    its checksums change by as much as the octets that are here. The first header is one of a
    stretch that ends at `stop`, if that is given, else with the packet.
    """
    if not headers:
        raise ValueError("the packet has no layer that is decoded")
    edits = edits or {}
    wrong = set(damaged)
    whole = memoryview(source_of(headers[0]).whole())
    captured = bounds_of(headers[0])[4]
    outer = captured if stop is None else stop
    first, follows = _messages(headers)
    layers = []
    for i, header in enumerate(headers[:follows]):
        _, start, end, limit, _ = bounds_of(header)
        changed = {name: value for name, value in edits.get(i, {}).items() if name != "payload"}
        layers.append(Layer(
            header,
            attributes(header, changed),
            keep,
            bytes(whole[limit:outer]) if i != first else _later(
                headers, follows, outer, damaged=wrong, cut=cut, edits=edits, keep=keep),
            _before(headers, i, whole, cut),
            bytes(whole[start:end]) if not changed and (i in wrong or _torn(header)) else None,
        ))
        outer = limit
    payload = bytes(whole[bounds_of(headers[follows - 1])[2] : outer])
    for i, edited in edits.items():
        if "payload" in edited and i < follows:
            layers, payload = layers[: i + 1], bytes(edited["payload"])
    return Draft(tuple(layers), payload)


def _messages(headers: Sequence[Header]) -> tuple[int, int]:
    """Where several messages of a stream stand one after the other in a packet.

    The number of the header at which the first begins, and of that at which the next does; -1 and
    how many headers there are, where there is no such.
    """
    limits: list[int] = []
    for i, header in enumerate(headers):
        _, _, end, limit, _ = bounds_of(header)
        first = next((j for j, other in enumerate(limits) if other < end), None)
        if first is not None:
            return first, i
        limits.append(limit)
    return -1, len(headers)


def _later(
    headers: Sequence[Header], first: int, stop: int, *, damaged: set[int], cut: bool,
    edits: Mapping[int, Mapping[str, Any]], keep: frozenset[str],
) -> bytes:
    """The octets of the messages from header `first` on, the last of which ends at `stop`."""
    return bytes(redraft(
        headers[first:], damaged={i - first for i in damaged if i >= first}, cut=cut,
        edits={i - first: edited for i, edited in edits.items() if i >= first}, keep=keep,
        stop=stop))


def _reroutes(header: Header) -> bool:
    """Whether a header says that the address around it is not the last destination."""
    return any(field.pseudo and (field.bits or 0) < 32 and getattr(header, field.attribute)
               for field in declaration_of(type(header)).fields)


def _torn(header: Header) -> bool:
    """Whether octets of the header itself are elsewhere."""
    _, start, end, _, _ = bounds_of(header)
    return bool(flags_of(header)) and end - start < declaration_of(type(header)).layout.fixed


def attributes(header: Header, changed: Mapping[str, Any]) -> dict[str, Any]:
    """`changed` by attribute; TypeError for a field that there is not."""
    known = declaration_of(type(header)).by_attribute
    for name in changed:
        if name not in known:
            raise TypeError(unknown_field(type(header).__name__, name, known))
    return {known[name].attribute: value for name, value in changed.items()}


def _before(
    headers: Sequence[Header], i: int, whole: memoryview, cut: bool
) -> Before | None:
    """What the checksums of layer `i` covered of what is here; None where all of it is here.

    The last destination behind a routing header is as good as absent.
    """
    _, start, _, limit, captured = bounds_of(headers[i])
    absent = flags_of(headers[i]) & (n.INCOMPLETE | n.PART) or (cut and limit == captured)
    if not absent and not any(map(_reroutes, headers[:i])):
        return None
    addresses = 0
    for outer in reversed(headers[:i]):
        if address_places(type(outer)):
            addresses = address_sum(type(outer), whole, bounds_of(outer)[1])
            break
    return Before(bytes(whole[start:limit]), addresses)
