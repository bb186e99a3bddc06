"""One packet, decoded as far as it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from rawlab.engine import numbers as n
from rawlab.engine.view import Stack, bounds_of, flags_of
from rawlab.schema.declaration import Header, declaration_of
from rawlab.schema.draft import Draft
from rawlab.schema.fault import Fault, Kind
from rawlab.schema.reading import FieldValue, deep_fault, header_field
from rawlab.schema.redraft import redraft

if TYPE_CHECKING:
    from rawlab.batch import Batch, Interface
    from rawlab.checksums import Verified
    from rawlab.schema.registry import Registry

H = TypeVar("H", bound=Header)
LINKTYPE_ETHERNET = 1


class Packet(Stack):
    """A packet of a batch: its layers are found in one pass, a field is read when asked for.

    `packet.udp`, `packet["udp"]` and `packet[UDP]` are the outermost layer of that name or class;
    all three raise where there is none, `packet.get(UDP)` gives None.
    """

    def __init__(
        self,
        octets: bytes | bytearray | memoryview | Draft,
        *,
        time_ns: int = 0,
        length: int | None = None,
        linktype: int | None = None,
        number: int = 1,
        interface: Interface | None = None,
        registry: Registry | None = None,
    ) -> None:
        """A packet of its own: `octets` as captured, of `length` octets on the wire; or a draft.

        A packet begins with an Ethernet header, a draft with its first one, if `linktype` does not
        say otherwise.
        """
        from rawlab.batch import single

        if linktype is None:
            linktype = octets.linktype if isinstance(octets, Draft) else LINKTYPE_ETHERNET
        single(bytes(octets), time_ns, length, linktype, number, interface, registry).lay(self, 0)

    # Where it comes from.

    @property
    def _owner(self) -> Batch:
        batch: Batch = self._place()[1]
        return batch

    def _index(self, row: int) -> int:
        _, batch, position, _, _ = self._place()
        value: int = batch.index[row, position]
        return value

    @property
    def number(self) -> int:
        """Its place in the capture, from 1."""
        _, batch, position, _, _ = self._place()
        result: int = batch.number(position)
        return result

    @property
    def interface(self) -> Interface:
        """The interface that it was captured on."""
        found: Interface = self._owner.interfaces[self.interface_number]
        return found

    @property
    def interface_number(self) -> int:
        """The place of its interface among the capture's interfaces, from 0."""
        return self._index(n.INTERFACE)

    @property
    def octets(self) -> bytes:
        """The captured octets."""
        _, batch, _, start, stop = self._place()
        return bytes(memoryview(batch.octets)[start:stop])

    # Layers.

    @property
    def layers(self) -> tuple[Header, ...]:
        """The headers, outermost first."""
        found, _, position, _, _ = self._place()
        return tuple(self._view(i) for i in range(found.count(position)))

    @overload
    def __getitem__(self, key: type[H]) -> H: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: type[H] | str) -> H | Any:
        found = self.get(key)
        if found is None:
            name = key if isinstance(key, str) else declaration_of(key).name
            raise KeyError(self._no_layer(name))
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (str, type)) and self.get(key) is not None

    def _no_layer(self, name: str) -> str:
        there = [declaration_of(type(layer)).name for layer in self.layers]
        if name in self._owner.tables.by_name:
            return f"packet {self.number} has no layer {name!r}, but {', '.join(there) or 'none'}"
        near = difflib.get_close_matches(name, self._owner.tables.by_name, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"no protocol is called {name!r}{hint}"

    # What the layers leave over.

    @property
    def payload_offset(self) -> int:
        """The octet, counted from the packet's first, at which the last layer ends."""
        found, _, position, start, _ = self._place()
        count = found.count(position)
        return found.row(position, count - 1)[n.L_END] - start if count else 0

    @property
    def payload(self) -> bytes:
        """What the last layer carries and no header describes."""
        found, batch, position, start, stop = self._place()
        count = found.count(position)
        if count:
            _, _, start, stop, _ = found.row(position, count - 1)
        return bytes(memoryview(batch.octets)[start:stop])

    @property
    def trailer(self) -> bytes:
        """Octets after the end that the outermost length sets: padding, a frame check sequence."""
        found, batch, position, _, stop = self._place()
        limits = (found.row(position, i)[n.L_LIMIT] for i in range(found.count(position)))
        return bytes(memoryview(batch.octets)[next((x for x in limits if x < stop), stop) : stop])

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong with the packet, outermost first; the fields inside are read for it."""
        found = self._passed()
        result: list[Fault] = []
        for i, layer in enumerate(self.layers):
            result += self._refined(layer, found.get(i, []))
        return tuple(result)

    def faults_of(self, layer: Header) -> tuple[Fault, ...]:
        """What is wrong with one of the packet's layers."""
        for i, other in enumerate(self.layers):
            if other is layer:
                return tuple(self._refined(layer, self._passed().get(i, [])))
        raise ValueError(f"{layer!r} is no layer of packet {self.number}")

    def _passed(self) -> dict[int, list[Fault]]:
        """What the layer walk found wrong, by the number of the layer."""
        found: dict[int, list[Fault]] = {}
        for row in self._owner.fault_rows(self._place()[2]):
            found.setdefault(row[n.X_LAYER], []).append(self._fault(row))
        return found

    def _refined(self, layer: Header, faults: list[Fault]) -> list[Fault]:
        """The faults of a layer: what reading it finds is more exact than what passing it found."""
        deep = deep_fault(layer, self._place()[3])
        cut = (Kind.TRUNCATED, Kind.OVERRUN)
        if deep is None or (flags_of(layer) & n.INCOMPLETE and deep.kind in cut):
            return faults
        prefix = declaration_of(type(layer)).layout.fixed
        for i, fault in enumerate(faults):
            if fault.kind == deep.kind and (fault.field == deep.field or deep.kind in cut):
                whole = fault.kind in cut and fault.want == prefix and not fault.field
                faults[i] = fault._replace(field=deep.field) if whole else deep
                return faults
        if deep.kind in cut and any(fault.kind is Kind.LENGTH for fault in faults):
            return faults  # what a header that is too short for its fields has to lack
        return [*faults, deep]

    def _fault(self, row: list[int]) -> Fault:
        found, batch, position, start, _ = self._place()
        header = batch.tables.classes[found.row(position, row[n.X_LAYER])[n.L_HEADER]]
        field = batch.tables.row_fields[row[n.X_FIELD]] if row[n.X_FIELD] >= 0 else None
        return Fault(Kind(row[n.X_KIND]), declaration_of(header).name, header_field(header, field),
                     row[n.X_AT] - start, row[n.X_WANT], row[n.X_GOT])

    def octets_of(self, part: Header | FieldValue) -> bytes:
        """The octets of a layer's header, or those that a field touches."""
        if isinstance(part, FieldValue):
            first, last = part.octet_range
            return self.octets[first:last]
        origin, start, end, _, _ = bounds_of(part)
        return self.octets[start - origin : end - origin]

    @property
    def checksums(self) -> tuple[Verified, ...]:
        """The packet's checksums, verified now."""
        from rawlab.checksums import verify

        return verify(self)

    # Building.

    def edit(
        self,
        changes: Mapping[str | type[Header] | Header, Mapping[str, Any]] | None = None,
        *,
        keep: Iterable[str] = (),
        **layers: Mapping[str, Any],
    ) -> Packet:
        """A new packet with some values changed: `packet.edit(ip=dict(ttl=3))`.

        Layers are named as in `packet["ip"]`: by their name, their class, or themselves. A layer's
        "payload" are octets in place of all that it carries. Lengths, checksums and the numbers of
        what follows are computed again, but for the fields that `keep` names (`"udp.checksum"`; "*"
        keeps all). KeyError for a layer that is not there, TypeError for a field that is not.
        """
        edits: dict[int, Mapping[str, Any]] = {}
        for key, changed in (*(changes or {}).items(), *layers.items()):
            edits[self._number_of(key)] = changed
        return self._rebuilt(edits, frozenset(keep))

    def _number_of(self, key: Any) -> int:
        """The number of the layer that `key` names."""
        layer = key if isinstance(key, Header) else self[
            key.replace("__", ".") if isinstance(key, str) and key not in self else key]
        return next(i for i, other in enumerate(self.layers) if other is layer)

    def _rebuilt(self, edits: Mapping[int, Mapping[str, Any]], keep: frozenset[str]) -> Packet:
        layers = self.layers
        damaged = [i for i, layer in enumerate(layers) if self.faults_of(layer)]
        draft = redraft(
            layers, damaged=damaged, cut=self.caplen < self.length, edits=edits, keep=keep)
        octets = bytes(draft)
        return Packet(
            octets, time_ns=self.time_ns, length=self.length + len(octets) - self.caplen,
            linktype=self.linktype, number=self.number, interface=self.interface,
            registry=self._owner.registry)

    # As a value.

    def __repr__(self) -> str:
        names = "/".join(declaration_of(type(layer)).name for layer in self.layers) or "?"
        text = f"<Packet {self.number} {names} {self.caplen} octets"
        if self.caplen != self.length:
            text += f" of {self.length}"
        return text + (f", {len(self.faults)} fault(s)>" if self.faults else ">")

    def __dir__(self) -> list[str]:
        names = [declaration_of(type(layer)).name.replace(".", "__") for layer in self.layers]
        return [*super().__dir__(), *names]

    def __len__(self) -> int:
        return self.caplen

    def __bytes__(self) -> bytes:
        return self.octets

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packet):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[bytes, int, int, int]:
        return self.octets, self.time_ns, self.length, self.linktype

    def __reduce__(self) -> tuple[Any, ...]:
        from rawlab.plugins import default_registry

        registry = self._owner.registry
        if registry is default_registry():
            registry = None  # whoever restores it has one
        state = (self.octets, self.time_ns, self.length, self.linktype, self.number,
                 self.interface, registry)
        return _restore, state


def _restore(octets: bytes, time_ns: int, length: int, linktype: int, number: int,
             interface: Interface, registry: Registry | None) -> Packet:
    return Packet(octets, time_ns=time_ns, length=length, linktype=linktype, number=number,
                  interface=interface, registry=registry)
