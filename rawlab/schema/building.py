"""Building one header or group: its octets from its values, its declaration, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from rawlab.engine import numbers as n
from rawlab.schema.code import as_line
from rawlab.schema.compute import Checksum, Count, Length, Part
from rawlab.schema.declaration import Declaration, Declared, Group, declaration_of
from rawlab.schema.expression import Constant
from rawlab.schema.field import Field
from rawlab.schema.integer import Number
from rawlab.schema.items import Custom, Items, Nested, One
from rawlab.schema.known import Known, Surroundings
from rawlab.schema.octets import Extent, Pad
from rawlab.schema.original import verbatim


class Blank(NamedTuple):
    """A checksum that is to be computed when the whole packet lies there."""

    offset: int
    """Octet of the header."""
    size: int
    seal: Checksum
    was: int
    """The checksum of the dissected header; 0 where there was none."""


class Built(NamedTuple):
    """The octets of a header, and what is still open."""

    octets: bytes
    blanks: tuple[Blank, ...] = ()
    announced: int | None = None
    """The number by which the header announces what follows."""
    bits: Mapping[Field[Any], int] = MappingProxyType({})
    """Where each big-endian integer begins, in bits from the header's first."""


def build(
    view: Declared, around: Surroundings, edits: Mapping[str, Any] | None = None,
    written: bytes = b"",
) -> Built:
    """The octets of a header or group, which follow `written` in its message.

    What was given, here by `edits` or when it was made, is kept. Of a dissected header, fields that
    are not edited keep their octets. ValueError or TypeError, naming the field and its bound, for
    what cannot be represented or is missing.
    """
    same = None if edits else verbatim(view)
    return Built(same) if same is not None else Builder(view, around, edits or {}, written).build()


class Builder:
    """Builds one header or group."""

    def __init__(
        self, view: Declared, around: Surroundings, edits: Mapping[str, Any], written: bytes
    ) -> None:
        self.cls = type(view)
        self.declared = declaration_of(self.cls)
        self.around = around
        self.before = written
        self.known = Known(view, around, edits)
        self.given = self.known.given
        self.original = self.known.original
        self.octets: dict[Field[Any], bytes] = {}
        """What the fields that are no integers hold on the wire."""
        self.order: dict[Field[Any], None] = {}
        """The fields that are there, in wire order."""
        self.bits = 0
        """How many there are so far."""

    def build(self) -> Built:
        """All steps: what is there, how long it is, what counts it, and the octets of it all."""
        for field in self.declared.fields:
            if field.over is None and self._present(field):
                self._place(field)
        self._place_data()
        self._align()
        self._compute()
        return self._assemble()

    # Laying out.

    def _present(self, field: Field[Any]) -> bool:
        """Whether a field is there. A given one whose condition does not hold is refused."""
        if field.when is None:
            return True
        holds = self.known.holds(field.when)
        if holds is None:
            return field in self.given or field in self.known.found
        if not holds and field in self.given:
            raise ValueError(f"{field.name} is there only where {field.when!r}")
        return bool(holds)

    def _place(self, field: Field[Any]) -> None:
        self.order[field] = None
        if isinstance(field, Number):
            self.bits += field.bits or 0
            return
        self._hold(field, self._encoded(field))
        if field in self.given or self.original is None:
            self._tell_length(field)

    def _hold(self, field: Field[Any], octets: bytes) -> None:
        """`field` holds these octets, perhaps after others."""
        self.octets[field] = self.octets.get(field, b"") + octets
        self.bits += 8 * len(octets)

    def _encoded(self, field: Field[Any]) -> bytes:
        """The octets of a field that is no integer of fixed width."""
        if isinstance(field, Pad):
            return bytes(-(self.bits // 8) % field.align)
        if field not in self.given:
            if self.original is not None and field in self.original.octets:
                return self.original.octets[field]
            if field.default is None:
                return self._empty(field)
        value = self.given.get(field, field.default)
        if isinstance(field, Nested):
            return self._groups(field, value)
        if isinstance(field, Custom):
            return field.write(value, self._written())
        return field.encode(value)

    def _empty(self, field: Field[Any]) -> bytes:
        """What a field holds that was not given: nothing, if it may be empty."""
        if isinstance(field, Items):
            return b""
        if isinstance(field, Extent) and not isinstance(field.length, Constant):
            return field.encode(b"")
        raise ValueError(f"{field.name} has to be given")

    def _groups(self, field: Nested[Any, Any], value: Any) -> bytes:
        octets = bytearray()
        for group in (value,) if isinstance(field, One) else tuple(value):
            if not isinstance(group, field.group):
                raise TypeError(
                    f"{field.name} holds {field.group.__name__}, not {type(group).__name__}")
            octets += build(group, Surroundings(), None, self._written() + octets).octets
            octets += bytes(-len(octets) % field.align)
        return bytes(octets)

    def _written(self) -> bytes:
        """The octets so far for custom fields to look back on; integers are not in them yet."""
        octets = bytearray(self.before)
        bits = 0
        for field in self.order:
            if field in self.octets:
                octets += bytes(bits // 8) + self.octets[field]
                bits = 0
            else:
                bits += (field.bits or 0) if isinstance(field, Number) else 0
        return bytes(octets) + bytes(bits // 8)

    def _place_data(self) -> None:
        """Octets of a group that no field covers."""
        if issubclass(self.cls, Group) and self.cls.data not in self.order:
            data = self.given.get(self.cls.data)
            if data:
                self.order[self.cls.data] = None
                self._hold(self.cls.data, self.cls.data.encode(data))

    def _align(self) -> None:
        """A list at the end is padded to the unit in which the header's length is counted."""
        last = next(reversed(self.order), None)
        if not isinstance(last, Items):
            return
        for field in self.order:
            compute = field.compute
            if isinstance(compute, Length) and compute.kinds == {"header"}:
                if field not in self.given:
                    self._hold(last, bytes(-(self.bits // 8) % (compute.divisor * field.scale)))

    # Lengths and counts.

    def _tell_length(self, field: Field[Any]) -> None:
        """The length or count that a field refers to follows from what it holds."""
        length = getattr(field, "length", None)
        line = None if length is None or isinstance(length, Constant) else as_line(length)
        if line is None:
            return
        told, factor, add = line
        if told in self.given or told.compute is not None or factor == 0:
            return
        if isinstance(field, Nested) and field.count is not None:
            size = len(self.given.get(field, field.default) or ())
        elif isinstance(field, Nested) and field.by == n.BY_END:
            size = self.bits // 8
        else:
            size = len(self.octets[field])
        if isinstance(field, Items) and field.count is None:
            pad = (add - size) % factor
            self._hold(field, bytes(pad))
            size += pad
        number, over = divmod(size - add, factor)
        if over:
            raise ValueError(f"{field.name}: {size} octets, where its length counts {factor} each")
        self.known.learn(told, number)

    def _compute(self) -> None:
        for field in self.declared.fields:
            if not isinstance(field, Number) or field in self.known.numbers:
                continue
            if field not in self.order and not self._wanted(field):
                continue
            if isinstance(field.compute, Length):
                self.known.learn(field, self._length(field, field.compute))
            elif isinstance(field.compute, Count):
                self.known.learn(field, self._count(field.compute))

    def _wanted(self, field: Field[Any]) -> bool:
        """Whether an overlay says what its octets mean: none other does, and it may."""
        if field.over not in self.order or self.known.value(field) is not None:
            return False
        tables = {table.name for table in field.opens}
        follower = self.around.follower
        return not tables or field in self.known.found or follower is not None and any(
            entry.table in tables for entry in declaration_of(follower).follows)

    def _length(self, field: Field[Any], length: Length) -> int:
        octets = sum(map(self._octets_of, length.parts))
        value, over = divmod(octets, length.divisor)
        if over:
            raise ValueError(
                f"{field.name} counts {length.divisor} octets each, and there are {octets}")
        return value + length.add

    def _octets_of(self, part: Any) -> int:
        if not isinstance(part, Part):
            field: Field[Any] = part if isinstance(part, Field) else part(self.cls)
            if field in self.octets:
                return len(self.octets[field])
            return (field.bits or 0) // 8 if field in self.order else 0
        if part.name == "header":
            return self.bits // 8
        if not issubclass(self.cls, Group):
            return self.around.payload_octets
        base = base_of(self.cls)
        own = sum(8 * len(self.octets[f]) if f in self.octets else f.bits or 0
                  for f in base.fields if f in self.order)
        return (self.bits - own) // 8

    def _count(self, count: Count) -> int:
        items = count.items
        field: Field[Any] = items if isinstance(items, Field) else items(self.cls)
        return len(self.given.get(field, self.known.found.get(field, field.default)) or ())

    # Octets.

    def _assemble(self) -> Built:
        octets = bytearray()
        blanks: list[Blank] = []
        begins: dict[Field[Any], int] = {}
        words = self.declared.layout.words
        bits = size = 0
        for field in self.order:
            if not isinstance(field, Number):
                octets += self.octets[field]
                continue
            number = self._number(field)
            width = field.bits or 0
            if number is None:
                assert field.seal is not None
                was = int(self.known.found.get(field, 0))
                blanks.append(Blank(len(octets) + size // 8, width // 8, field.seal, was))
            raw = field.wire(number or 0)
            word, before = words.get(field, (0, 0))
            if not word:
                begins[field] = 8 * len(octets) + size
            bits = bits | raw << before if word else bits << width | raw
            size += width
            if size % 8 == 0 and (not word or size == 8 * word):
                octets += bits.to_bytes(size // 8, "little" if word else "big")
                bits = size = 0
        if self.original is not None:
            octets += self.original.rest
        return Built(bytes(octets), tuple(blanks), self._announced(), begins)

    def _number(self, field: Number[Any]) -> int | None:
        """The value of an integer; None for a checksum that is to be computed."""
        number = self.known.value(field)
        if number is not None or field.seal is not None:
            return number
        overlays = [o for o in self.known.overlays if o.over is field
                    and (o.when is None or self.known.holds(o.when) != 0)]
        if field.private and not any(o.compute is not None for o in overlays):
            return 0  # no field that is there tells what it holds
        names = [o.name for o in overlays if not o.private]
        raise ValueError(f"{' or '.join(names) or field.name} has to be given")

    def _announced(self) -> int | None:
        for field in self.declared.fields:
            if field.opens:
                return self.known.value(field)
        return None


def base_of(group: type[Group]) -> Declaration:
    """The declaration that a group varies; its own where it is no variant."""
    for cls in group.__mro__:
        found = vars(cls).get("_declaration")
        if isinstance(found, Declaration) and found.when is None:
            return found
    return declaration_of(group)
