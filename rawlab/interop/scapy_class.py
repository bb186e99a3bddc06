"""A declared header as a class of scapy's, which dissects by its fields and builds by rawlab."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from typing import Any

from rawlab.interop.libraries import library
from rawlab.interop.scapy_grammar import Grammar, scapy_name
from rawlab.schema.building import Blank, Built, build
from rawlab.schema.compute import Length
from rawlab.schema.declaration import Group, Header, declaration_of
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.items import Nested, One
from rawlab.schema.known import Surroundings
from rawlab.schema.programs import length_line

PLACES: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "udp.port": (("inet", "UDP", ("dport", "sport")),),
    "tcp.port": (("inet", "TCP", ("dport", "sport")),),
    "sctp.port": (("sctp", "SCTP", ("dport", "sport")),),
    "ip.proto": (("inet", "IP", ("proto",)), ("inet6", "IPv6", ("nh",))),
    "ethertype": (("l2", "Ether", ("type",)), ("l2", "Dot1Q", ("type",)),
                  ("l2", "CookedLinux", ("proto",))),
}
"""The layers of scapy's whose fields stand for our tables: module, class, fields."""


@cache
def scapy_class(header: type[Header]) -> Any:
    """The class of scapy's that a declared header stands for, bound where the header follows.

    Fields that scapy's grammar cannot say are octets: see `rawlab.interop.scapy_grammar`. Where
    scapy has a layer of its own for a value, that one is found first.
    """
    library("scapy.layers.all")
    made = _class_of(header, Grammar(header, _class_of))
    for entry in declaration_of(header).follows:
        if entry.looks is None:
            for value in entry.values:
                _bind(made, entry.table, value)
    return made


def _bind(made: Any, table: str, value: int) -> None:
    packet = library("scapy.packet")
    for module, name, fields in PLACES.get(table, ()):
        parent = getattr(library(f"scapy.layers.{module}"), name)
        for field in fields:
            packet.bind_bottom_up(parent, made, **{field: value})
        if parent not in made._overload_fields:
            packet.bind_top_down(parent, made, **{fields[0]: value})
    if table == "linktype":
        types = library("scapy.config").conf.l2types
        if value not in types.num2layer:
            types.register(value, made)
        else:
            types.layer2num.setdefault(made, value)


def _class_of(declared_class: type[Any], grammar: Grammar) -> Any:
    """A subclass of scapy's Packet for a header, or for a group with all of a variant's fields."""
    declared = declaration_of(declared_class)
    base = library("scapy.packet").Packet
    is_group = issubclass(declared_class, Group)
    bounding = [f for f in declared.fields if isinstance(f.compute, Length)
                and "payload" in f.compute.kinds]

    def extract_padding(self: Any, octets: bytes) -> tuple[bytes, bytes | None]:
        if is_group:
            return b"", octets
        for field in bounding:
            value = grammar.value(self, field)
            assert isinstance(field.compute, Length)
            if value is None or value == field.compute.unless:
                continue
            factor, add = length_line(field)
            size = value * factor + add
            if "header" in field.compute.kinds:
                size -= len(self.original) - len(octets)
            if 0 <= size < len(octets):
                return octets[:size], octets[size:]
        return octets, None

    def post_build(self: Any, octets: bytes, payload: bytes) -> bytes:
        made = _built(self, declared_class, grammar, payload)
        return _sealed(self, made, payload) + payload

    kind = type(base)
    return kind(declared_class.__name__, (base,), {
        "name": declared.name, "fields_desc": grammar.fields(), "__doc__": declared.title,
        "extract_padding": extract_padding, "post_build": post_build, "rawlab": declared_class,
        "__module__": declared_class.__module__})


def given_of(packet: Any, declared_class: type[Any], grammar: Grammar) -> dict[str, Any]:
    """What is to be built: what the user gave or a layer above set, and what has no default."""
    given: dict[str, Any] = {}
    for field in declaration_of(declared_class).fields:
        if field.over is not None:
            continue
        name = scapy_name(field)
        chosen = name in packet.fields or name in packet.overloaded_fields
        if not chosen and (field.has_default or grammar.implied(field)):
            continue
        value = packet.getfieldval(name)
        if value is None or (not chosen or not value) and not grammar.present(packet, field):
            continue
        given[field.attribute] = _value(field, value)
    if "rest" in packet.fields and issubclass(declared_class, Group):
        if packet.fields["rest"]:
            given["data"] = bytes(packet.fields["rest"])
    return given


def _value(field: Field[Any], value: Any) -> Any:
    """A value of scapy's as rawlab takes it."""
    if isinstance(field, Nested):
        if isinstance(value, (bytes, bytearray)):
            raise ValueError(f"{field.name} holds groups, which scapy has as octets only: "
                             "build them by rawlab")
        groups = tuple(_group(one) for one in (value if isinstance(value, list) else [value]))
        return groups[0] if isinstance(field, One) else groups
    if isinstance(field, Number) and not isinstance(value, str):
        return int(value) * field.scale
    return value.encode() if isinstance(value, str) and field.bits is None else value


def _group(packet: Any) -> Any:
    """A group of scapy's as a group of rawlab's."""
    cls = packet.rawlab
    return cls(**given_of(packet, cls, Grammar(cls, _class_of)))


def _built(packet: Any, cls: type[Any], grammar: Grammar, payload: bytes) -> Built:
    given = given_of(packet, cls, grammar)
    if issubclass(cls, Group):
        return build(cls(**given), Surroundings())
    return build(cls(), Surroundings(None, len(payload)), given)


def _sealed(packet: Any, made: Built, payload: bytes) -> bytes:
    """The header's octets with its checksums in them."""
    octets = bytearray(made.octets)
    for blank in made.blanks:
        value = _checksum(packet, blank, bytes(octets), payload)
        octets[blank.offset : blank.offset + blank.size] = value
    return bytes(octets)


def _checksum(packet: Any, blank: Blank, octets: bytes, payload: bytes) -> bytes:
    seal = blank.seal
    covered = octets if seal.part == "header" else octets + payload
    if seal.algorithm != "internet":
        from rawlab.engine.checksum import crc32c

        return crc32c(covered, 0, len(covered)).to_bytes(4, "little")
    inet, inet6 = library("scapy.layers.inet"), library("scapy.layers.inet6")
    below = packet.underlayer
    if seal.pseudo_header and isinstance(below, inet.IP):
        found = inet.in4_chksum(below.proto, below, covered)
    elif seal.pseudo_header and isinstance(below, inet6.IPv6):
        found = inet6.in6_chksum(below.nh, below, covered)
    else:
        found = library("scapy.utils").checksum(covered)
    if found == seal.unset:
        found ^= 0xFFFF
    return struct.pack("!H", found)
