"""What holds of building, for every header of the default registry."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from given import alone, differing, read_alone

from dissectors import WirelessFrame
from rawlab.checksums import Status
from rawlab.fuzz import damage
from rawlab.fuzz.chance import Chance
from rawlab.fuzz.making import make_header
from rawlab.fuzz.stacking import Stacker
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import Draft, Header, header_name
from rawlab.schema.declaration import declaration_of
from rawlab.schema.expression import fields_in
from rawlab.schema.field import Field
from rawlab.schema.redraft import redraft
from rawlab.strategies import Drawing, octets, packets
from rawlab.template import Template

HEADERS = sorted(default_registry(), key=lambda h: (header_name(h), h.__name__))
every_header = pytest.mark.parametrize("header", HEADERS, ids=lambda h: h.__name__)
few = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@cache
def stacker() -> Stacker:
    return Stacker(default_registry())


@every_header
@few
@given(data=st.data())
def test_what_is_built_reads_the_same(header: type[Header], data: st.DataObject) -> None:
    draft = data.draw(packets(header))
    (made,) = draft.headers
    packet = read_alone(bytes(draft), alone(header))
    assert packet.layers, bytes(draft).hex()
    assert not differing(made, packet.layers[0])
    assert packet.faults_of(packet.layers[0]) == ()


LOOK_ALIKE = {
    "CiscoHDLC": "PPP with an address of 0x0F looks the same",
    "PPP": "a protocol below 0x100 looks like one of one octet",
    "CompressedPPP": "an odd first octet with an even second one looks like a long protocol",
    "FramedPPP": "a protocol of 0xFF03 looks the same",
    "FramedCompressedPPP": "an even second octet looks like a long protocol",
    "Loopback": "a family of 0 looks the same in both orders",
    "LittleEndianLoopback": "a family of 0 looks the same in both orders",
}
"""Headers that are told by their looks alone, and what may look like them."""


UNREACHED = {WirelessFrame}
"""Headers that no frame leads to: what the headers of wireless frames have in common."""


@every_header
@few
@given(data=st.data())
def test_in_a_stack_too(header: type[Header], data: st.DataObject) -> None:
    """In a stack that leads to it, every layer is found, reads the same, and is faultless."""
    if not stacker().reaches(header):
        assert header in UNREACHED
        return
    choose = Drawing(data.draw)
    chain = stacker().chain(header, choose)
    draft = stacker().stack(chain, choose)
    packet = Packet(bytes(draft), linktype=draft.linktype)
    found = packet.layers[: len(chain)]
    if any(h.__name__ in LOOK_ALIKE for h in chain) and list(map(type, found)) != chain:
        return
    assert list(map(type, found)) == chain, (draft, packet)
    for made, layer in zip(draft.headers, found, strict=True):
        assert not differing(made, layer)
        assert packet.faults_of(layer) == ()
    assert all(v.status is not Status.BAD for v in packet.checksums if v.layer in found)


@every_header
@few
@given(data=st.data())
def test_what_was_read_is_built_the_same(header: type[Header], data: st.DataObject) -> None:
    """Of whole packets all octets come back, and of damaged ones where nothing is computed."""
    registry = alone(header)
    draft = data.draw(packets(header))
    packet = read_alone(bytes(draft), registry)
    assert bytes(redraft(packet.layers)) == packet.octets
    damaged = read_alone(data.draw(octets(header)), registry)
    if damaged.layers:
        assert damaged.edit(keep=["*"]).octets == damaged.octets


@every_header
def test_the_short_way_builds_the_same(header: type[Header]) -> None:
    """Headers cast from moulds have the octets that building field by field gives."""
    for number in range(150):
        chance = Chance(3, number)
        chain = stacker().chain(header, chance)
        draft = stacker().stack(chain, chance)
        if number % 2:  # fewer values, so that defaults and what is computed show
            draft = sparse(draft, chance)
        slow = octets_or_reason(draft._build)
        assert octets_or_reason(draft.__bytes__) == slow
        assert octets_or_reason(draft.__bytes__) == slow  # from the mould that the first one left


def octets_or_reason(build: Callable[[], bytes]) -> bytes | str:
    try:
        return build()
    except ValueError as refused:
        return str(refused)


def sparse(draft: Draft, chance: Chance) -> Draft:
    """A draft of the same headers with only some of their values."""
    from rawlab.schema.original import given_values_of

    layers = []
    for header in draft.headers:
        values = {k: v for k, v in given_values_of(header).items() if chance.integer(0, 1)}
        layers.append(type(header)(**values))
    return Draft(tuple(layers), draft.payload)


@every_header
def test_damage_raises_nothing_but_value_errors(header: type[Header]) -> None:
    """What cannot be represented is refused with ValueError or TypeError, and no other error."""
    refused = built = 0
    for number in range(120):
        chance = Chance(5, number)
        made, is_open = make_header(header, chance)
        draft = Draft((made,), b"" if is_open else b"payload")
        for _ in range(6):
            done = chance.pick(damage.WAYS[:-1])(draft, chance, stacker().claimed)
            if done is None or not isinstance(done.packet, Draft):
                continue
            try:
                bytes(done.packet)
                built += 1
                draft = done.packet
            except (ValueError, TypeError):
                refused += 1
    assert built > 100, refused


@every_header
def test_templates_build_the_same(header: type[Header]) -> None:
    """A row of a template is what the draft with that value is."""
    checked = 0
    for number in range(12):
        chance = Chance(7, number)
        made, is_open = make_header(header, chance)
        draft = Draft((made,), b"" if is_open else b"payload")
        for i, field in damage.numbers_of(draft):
            values = [*dict.fromkeys(v for v in damage.edge_values(field, header) if v >= 0)][:5]
            drafts = [damage.with_number(draft, i, field, v).packet for v in values]
            try:
                want = [bytes(d) for d in drafts]
                template = Template(draft, {field.name: [field.natural(v) for v in values]})
            except ValueError:
                continue  # it has no place of its own, or such a value cannot be built
            if {*map(len, want)} != {len(template.octets)} or moves(field, header):
                continue  # lengths do not vary
            got = [p.octets for p in template.batch(len(values))]
            assert got == want, field
            checked += 1
    assert checked or not any(spots(header))


def moves(field: Field[Any], header: type[Header]) -> bool:
    """Whether other fields are there, computed or long by its value, or it is by theirs."""
    fields = declaration_of(header).fields
    same_bits = {field, field.over, *(f for f in fields if f.over is field)}
    asked = [(f.when, getattr(f, "length", None)) for f in fields]
    told = {f for pair in asked for e in pair if e is not None for f in fields_in(e)}
    return bool(same_bits & told) or field.over is not None and field.when is not None


def spots(header: type[Header]) -> list[object]:
    return [f for f in declaration_of(header).layout.places
            if not f.private and f.integral and not moves(f, header)]


def test_values_that_nothing_tells_are_zero() -> None:
    """Of a private field whose overlays are all absent, nobody can give the value."""
    from dissectors import LinuxCooked

    assert bytes(LinuxCooked(hatype=824)).hex() == "0000033800060000000000000000" + "0000"


