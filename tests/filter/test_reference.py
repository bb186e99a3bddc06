"""Filters over every declared field, against a plain reading of the packets' trees."""

from __future__ import annotations

import ipaddress
import operator
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from rawlab.batch import Batch
from rawlab.filter import compile_filter
from rawlab.filter import tree as t
from rawlab.filter.names import Names
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import FieldValue, field_values
from rawlab.schema.integer import Flags
from rawlab.schema.items import Custom, Nested
from samples import batch_of, captured, mutated

NAMES = sorted(default_registry().field_names())
COMPARE = {"==": operator.eq, "<": operator.lt, ">=": operator.ge}
Values = dict[str, list[Any]]


@cache
def packets() -> Batch:
    every_other = list(captured())[::2]
    return batch_of([*every_other, *mutated(11, 1)])


@cache
def read() -> list[Values]:
    """All values of each packet by the name of the field, in the form that they are compared in."""
    return [dict(values_of(packet)) for packet in packets()]


def values_of(packet: Packet) -> Values:
    found: Values = {}
    for layer in packet.layers:
        for value in walk(field_values(layer)):
            for name, plain in named(value):
                found.setdefault(name, []).append(plain)
    return found


def walk(values: tuple[FieldValue, ...]) -> Iterator[FieldValue]:
    for value in values:
        yield value
        for item in value.items:
            yield from walk(item.items)


def named(value: FieldValue) -> Iterator[tuple[str, Any]]:
    """A value under the names of its field and of the bits inside; groups are left out."""
    field, plain = value.field, value.value
    if isinstance(field, Nested):
        return
    prefix = field.name.rpartition(".")[0]
    names = [field.name, *(a if "." in a else f"{prefix}.{a}" for a in field.aliases)]
    if isinstance(field, Custom):
        plain = field.show(plain)
    for name in dict.fromkeys(names):
        if name in NAMES:  # a field of a group has no alias
            yield name, as_compared(plain)
    if isinstance(field, Flags):
        for part, _ in field.parts:
            yield f"{field.name}.{part}", int(getattr(plain, part))


def as_compared(value: Any) -> Any:
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return value.packed
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return value


def written(value: Any, sort: t.Sort) -> str | None:
    """A value as a constant of a filter; None where it is easier not to."""
    if sort in (t.Sort.NUMBER, t.Sort.BOOLEAN):
        return str(value)
    if sort is t.Sort.MAC:
        return str(value)
    if sort in (t.Sort.IPV4, t.Sort.IPV6):
        return str(ipaddress.ip_address(value))
    if sort is t.Sort.OCTETS:
        return '"' + "".join(f"\\x{octet:02x}" for octet in value) + '"'
    if isinstance(value, str) and value.isascii() and value.isprintable() and value:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return None


@cache
def seen() -> dict[str, list[Any]]:
    """The values that some packet has, by name."""
    found: dict[str, list[Any]] = {}
    for values in read():
        for name, some in values.items():
            found.setdefault(name, []).extend(some)
    return found


def matching(text: str) -> list[int]:
    wanted = compile_filter(text)
    return [i for i, packet in enumerate(packets()) if wanted.matches(packet)]


def test_most_fields_occur() -> None:
    assert len(seen()) > 250
    assert set(seen()) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_field(name: str) -> None:
    found = Names(default_registry()).find(name)
    assert isinstance(found, t.FieldValues)
    if all(isinstance(source.field, Nested) for source in found.sources):
        matching(name)  # what groups cover has no value to compare with
        return
    having = [i for i, values in enumerate(read()) if values.get(name)]
    assert matching(name) == having
    assert matching(f"not {name}") == [i for i in range(len(packets())) if i not in set(having)]
    chance = random.Random(name)
    for value in chance.sample(seen().get(name, []), min(2, len(seen().get(name, [])))):
        constant = written(value, found.sort)
        if constant is None:
            continue
        for op, compare in COMPARE.items():
            some = [i for i in having if any(compare(v, value) for v in read()[i][name])]
            every = [i for i in having if all(compare(v, value) for v in read()[i][name])]
            assert matching(f"{name} {op} {constant}") == some
            assert matching(f"all {name} {op} {constant}") == every
        assert matching(f"{name} in {{{constant}}}") == [
            i for i in having if value in read()[i][name]]
        assert matching(f"{name} != {constant}") == [
            i for i in having if value not in read()[i][name]]
