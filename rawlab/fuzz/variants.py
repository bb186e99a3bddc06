"""Groups and their variants, and what of a header or group takes all that follows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rawlab.engine import numbers as n
from rawlab.schema.code import as_bounds
from rawlab.schema.compute import Length
from rawlab.schema.declaration import Declared, Group, declaration_of
from rawlab.schema.expression import Expression, Operation
from rawlab.schema.field import Field
from rawlab.schema.items import Nested, One
from rawlab.schema.octets import Extent
from rawlab.schema.solving import evaluate


def variants(group: type[Group]) -> list[tuple[type[Group], tuple[Expression, ...]]]:
    """A group and its variants, and what has to hold so that an item is read as each."""
    def go(cls: type[Group], told: tuple[Expression, ...]) -> Iterable[Any]:
        others: tuple[Expression, ...] = ()
        inner = []
        for variant in cls.__subclasses__():
            when = declaration_of(variant).when
            assert when is not None
            inner.append((variant, (*told, *others, when)))
            others = (*others, ~when)
        yield cls, (*told, *(~first_condition(declaration_of(v).when) for v, _ in inner))
        for variant, holds in inner:
            yield from go(variant, holds)

    return list(go(group, ()))


def first_condition(when: Expression | None) -> Expression:
    """The first of conditions that are joined: the others may ask for what is computed."""
    assert when is not None
    while isinstance(when, Operation) and when.symbol == "&" and isinstance(when.left, Operation):
        when = when.left
    return when


def may_be_open(cls: type[Declared]) -> bool:
    """Whether it may take all octets that follow, having no length of its own."""
    return not is_bounded(cls) and any(map(is_open, declaration_of(cls).fields))


def is_bounded(cls: type[Declared]) -> bool:
    """Whether a length says where it ends."""
    declared = declaration_of(cls)
    exact = None if declared.when is None else as_bounds(declared.when)
    told = {exact[0]: exact[1]} if exact is not None and exact[1] == exact[2] else {}
    for field in declared.fields:
        kinds = field.compute.kinds if isinstance(field.compute, Length) else frozenset()
        if kinds == {"header"} or kinds and issubclass(cls, Group):
            if field.when is None or evaluate(field.when, told.get) != 0:
                return True
    return False


def is_open(field: Field[Any]) -> bool:
    if isinstance(field, Extent):
        return field.length is None and field.until is None
    if isinstance(field, One):
        return field.by == n.BY_REST and may_be_open(field.group)
    return isinstance(field, Nested) and field.by == n.BY_REST and field.last is None
