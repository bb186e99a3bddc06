"""What the names in a display filter mean: fields, layers, and what is known of the frame."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rawlab.filter.tree import Carried, FieldValues, Frame, FrameField, Layer, Operand, Sort
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.fault import Kind
from rawlab.schema.field import Field
from rawlab.schema.integer import Flag, Flags, Number, Varint
from rawlab.schema.items import Custom
from rawlab.schema.octets import Text

if TYPE_CHECKING:
    from rawlab.schema.registry import Found, Registry

EITHER = {"addr": ("src", "dst"), "port": ("srcport", "dstport")}
"""Names that mean either of two fields."""
FRAME = {
    "frame.number": Sort.NUMBER,
    "frame.len": Sort.NUMBER,
    "frame.cap_len": Sort.NUMBER,
    "frame.time": Sort.TIME,
    "frame.time_epoch": Sort.TIME,
    "frame.time_relative": Sort.TIME,
    "frame.time_delta": Sort.TIME,
    "frame.time_delta_displayed": Sort.TIME,
    "frame.interface_id": Sort.NUMBER,
    "frame.interface_name": Sort.TEXT,
    "frame.protocols": Sort.TEXT,
}
CARRIED = {"payload": Sort.OCTETS, "payload_len": Sort.NUMBER, "fault": Sort.NUMBER}
"""What every layer has besides its fields."""


class Ambiguous(ValueError):
    """A name whose fields are of sorts that cannot be compared with each other."""


class Names:
    """The names that a registry gives a meaning to."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._numbers: dict[str, dict[str, int]] = {}

    def find(self, name: str) -> Operand | None:
        """What `name` means, or None. Raises Ambiguous."""
        if name == "frame":
            return Frame()
        if name in FRAME:
            return FrameField(name, FRAME[name])
        known = self.registry.field_names()
        if name in known:
            return self._field(name, known[name])
        if name in self.registry:
            return Layer(name, self.registry[name])
        owner, _, last = name.rpartition(".")
        parts = [f"{owner}.{part}" for part in EITHER.get(last, ())]
        if parts and all(part in known for part in parts):
            return self._field(name, [found for part in parts for found in known[part]])
        if last in CARRIED and owner in self.registry:
            return Carried(owner, self.registry[owner], last, CARRIED[last])  # type: ignore[arg-type]
        return None

    def _field(self, name: str, found: Iterable[Found]) -> FieldValues:
        sources = tuple(dict.fromkeys(found))
        sorts = {sort_of(source.field, source.part) for source in sources}
        if len(sorts) > 1:
            told = " and ".join(sorted(sort.value for sort in sorts))
            raise Ambiguous(f"{name!r} means fields of different kinds: {told}")
        return FieldValues(name, sorts.pop(), sources)

    def near(self, name: str) -> list[str]:
        """Names like `name`."""
        fields = self.registry.field_names()
        known = [*fields, *FRAME, "frame"]
        known += {name for header in self.registry for name in _names_of(header)}
        for last, (first, second) in EITHER.items():
            owners = [name.removesuffix(first) for name in fields if name.endswith(f".{first}")]
            known += [owner + last for owner in owners if owner + second in fields]
        found = difflib.get_close_matches(name, list(dict.fromkeys(known)), 3, 0.6)
        owner, _, last = name.rpartition(".")
        if last == "len" and owner in self.registry:  # as Wireshark calls what TCP carries
            found = [f"{owner}.payload_len", *found[:2]]
        return found

    def numbers(self, operand: Operand) -> dict[str, int]:
        """The values of an operand that have names, by name in small letters."""
        if isinstance(operand, Carried) and operand.what == "fault":
            return {kind.name.lower(): int(kind) for kind in Kind}
        if not isinstance(operand, FieldValues) or operand.sort is not Sort.NUMBER:
            return {}
        found = self._numbers.get(operand.name)
        if found is None:
            found = self._numbers[operand.name] = {}
            for source in operand.sources:
                if not source.part:
                    found |= self._followers(source.field)
                    found |= {plain(word): value for value, word in source.field.names.items()}
        return found

    def _followers(self, field: Field[Any]) -> dict[str, int]:
        """The headers that follow by the value of a field, by name."""
        tables = {table.name for table in field.opens}
        if not tables:
            return {}
        return {
            plain(name): entry.values[0]
            for entry, header in self.registry.follows()
            if entry.table in tables and entry.values
            for name in _names_of(header)[:1]
        }


def _names_of(header: type[Any]) -> list[str]:
    from rawlab.schema.declaration import declaration_of

    name = declaration_of(header).name
    return [name, *(f"{name}.{what}" for what in CARRIED)]


def plain(name: str) -> str:
    """The name of a value without regard for case, blanks, dashes and underscores."""
    return name.lower().replace(" ", "").replace("_", "").replace("-", "")


def sort_of(field: Field[Any], part: str = "") -> Sort:
    """The sort of the values of a field, or of a run of its bits."""
    if part:
        assert isinstance(field, Flags)
        return Sort.BOOLEAN if dict(field.parts)[part][1] == 1 else Sort.NUMBER
    kinds: tuple[tuple[type[Any], Sort], ...] = (
        (MACAddress, Sort.MAC), (IPv4Address, Sort.IPV4), (IPv6Address, Sort.IPV6),
        (Flag, Sort.BOOLEAN), (Number, Sort.NUMBER), (Varint, Sort.NUMBER),
        (Text, Sort.TEXT), (Custom, Sort.TEXT),
    )
    return next((sort for kind, sort in kinds if isinstance(field, kind)), Sort.OCTETS)


def bits_of(operand: Operand) -> int:
    """The bits of a number as it is stored, in whole octets; 0 where that is not known."""
    if not isinstance(operand, FieldValues) or operand.sort is not Sort.NUMBER:
        return 0
    widths = [source.field.bits or 64 for source in operand.sources]
    scaled = any(source.field.scale != 1 for source in operand.sources)
    return 64 if scaled else (max(widths) + 7) // 8 * 8
