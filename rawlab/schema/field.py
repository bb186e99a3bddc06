"""What all fields have in common: a typed descriptor that is an expression on the class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypedDict, TypeVar, Unpack, overload

from rawlab.engine import numbers as n
from rawlab.engine.view import Access, View, values_of
from rawlab.schema.compute import Checksum, Count, Length, Next
from rawlab.schema.expression import Expression
from rawlab.schema.mistakes import check_options
from rawlab.schema.opening import Condition, Table

if TYPE_CHECKING:
    from rawlab.schema.layout import Place

V = TypeVar("V")
Span = tuple[int, int, int, int, int, int]
"""(field row, first bit, bits, parent span, value, scope), as the engine found it."""
Row = dict[int, int]
"""Columns of a field row that differ from 0."""


class Options(TypedDict, total=False):
    """What every field takes, by keyword."""

    default: Any
    compute: Length | Count | Next
    seal: Checksum
    when: Expression
    opens: str | Table | tuple[str | Table, ...]
    minimum: int
    maximum: int
    require: Condition
    vital: bool
    scale: int
    unit: str
    base: int
    digits: int
    names: Mapping[int, str]
    label: str
    aliases: tuple[str, ...]
    keywords: tuple[str, ...]
    order: str
    over: Field[Any]
    bit: int
    pseudo: bool


OPTIONS = frozenset(Options.__annotations__)


class Field(Access, Expression, Generic[V]):
    """A field of a header: on the class an expression, on an instance a value of type V."""

    attribute: str = ""
    """Its name in Python."""
    name: str = ""
    """Its whole name, as in `udp.dstport`."""
    owner: type | None = None
    bits: int | None = None
    """Its width, or None where that varies."""
    integral = False
    """The engine reads it as an integer of `bits` bits."""

    def __init__(self, **options: Unpack[Options]) -> None:
        check_options(options, OPTIONS)
        self.options = options
        self.compute = options.get("compute")
        self.seal = options.get("seal")
        self.when = options.get("when")
        self.minimum = options.get("minimum")
        self.maximum = options.get("maximum")
        self.require = options.get("require")
        self.vital = options.get("vital", False)
        self.scale = options.get("scale", 1)
        self.unit = options.get("unit", "")
        self.base = options.get("base", 10)
        self.digits = options.get("digits", 0)
        self.names = options.get("names", {})
        self.label = options.get("label", "")
        self.aliases = options.get("aliases", ())
        self.keywords = options.get("keywords", ())
        self.order = options.get("order", "")
        self.over = options.get("over")
        self.bit = options.get("bit", 0)
        self.pseudo = options.get("pseudo", False)
        opens = options.get("opens", ())
        if not isinstance(opens, tuple):
            opens = (opens,)
        self.opens = tuple(Table(o) if isinstance(o, str) else o for o in opens)

    def __repr__(self) -> str:
        return self.name or f"{type(self).__name__}()"

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> Self: ...
        @overload
        def __get__(self, instance: View, owner: type) -> V: ...
        @overload
        def __get__(self, instance: object, owner: type) -> Self: ...
        def __get__(self, instance: object, owner: type) -> Self | V: ...

    def __set__(self, instance: View, value: V) -> None:  # its type is that of the keyword
        raise AttributeError(f"{self.name} cannot be set: headers do not change")

    @property
    def private(self) -> bool:
        """It keeps a place and is not shown."""
        return self.attribute.startswith("_")

    @property
    def takes_rest(self) -> bool:
        """It reaches to the end of what encloses its header, so nothing can follow it."""
        return False

    @property
    def has_bounds(self) -> bool:
        """A value out of bounds is a fault."""
        return self.minimum is not None or self.maximum is not None

    @property
    def has_default(self) -> bool:
        """It need not be given when building."""
        return "default" in self.options or self.compute is not None or self.seal is not None

    @property
    def default(self) -> V | None:
        """Its value when building, where none is given or computed."""
        value: V | None = self.options.get("default")
        return value

    # What the layout and the tables ask.

    def fixed_bits(self) -> int | None:
        """Its width in bits where the declaration alone tells it."""
        return self.bits

    def row(self) -> Row:
        """How the engine reads it."""
        raise NotImplementedError

    def settle(self, place: Place | None) -> None:
        """It lies at `place` of every header, or at none that is fixed."""

    # What reading asks.

    def _read(self, view: View) -> V | None:
        values = values_of(view)
        if values is None:
            from rawlab.schema.reading import read_values

            values = read_values(view)
        value: V | None = values.get(self.attribute)
        return value

    def value_at(self, octets: memoryview, span: Span) -> V:
        """The value at a span that the engine found in `octets`."""
        raise NotImplementedError

    # What building asks.

    def encode(self, value: Any) -> bytes:
        """The octets of a value, for fields that are no integers of a fixed width."""
        raise NotImplementedError

    # How it is printed.

    def show(self, value: Any) -> str:
        """`value` as a column prints it."""
        return str(value)

    def describe(self, value: Any) -> str:
        """`value` for people: with the name that its number has, and its unit."""
        text = self.show(value)
        name = self.names.get(value) if self.names else None
        if name:
            text = f"{text} ({name})"
        return f"{text} {self.unit}" if self.unit else text


def integer_row(field: Field[Any]) -> Row:
    """The columns that any integer has."""
    row: Row = {n.F_OP: n.INTEGER, n.F_BITS: field.bits or 0, n.F_SCALE: field.scale}
    if field.minimum is not None or field.maximum is not None:
        row[n.F_CHECKED] = 1
        row[n.F_VITAL] = int(field.vital)
        row[n.F_MINIMUM] = field.minimum if field.minimum is not None else -(2**63) + 1
        row[n.F_MAXIMUM] = field.maximum if field.maximum is not None else 2**63 - 1
    return row
