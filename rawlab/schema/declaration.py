"""Headers and groups: the classes that declare a protocol."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, dataclass_transform

from rawlab.engine import numbers as n
from rawlab.engine.view import View
from rawlab.schema.answer_checks import terms_of
from rawlab.schema.answers import Anything, Rule, Term
from rawlab.schema.compute import Length
from rawlab.schema.draft import Draft
from rawlab.schema.error import DeclarationError
from rawlab.schema.expression import Expression
from rawlab.schema.field import Field
from rawlab.schema.items import Items
from rawlab.schema.layout import Layout, check, check_places, lay_out
from rawlab.schema.mistakes import (
    check_annotations,
    check_arguments,
    check_follows,
    check_order,
    check_summary,
)
from rawlab.schema.octets import Octets
from rawlab.schema.opening import Follows


@dataclass(frozen=True)
class Declaration:
    """What a header or group declares."""

    owner: type
    name: str
    title: str
    fields: tuple[Field[Any], ...]
    """In wire order, a variant's after its base's."""
    own: tuple[Field[Any], ...]
    layout: Layout
    follows: tuple[Follows, ...] = ()
    summary: str = ""
    when: Expression | None = None
    answers: tuple[Term, ...] | Anything | None = None
    """What answers it; None where the declaration does not say."""
    by_attribute: dict[str, Field[Any]] = field(default_factory=dict)
    moulds: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """From what headers made of the same fields are cast (`rawlab.schema.moulds`)."""

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The names of the shown fields in Python, without other names for them."""
        return frozenset(f.attribute for f in self.by_attribute.values())

    @cached_property
    def plain(self) -> bool:
        """A header of just the fixed prefix has no fault that passing over it does not find."""
        return all(f.require is None and not (f.over is not None and f.has_bounds)
                   for f in self.fields) and all(map(self._may_be_empty, self.layout.tail))

    @staticmethod
    def _may_be_empty(field: Field[Any]) -> bool:
        """A field of the tail needs no octets where the header ends before it."""
        if isinstance(field, Octets):
            return field.length is None and field.until is None
        if not isinstance(field, Items):
            return False
        told = field.length
        if told is None:
            return True
        return field.by == n.BY_END and isinstance(told, Field) and (
            isinstance(told.compute, Length) and told.compute.kinds == {"header"})


def declaration_of(cls: type[View]) -> Declaration:
    """What `cls` declares; TypeError where it declares nothing."""
    found = getattr(cls, "_declaration", None)
    if found is None:
        raise TypeError(f"{cls.__name__} declares no header")
    result: Declaration = found
    return result


def header_name(cls: type[View]) -> str:
    """The dotted name of a header class: `udp`."""
    return declaration_of(cls).name


def header_title(cls: type[View]) -> str:
    """The first line of a header class's docstring."""
    return declaration_of(cls).title


def fields_of(cls: type[View]) -> tuple[Field[Any], ...]:
    """The fields of a header or group that are shown, in wire order."""
    return tuple(f for f in declaration_of(cls).fields if not f.private)


def dotted(attribute: str) -> str:
    """The last part of a field's name, as its Python attribute spells it."""
    return attribute.removesuffix("_").replace("__", ".")


class Declared(View):
    """What headers and groups share: fields as attributes, values by keyword."""

    if TYPE_CHECKING:
        _declaration: Declaration

    def _by_attribute(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` with other names resolved; TypeError for what is no field."""
        known = self._declaration.by_attribute
        for name in values:
            if name not in known:
                raise TypeError(unknown_field(type(self).__name__, name, known))
        return {known[name].attribute: value for name, value in values.items()}

    def __bytes__(self) -> bytes:
        """The octets that its values make; see `rawlab.schema.assembling`."""
        from rawlab.schema.assembling import octets_of

        return octets_of(self)

    def __repr__(self) -> str:
        from rawlab.schema.reading import field_values, shown

        parts = [f"{v.field.attribute}={shown(v)}" for v in field_values(self) if not v.items]
        return f"{type(self).__name__}({', '.join(parts)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        from rawlab.schema.reading import field_values

        assert isinstance(other, Declared)
        return [(v.name, v.value) for v in field_values(self)] == [
            (v.name, v.value) for v in field_values(other)]

    def __hash__(self) -> int:
        return id(self)


def unknown_field(owner: str, name: str, known: dict[str, Field[Any]]) -> str:
    """What to tell somebody who named a field that is not there."""
    near = difflib.get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
    return f"{owner} has no field {name!r}: {hint}"


def _collect(cls: type[Declared], inherited: tuple[Field[Any], ...], name: str, order: str
             ) -> tuple[Field[Any], ...]:
    """The fields that the body of `cls` declares, named and checked one by one."""
    names = {f.name for f in inherited}
    own = []
    for attribute, found in list(vars(cls).items()):
        if not isinstance(found, Field):
            if isinstance(found, type) and issubclass(found, Field):
                raise DeclarationError(cls.__name__, attribute, "a field type without its ()")
            continue
        if found.owner is not None:
            raise DeclarationError(cls.__name__, attribute, f"is {found.name}, declared before")
        found.attribute = attribute
        found.name = f"{name}.{dotted(attribute)}" if name else dotted(attribute)
        found.owner = cls
        found.order = found.order or order
        if found.name in names:
            raise DeclarationError(cls.__name__, attribute, f"the name {found.name} is taken")
        names.add(found.name)
        own.append(found)
    return tuple(own)


def _declare(cls: type[Declared], name: str, inherited: tuple[Field[Any], ...], order: str,
             **more: Any) -> None:
    check_order(order)
    own = _collect(cls, inherited, name, order)
    check_annotations(cls)
    fields = (*inherited, *own)
    check(cls.__name__, fields)
    layout = lay_out(fields)
    lines = (cls.__doc__ or "").strip().splitlines()
    by_attribute = {f.attribute: f for f in fields if not f.private}
    for found in fields:
        for alias in found.aliases:
            if alias in by_attribute:
                raise DeclarationError(
                    cls.__name__, found.attribute, f"the alias {alias} is the name of a field")
    by_attribute |= {alias: f for f in fields for alias in f.aliases if "." not in alias}
    by_attribute |= {word: f for f in fields for word in f.keywords}
    cls._declaration = Declaration(
        cls, name, lines[0] if lines else cls.__name__, fields, own, layout,
        by_attribute=by_attribute, **more)
    for found in own:
        for alias in found.aliases:
            if "." not in alias:  # with a dot it is a name in filters and columns only
                setattr(cls, alias, found)


@dataclass_transform(kw_only_default=True, eq_default=False, frozen_default=True)
class Header(Declared):
    """A protocol's header.

    Class arguments: `name` (dotted), `follows`, `summary`, `order`, `answers`.
    """

    def __init_subclass__(
        cls,
        *,
        name: str = "",
        follows: Follows | tuple[Follows, ...] = (),
        summary: str = "",
        order: str = "big",
        answers: Rule | Anything | None = None,
        **others: Any,
    ) -> None:
        check_arguments(
            cls.__name__, others, ("name", "follows", "summary", "order", "answers"))
        super().__init_subclass__()
        if not name:
            raise DeclarationError(cls.__name__, "", 'needs a name: class ...(Header, name="...")')
        if not all(part.isidentifier() for part in name.replace("-", "_").split(".")):
            raise DeclarationError(cls.__name__, "", f"{name!r} is not a dotted name")
        inherited = getattr(cls, "_declaration", None)
        if isinstance(follows, Follows):
            follows = (follows,)
        check_follows(cls.__name__, follows)
        _declare(cls, name, inherited.fields if inherited else (), order,
                 follows=follows, summary=summary,
                 answers=inherited.answers if inherited else None)
        check_summary(cls.__name__, summary, cls._declaration.fields)
        layout = cls._declaration.layout
        check_places(cls.__name__, cls._declaration.fields, layout)
        for found in cls._declaration.own:
            found.settle(layout.places.get(found))
        if answers is not None:
            told = terms_of(cls, answers, cls._declaration.fields)
            cls._declaration = replace(cls._declaration, answers=told)

    def __truediv__(self, other: Header | Draft | bytes) -> Draft:
        """This header around `other`: headers, or the octets of a payload."""
        return Draft((self,)) / other


@dataclass_transform(kw_only_default=True, eq_default=False, frozen_default=True)
class Group(Declared):
    """A part of a header that repeats or nests: an option, a record.

    A subclass with `when` is a variant: it adds its fields where the condition over the base's
    fields holds. Octets that no field of an item covers are its `data`.
    """

    if TYPE_CHECKING:
        data: Octets = Octets()

    def __init_subclass__(
        cls,
        *,
        name: str = "",
        when: Expression | None = None,
        order: str = "",
        **others: Any,
    ) -> None:
        check_arguments(cls.__name__, others, ("name", "when", "order"))
        super().__init_subclass__()
        base: Declaration | None = getattr(cls, "_declaration", None)
        if base is None and not name:
            raise DeclarationError(cls.__name__, "", 'needs a name: class ...(Group, name="...")')
        if (base is None) != (when is None):
            raise DeclarationError(
                cls.__name__, "", "a variant, and only a variant, says when=")
        inherited = base.fields if base else ()
        _declare(cls, name or (base.name if base else ""), inherited, order or "big", when=when)
        if base is None and "data" not in vars(cls):
            rest = Octets(label="Data")
            rest.attribute, rest.name, rest.owner = "data", f"{name}.data", cls
            cls.data = rest
        cls._declaration.by_attribute.setdefault("data", cls.data)
