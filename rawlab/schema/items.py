"""Groups within a header: lists of items, a single group, and custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from rawlab.engine import numbers as n
from rawlab.schema.expression import Expression, constant
from rawlab.schema.field import Field, Options, Row, Span, V

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rawlab.engine.view import View
    from rawlab.schema.declaration import Group

G = TypeVar("G", bound="Group")


class Nested(Field[V], Generic[V, G]):
    """A field that holds groups."""

    def __init__(
        self,
        group: type[G],
        *,
        count: Expression | int | None = None,
        length: Expression | int | None = None,
        until: Expression | int | None = None,
        last: Expression | None = None,
        align: int = 1,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(**options)
        given = [x for x in (count, length, until) if x is not None]
        if len(given) > 1:
            raise ValueError("items end by one of count, length and until")
        if align < 1 or align & (align - 1):
            raise ValueError(f"items are padded to a power of two, not {align}")
        self.group = group
        self.align = align
        self.count = count
        self.last = last
        self.length = constant(given[0]) if given else None
        self.by = (n.BY_COUNT if count is not None else n.BY_LENGTH if length is not None
                   else n.BY_END if until is not None else n.BY_REST)

    def row(self) -> Row:
        return {n.F_OP: n.ITEMS, n.F_BY: self.by, n.F_ALIGN: self.align}


class Items(Nested[tuple[G, ...], G]):
    """A list of groups: by `count`, by `length`, `until` an octet of the header, or to the end.

    `align`: each item is padded to a multiple of so many octets. `last`: a condition over the
    group's own fields; the list ends after an item for which it holds.
    """

    if TYPE_CHECKING:

        def __set__(self, instance: View, value: Iterable[G]) -> None: ...

    @property
    def takes_rest(self) -> bool:
        return self.when is None and self.by == n.BY_REST and self.last is None

    def show(self, value: Any) -> str:
        return str(len(value)) if isinstance(value, tuple) else repr(value)


class One(Nested[G, G]):
    """A single group, which may be bounded by `length`."""

    def row(self) -> Row:
        return super().row() | {n.F_OP: n.ONE}

    def show(self, value: Any) -> str:
        return repr(value)


class Custom(Field[V]):
    """What the grammar cannot say: a bounded field with a method for each direction."""

    domain_name = False
    """It is a domain name as DNS compresses it (RFC 1035, section 4.1.4), in the text form of
    section 5.1, so that `read` may be done by the engine."""

    def read(self, message: memoryview, start: int, end: int) -> tuple[V, int]:
        """The value at `start`, and the position after it, at most `end`.

        `message` begins at the header's first octet. Raises `Malformed`.
        """
        raise NotImplementedError

    def write(self, value: V, written: bytes) -> bytes:
        """The octets of `value`, which follow `written`, the header's octets so far."""
        raise NotImplementedError

    def row(self) -> Row:
        return {n.F_OP: n.CUSTOM}

    def value_at(self, octets: memoryview, span: Span) -> V:
        raise NotImplementedError
