"""scapy's layers as headers of rawlab: `--protocol scapy:contrib.mqtt`."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rawlab.interop.libraries import library
from rawlab.interop.scapy_fields import Natives, attribute_of, names_in
from rawlab.interop.scapy_reading import ScapyField, ScapyPacket, ScapyPayload
from rawlab.schema.declaration import Header
from rawlab.schema.error import DeclarationError
from rawlab.schema.expression import Expression
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.opening import Follows, on, stream

PARENTS: Mapping[tuple[str, str], tuple[str, bool]] = {
    ("UDP", "dport"): ("udp.port", False), ("UDP", "sport"): ("udp.port", False),
    ("TCP", "dport"): ("tcp.port", True), ("TCP", "sport"): ("tcp.port", True),
    ("SCTP", "dport"): ("sctp.port", False), ("SCTP", "sport"): ("sctp.port", False),
    ("IP", "proto"): ("ip.proto", False), ("IPv6", "nh"): ("ip.proto", False),
    ("Ether", "type"): ("ethertype", False), ("SNAP", "code"): ("ethertype", False),
    ("CookedLinux", "proto"): ("ethertype", False), ("Dot1Q", "type"): ("ethertype", False),
    ("LLC", "dsap"): ("llc.dsap", False), ("PPP", "proto"): ("ppp.protocol", False),
}
"""Fields of scapy's by which layers are bound, and our tables; and whether a stream follows."""
_OVERRIDES = ("do_dissect", "pre_dissect", "dissection_done")
"""Methods with which a class of scapy's dissects in its own way."""


def scapy_headers(name: str) -> list[type[Header]]:
    """The layers of the module `scapy.<name>` as headers, in the order of their declaration.

    MissingLibrary where there is no such module, ValueError where it declares no layer.
    """
    module = library(f"scapy.{name}")
    library("scapy.layers.all")
    base = library("scapy.packet").Packet
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type)
             and issubclass(kind, base) and kind.__module__ == module.__name__
             and "fields_desc" in vars(kind)]
    if not kinds:
        raise ValueError(f"scapy.{name} declares no layers")
    inside = {kind for kind in kinds if asks_below(kind)}
    return [header for kind in dict.fromkeys(kinds) if not _only_inside(kind, kinds, inside)
            for header in _headers(kind, kinds, inside)]


def _only_inside(kind: type[Any], kinds: Sequence[type[Any]], inside: set[type[Any]]) -> bool:
    """Whether a layer is read as the payload of others only."""
    bound = any(child is kind for parent in kinds for _, child in parent.payload_guess)
    return kind in inside and bound


def _headers(
    kind: type[Any], kinds: Sequence[type[Any]], inside: set[type[Any]]
) -> Iterator[type[Header]]:
    """The header of one class; two forms of it where scapy has to read some of what it carries."""
    whole = _body(kind, kinds, inside)
    chosen = _chosen(kind, inside)
    field = whole.get(attribute_of(chosen[0], {})) if chosen is not None else None
    if chosen is None or not isinstance(field, Number) or any(
            isinstance(one, ScapyField) for one in whole.values()) or field not in _fixed(whole):
        yield from _made(kind, kinds, whole, _follows(kind, kinds))
        return
    attribute, values = field_name(whole, field), chosen[1]
    follows = [*_follows(kind, kinds)]
    yield from _made(kind, kinds, whole, _where(follows, attribute, values, False))
    other = _body(kind, (), inside)
    other[attribute_of("payload", other)] = ScapyPayload(kind, 0, default=b"")
    yield from _made(kind, (), other, _where(follows, attribute, values, True))


def _fixed(body: Mapping[str, Any]) -> set[Field[Any]]:
    """The fields of a class body that lie at fixed places."""
    found: set[Field[Any]] = set()
    for field in body.values():
        if isinstance(field, Field):
            if field.bits is None or field.when is not None:
                break
            found.add(field)
    return found


def field_name(body: Mapping[str, Any], field: Field[Any]) -> str:
    """Under which name a class body holds a field."""
    return next(name for name, one in body.items() if one is field)


def _chosen(kind: type[Any], inside: set[type[Any]]) -> tuple[str, tuple[int, ...]] | None:
    """The field and its values by which scapy finds layers that look at the one below them."""
    found: dict[str, list[int]] = {}
    for how, child in kind.payload_guess:
        if child in inside and len(how) == 1:
            (field, value), = how.items()
            if isinstance(value, int):
                found.setdefault(field, []).append(value)
    if len(found) != 1:
        return None
    (field, values), = found.items()
    return field, tuple(values)


def _where(follows: Sequence[Follows], attribute: str, values: tuple[int, ...], among: bool
           ) -> Iterator[Follows]:
    """Entries for just the headers whose field is among the values, or is not."""

    def looks(header: Any) -> Expression:
        holds: Expression = getattr(header, attribute).among(*values)
        return holds if among else ~holds

    for entry in follows:
        yield Follows(entry.table, entry.values, looks, among and entry.stream)


def asks_below(kind: type[Any]) -> bool:
    """Whether fields of scapy's class look at the layer below them."""
    return any("underlayer" in names_in(value) for field in kind.fields_desc
               for value in _functions(field))


def _functions(field: Any) -> Iterator[types.CodeType]:
    """The code of the functions that a field holds, and of the field that it wraps."""
    wrapped = getattr(field, "fld", None)
    if wrapped is not None and wrapped is not field:
        yield from _functions(wrapped)
    for kind in type(field).__mro__:
        for name in (*getattr(kind, "__slots__", ()), *getattr(field, "__dict__", ())):
            code = getattr(getattr(field, name, None), "__code__", None)
            if isinstance(code, types.CodeType):
                yield code


def _made(
    kind: type[Any], kinds: Sequence[type[Any]], body: dict[str, Any],
    follows: Iterable[Follows],
) -> Iterator[type[Header]]:
    """The header of a class body; where its bits fill no octets, scapy reads all of it."""
    name = kind.__name__.lower().strip("_") or "layer"
    follows = tuple(follows)
    if not any(isinstance(field, ScapyField) for field in body.values()):
        follows = tuple(replace(entry, stream=False) for entry in follows)  # it ends somewhere
    for attempt in (body, None):
        fields = _by_scapy(kind) if attempt is None else attempt
        if attempt is None:
            follows = tuple(replace(entry, looks=None) for entry in follows)
        try:
            yield types.new_class(
                kind.__name__, (Header,), {"name": name, "follows": follows}, fields_into(fields))
        except DeclarationError:
            continue
        return


def fields_into(body: Mapping[str, Any]) -> Callable[[dict[str, Any]], None]:
    """What fills a class with `body`."""
    return lambda namespace: namespace.update(body)


def _document(kind: type[Any]) -> dict[str, Any]:
    """The documentation of a class body."""
    title = str(vars(kind).get("_name") or getattr(kind, "_name", None) or kind.__name__)
    return {"__doc__": f"{title} (scapy {kind.__module__.removeprefix('scapy.')})",
            "__module__": f"rawlab.interop.{kind.__module__}"}


def _by_scapy(kind: type[Any]) -> dict[str, Any]:
    """A class body of which scapy reads everything."""
    return _document(kind) | {"layer": ScapyPacket(kind, 0, default=b"")}


def _body(
    kind: type[Any], kinds: Sequence[type[Any]], inside: set[type[Any]]
) -> dict[str, Any]:
    """The class body of a header: documentation and fields."""
    base = library("scapy.packet").Packet
    conditional = library("scapy.fields").ConditionalField
    if any(getattr(kind, how) is not getattr(base, how) for how in _OVERRIDES) or kind in inside:
        return _by_scapy(kind)
    body = _document(kind)
    natives = Natives(kind)
    opened: dict[str, Field[Any]] = {}
    by_scapy = False
    for number, field in enumerate(kind.fields_desc):
        made = natives.conditional(field) if isinstance(field, conditional) else (
            natives.native(field))
        if made is None:
            made = ScapyField(kind, number, default=b"")
            by_scapy = True
        body[attribute_of(field.name, body)] = made
        opened[field.name] = made
    if by_scapy:
        body[attribute_of("payload", body)] = ScapyPayload(kind, 0, default=b"")
    else:
        fixed = _fixed(body)
        _open(kind, kinds, {name: field for name, field in opened.items() if field in fixed})
    return body


def _open(kind: type[Any], kinds: Sequence[type[Any]], opened: Mapping[str, Field[Any]]) -> None:
    """Let the fields by which scapy binds other layers of the module open tables."""
    from rawlab.schema.opening import Table

    for names in {tuple(how) for how, child in kind.payload_guess if child in kinds}:
        field = opened.get(names[0]) if len(names) == 1 else _first(opened) if not names else None
        if isinstance(field, Number) and field.when is None and not field.opens:
            name = names[0] if names else "any"
            field.opens = (Table(_table(kind, name)),)


def _first(opened: Mapping[str, Field[Any]]) -> Field[Any] | None:
    """The first integer, for layers that follow on whatever value."""
    return next((f for f in opened.values() if isinstance(f, Number) and f.when is None), None)


def _table(kind: type[Any], field: str) -> str:
    return f"scapy.{kind.__name__}.{field}".lower()


def _follows(kind: type[Any], kinds: Sequence[type[Any]]) -> Iterator[Follows]:
    """Where scapy binds a layer, as far as our tables know the parent."""
    values: dict[tuple[str, bool], dict[int, None]] = {}
    for parent in _parents():
        for how, child in parent.payload_guess:
            if child is not kind or len(how) != 1:
                continue
            (field, value), = how.items()
            opened = PARENTS.get((parent.__name__, field))
            if opened is not None and isinstance(value, int):
                values.setdefault(opened, {})[value] = None
    for (table, streams), found in values.items():
        yield stream(table, *found) if streams else on(table, *found)
    for parent in kinds:
        for how, child in parent.payload_guess:
            if child is kind and len(how) == 1 and isinstance(next(iter(how.values())), int):
                (field, value), = how.items()
                yield on(_table(parent, field), value)
            elif child is kind and not how:
                yield on(_table(parent, "any"))
    numbers = library("scapy.config").conf.l2types.num2layer
    linktypes = [number for number, layer in numbers.items() if layer is kind]
    if linktypes:
        yield on("linktype", *linktypes)


def _parents() -> Iterator[type[Any]]:
    """scapy's layers that stand for headers of rawlab's own."""
    places = {"inet": ("IP", "UDP", "TCP"), "inet6": ("IPv6",), "sctp": ("SCTP",),
              "l2": ("Ether", "SNAP", "CookedLinux", "Dot1Q", "LLC"), "ppp": ("PPP",)}
    for module, names in places.items():
        found = library(f"scapy.layers.{module}")
        yield from (getattr(found, name) for name in names)
