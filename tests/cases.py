"""Tables of cases for dissectors: some octets, and what they read as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rawlab.packet import Packet
from rawlab.schema import FieldValue, field_values, header_name

ETHERNET = 1
IPV4 = "4500001e 00010000 401166cc 0a000001 0a000002 00070009 000a835e 6869"
"""A datagram of two octets over UDP and IPv4, to put inside other headers."""
IPV6 = (
    "60000000 000a1140 fe800000 00000000 00000000 00000001 fe800000 00000000 00000000 00000002 "
    "00070009 000a9a5c 6869"
)
"""The same over IPv6."""


@dataclass(frozen=True)
class Case:
    """One packet, and what is expected of it.

    `octets` is hexadecimal, spaces allowed. `layers` are the names of all layers, outermost
    first; left empty, they are not compared. `values` maps a dotted field name to its value: to
    the printed form, if that is given as str, to a list of one for each occurrence, or to None
    where the field is missing. A fault is (kind, layer, field, offset, want, got), of which the
    last ones may be left out.
    """

    name: str
    octets: str
    linktype: int = ETHERNET
    layers: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[tuple[str | int, ...], ...] = ()

    def __str__(self) -> str:
        return self.name


def check_reads(case: Case) -> None:
    """Dissects the octets of `case` and compares all that it expects."""
    packet = Packet(bytes.fromhex(case.octets), linktype=case.linktype)
    if case.layers:
        assert " ".join(header_name(type(layer)) for layer in packet.layers) == case.layers
    found: dict[str, list[FieldValue]] = {}
    for layer in packet.layers:
        collect(field_values(layer), found)
    for name, want in case.values.items():
        wanted = want if isinstance(want, list) else [] if want is None else [want]
        cells = found.get(name, [])
        printed = [
            cell.field.show(cell.value) if isinstance(one, str) else cell.value
            for cell, one in zip(cells, wanted, strict=False)
        ]
        assert (printed, len(cells)) == (wanted, len(wanted)), name
    faults = [(fault.kind.name, *fault[1:6]) for fault in packet.faults]
    cut = [fault[: len(want)] for fault, want in zip(faults, case.faults, strict=False)]
    assert (cut, len(faults)) == (list(case.faults), len(case.faults))


def collect(values: Iterable[FieldValue], found: dict[str, list[FieldValue]]) -> None:
    """Adds to `found` each of `values` and what is nested in it, by dotted name."""
    for value in values:
        found.setdefault(value.name, []).append(value)
        for group in value.items:
            collect(group.items, found)
