"""One readable line a packet, for any protocol, from the declarations alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rawlab.schema import IPv4Address, IPv6Address, fields_of, header_name
from rawlab.text.dump import dump_lines, link_layers
from rawlab.text.escape import escape
from rawlab.text.hexdump import DumpForm
from rawlab.text.paint import Paint
from rawlab.text.printer import pieces
from rawlab.text.summary import Summarize, summarizer
from rawlab.text.times import Clock

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet
    from rawlab.schema import Header

Layers = tuple["Header", ...]
Stack = tuple[type["Header"], ...]

QUOTING = frozenset({"icmp", "icmpv6"})
"""Protocols whose payload is a packet that was on its way elsewhere."""


@dataclass(frozen=True)
class LineForm:
    """What stands on a line besides the packet's ends and its innermost header."""

    link_header: bool = False
    """The first layer's addresses and summary."""
    number: bool = False
    """The packet's number."""


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


class LinePrinter:
    """Prints each packet on a line, and the dump of its octets if one is asked for."""

    def __init__(
        self,
        clock: Clock,
        paint: Paint,
        form: LineForm | None = None,
        dump: DumpForm | None = None,
    ) -> None:
        self._clock = clock
        self._paint = paint
        self._form = form or LineForm()
        self._dump = dump
        self._plans: dict[Stack, Plan] = {}

    def heading(self) -> str:
        """Nothing: lines need no heading."""
        return ""

    def texts(self, batch: Batch, count: int) -> Iterator[str]:
        """The lines of the first `count` packets of `batch`, in pieces."""
        several = len(batch.interfaces) > 1
        for packets in pieces(batch, count):
            lines: list[str] = []
            for packet in packets:
                lines.append(self.line(packet, several))
                if self._dump is not None:
                    lines.extend(dump_lines(packet, self._dump))
            lines.append("")
            yield "\n".join(lines)

    def line(self, packet: Packet, name_interface: bool = False) -> str:
        """The line of one packet, without its end; packets have to come in order."""
        layers = packet.layers
        stack = tuple(map(type, layers))
        plan = self._plans.get(stack)
        if plan is None:
            plan = self._plans[stack] = make_plan(stack, self._form.link_header)
        stamp = self._clock.stamp(packet.time_ns)
        head = stamp + " " if stamp else ""
        if self._form.number:
            head = f"{packet.number}  {head}"
        if name_interface:
            head += (packet.interface.name or "?") + " "
        for part in plan.link:
            head += f"{part.ends(layers)}{part.title}{part.summary(layers)}, "
        head += plan.main.ends(layers)
        if not head.isprintable():
            head = escape(head)
        return head + self._paint.title(plan.main.title) + self._tail(packet, layers, plan)

    def _tail(self, packet: Packet, layers: Layers, plan: Plan) -> str:
        text = plan.main.summary(layers)
        outer = plan.outer
        if outer is not None:
            text += f" in {outer.ends(layers)}{outer.title}{outer.summary(layers)}"
        quoted = plan.quoted
        if quoted is not None:
            text += f" about {quoted.ends(layers)}{quoted.title}{quoted.summary(layers)}"
        length, captured = packet.length, packet.caplen
        if captured == length:
            text += f", {length} octets"
        else:
            text += f", {captured} of {length} octets"
        if not text.isprintable():
            text = escape(text)
        faults = packet.faults
        if faults:
            text += self._paint.fault(escape(f" [{'; '.join(map(str, faults))}]"))
        return text


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
