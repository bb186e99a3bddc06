"""The tables of dissectors' cases in the other direction: their packets are built again."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path

import pytest

from cases import Case
from rawlab.checksums import Status
from rawlab.packet import Packet
from rawlab.schema import FieldValue, Header, field_values, header_name
from rawlab.schema.compute import Count, Length
from rawlab.schema.draft import Draft, Layer
from rawlab.schema.redraft import redraft

FOLDER = Path(__file__).resolve().parent / "dissectors"


@cache
def cases() -> tuple[tuple[str, Case], ...]:
    """Every case of every table, with the name of its file."""
    found = []
    for path in sorted(FOLDER.glob("test_*.py")):
        name = f"cases_of_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        for table in vars(module).values():
            if isinstance(table, (list, tuple)):
                found += [(path.stem, case) for case in table if isinstance(case, Case)]
    return tuple(found)


every_case = pytest.mark.parametrize(
    "case", [case for _, case in cases()], ids=[f"{stem}: {case}" for stem, case in cases()])


def packet_of(case: Case) -> Packet:
    return Packet(bytes.fromhex(case.octets), linktype=case.linktype)


def test_there_are_cases() -> None:
    assert len(cases()) > 150
    assert len({stem for stem, _ in cases()}) > 25


@every_case
def test_all_octets_that_are_held_come_back(case: Case) -> None:
    packet = packet_of(case)
    if packet.layers:
        assert packet.edit(keep=["*"]).octets == packet.octets


@every_case
def test_what_is_computed_is_what_was_there(case: Case) -> None:
    """Without a fault or a wrong checksum, and where nothing computed was meant to differ."""
    packet = packet_of(case)
    if not packet.layers or packet.faults:
        return
    if any(v.status is Status.BAD for v in packet.checksums):
        wrong = {v.name for v in packet.checksums if v.status is Status.BAD}
        assert packet.edit(keep=wrong).octets == packet.octets
        return
    assert packet.edit(keep=NOT_VERIFIED).octets == packet.octets


@every_case
def test_headers_made_from_their_values_read_the_same(case: Case) -> None:
    packet = packet_of(case)
    if not packet.layers or packet.faults or not alike(packet):
        return
    draft = redraft(packet.layers)
    last = draft.layers[-1]
    layers = [Layer(fresh(layer.header, layer is last), trailer=layer.trailer)
              for layer in draft.layers]
    again = Packet(bytes(Draft(tuple(layers), draft.payload)), linktype=packet.linktype)
    assert list(map(type, again.layers)) == list(map(type, packet.layers))
    for old, new in zip(packet.layers, again.layers, strict=True):
        may_differ = MAY_DIFFER | LONGER if "dns" in packet else MAY_DIFFER
        assert differing(old, new) <= may_differ, (old, new)


MAY_DIFFER = {
    "udp.checksum",  # 0 says that none was computed: a new header computes it
    "igmp.checksum",  # it stands at no fixed place, so the tables' own are not verified
}
LONGER = {"ip.len", "dns.answers", "ip.checksum", "ipv6.plen", "udp.length", "dns.stream.length"}
"""What differs around names of DNS that were compressed, and are written without."""
NOT_VERIFIED = ["igmp.checksum"]


def alike(packet: Packet) -> bool:
    """Whether values alone say all of it: not of parts of packets, nor of several messages."""
    draft = redraft(packet.layers)
    names = [header_name(type(layer)) for layer in packet.layers]
    if any(layer.before or layer.octets for layer in draft.layers) or names.count("dns") > 1:
        return False
    return all(v.status in (Status.GOOD, Status.ABSENT) for v in packet.checksums)


def fresh(header: Header, last: bool) -> Header:
    """A header made anew from the values of `header`, but for what is computed.

    The last one is told what it announces, since no header that follows tells it.
    """
    return type(header)(**{
        v.field.attribute: v.value for v in field_values(header)
        if v.field.seal is None and (not counts(v) or last and v.field.opens)})


def counts(value: FieldValue) -> bool:
    compute = value.field.compute
    return isinstance(compute, Count) or (
        isinstance(compute, Length) and value.value != compute.unless)


def differing(old: Header, new: Header) -> set[str]:
    found = set()
    for one, other in zip(field_values(old), field_values(new), strict=True):
        assert one.name == other.name
        if one.value != other.value:
            found.add(one.name)
    return found
