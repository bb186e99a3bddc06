"""Which headers of a packet tell what on its line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rawlab.schema import IPv4Address, IPv6Address, fields_of, header_name
from rawlab.text.dump import link_layers
from rawlab.text.summary import Summarize, summarizer

if TYPE_CHECKING:
    from rawlab.schema import Header

Layers = tuple["Header", ...]
Stack = tuple[type["Header"], ...]

QUOTING = frozenset({"icmp", "icmpv6"})
"""Protocols whose payload is a packet that was on its way elsewhere."""


@dataclass(frozen=True)
class Part:
    """How one header and its ends are told: which layers tell what; -1: none does."""

    addresses: int
    ports: int
    told: int
    title: str
    summarize: Summarize | None

    def ends(self, layers: Layers) -> str:
        """`192.0.2.1:53 > 192.0.2.2:4000 `; what a cut header does not hold is `?`."""
        if self.addresses < 0:
            return ""
        ends = layers[self.addresses]
        source, target = _known(ends, "src"), _known(ends, "dst")
        if self.ports >= 0:
            ports = layers[self.ports]
            source = _with_port(source, _known(ports, "srcport"))
            target = _with_port(target, _known(ports, "dstport"))
        return f"{source} > {target} "

    def summary(self, layers: Layers) -> str:
        """The summary of the header, with a space before it; empty where it has none."""
        text = self.summarize(layers[self.told]).strip() if self.summarize is not None else ""
        return " " + text if text else ""


@dataclass(frozen=True)
class Plan:
    """How packets of one stack of headers are told."""

    main: Part
    outer: Part | None = None
    """What carries the packet, if it is in a tunnel."""
    quoted: Part | None = None
    link: tuple[Part, ...] = ()
    """The link header, with its tags."""


def make_plan(stack: Stack, link_header: bool) -> Plan:
    """How packets of the layers `stack` are told; what an error message quotes is told apart."""
    if not stack:
        return Plan(Part(-1, -1, -1, "undecoded", None))
    names = [header_name(kind) for kind in stack]
    quoting = next((n for n, name in enumerate(names[:-1]) if name in QUOTING), len(stack) - 1)
    main = _part(stack, 0, quoting + 1)
    outer = _outer(stack, main.addresses)
    quoted = _part(stack, quoting + 1, len(stack)) if quoting + 1 < len(stack) else None
    link: tuple[Part, ...] = ()
    if link_header and len(stack) > 1:
        count = min(link_layers(stack), len(stack) - 1)
        link = tuple(_part(stack, number, number + 1) for number in range(count))
        if 0 <= main.addresses < count:
            main = replace(main, addresses=-1)
    return Plan(main, outer, quoted, link)


def _part(stack: Stack, start: int, end: int) -> Part:
    """What tells of the layers from `start` up to `end`."""
    addresses = _innermost(stack, start, end, "src", "dst")
    ports = _innermost(stack, start, end, "srcport", "dstport")
    told = stack[end - 1]
    return Part(
        addresses=addresses,
        ports=ports if ports >= addresses >= 0 else -1,
        told=end - 1,
        title=header_name(told).upper(),
        summarize=summarizer(told),
    )


def _outer(stack: Stack, inner: int) -> Part | None:
    """The tunnel around the layer `inner`: IP, and what follows it up to the next addresses."""
    for position in range(inner - 1, -1, -1):
        if _routed(stack[position]):
            after = next(n for n in range(position + 1, inner + 1) if _has(stack[n], "src", "dst"))
            return _part(stack, position, after)
    return None


def _routed(kind: type[Header]) -> bool:
    """Whether a header holds IP addresses of two ends."""
    ends = [field for field in fields_of(kind) if field.attribute in ("src", "dst")]
    return len(ends) == 2 and all(isinstance(end, (IPv4Address, IPv6Address)) for end in ends)


def _innermost(stack: Stack, start: int, end: int, *names: str) -> int:
    for position in range(end - 1, start - 1, -1):
        if _has(stack[position], *names):
            return position
    return -1


def _has(kind: type[Header], *names: str) -> bool:
    return {field.attribute for field in fields_of(kind)}.issuperset(names)


def _known(header: Header, name: str) -> str:
    value = getattr(header, name)
    return "?" if value is None else str(value)


def _with_port(address: str, port: str) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
