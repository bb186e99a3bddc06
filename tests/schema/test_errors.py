"""Wrong declarations fail when the class is created, naming class and field."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from declared import dissect
from rawlab.schema import (
    U1,
    U3,
    U4,
    U8,
    U12,
    U16,
    U64,
    DeclarationError,
    Flags,
    Group,
    Header,
    Items,
    Octets,
    Pad,
    Text,
    Unsigned,
    Varint,
    header,
    length_of,
    payload,
)
from rawlab.schema.field import Field

Make = Callable[[], object]


class Before(Header, name="before"):
    """Declared before."""

    kind: U8 = U8()


class Item(Group, name="item"):
    """A group without variants."""

    kind: U8 = U8()


def header_of(**fields: object) -> Callable[[], object]:
    """What creates the class `Wrong` with these fields."""
    return lambda: type("Wrong", (Header,), {"__doc__": "Wrong.", **fields}, name="wrong")


def later() -> object:
    size, body = U8(), U8()
    return header_of(body=Octets(length=size), size=size, other=body)()


def itself() -> object:
    size = U8()
    size.when = size == 1
    return header_of(size=size)()


def of_another() -> object:
    return header_of(body=Octets(length=Before.kind))()


def twice() -> object:
    field = U8()
    return header_of(one=field, two=field)()


def overlay(base: Field[int], over: Field[int], order: bool = True) -> Make:
    over.over = base
    fields = {"base": base, "over": over} if order else {"over": over, "base": base}
    return header_of(**fields)


def two_lengths() -> object:
    return header_of(a=U8(compute=length_of(payload)), b=U8(compute=length_of(header, payload)))()


def deep() -> object:
    size = U8()
    length = size + 0
    for _ in range(40):
        length = 1 + length
    return header_of(size=size, body=Octets(length=length))()


def wandering(field: Field[int]) -> Make:
    return header_of(name=Text(until=b"\0"), field=field)


WRONG: list[tuple[str, Make, str]] = [
    ("no ()", header_of(kind=U8), r"Wrong\.kind: a field type without its \(\)"),
    ("same dotted name", header_of(class_=U8(), **{"class": U8()}), r"Wrong\.class: .*taken"),
    ("one field twice", twice, r"Wrong\.two: is wrong\.one, declared before"),
    ("a later field", later, r"Wrong\.body: length refers to the later field size"),
    ("itself", itself, r"Wrong\.size: when= refers to itself"),
    ("another header's field", of_another, r"Wrong\.body: .*before\.kind, a field of another"),
    ("bits at the end", header_of(a=U4()), r"Wrong\.a: .*fill an octet"),
    ("bits before octets", header_of(a=U4(), b=Octets(length=1)), r"Wrong\.a: .*before b"),
    ("bits before text", header_of(a=U8(), b=U1(), c=Text()), r"Wrong\.b: .*before c"),
    ("bits before a varint", header_of(a=U12(), b=Varint()), r"Wrong\.a: .*before b"),
    ("bits before padding", header_of(a=U12(), b=Pad(align=4)), r"Wrong\.a: .*before b"),
    ("flags at the end", header_of(a=U3(), f=Flags("x", "y")), r"Wrong\.f: .*5 are left over"),
    ("little bits alone", header_of(a=U4(order="little"), b=U4()), r"Wrong\.a: .*little-endian"),
    (
        "little bits too many",
        header_of(a=U4(order="little"), b=U64(order="little"), c=U4(order="little")),
        r"Wrong\.\w: .*little-endian",
    ),
    ("overlay too wide", overlay(U8(), U16()), r"Wrong\.over: does not fit into base"),
    ("overlay beyond", overlay(U8(), U4(bit=5)), r"Wrong\.over: does not fit into base"),
    ("overlay of nothing", overlay(U8(), U8(), order=False), r"Wrong\.over: .*earlier field"),
    (
        "no name",
        lambda: type("Wrong", (Header,), {}),
        r'Wrong: needs a name: class \.\.\.\(Header, name="\.\.\."\)',
    ),
    ("bad name", lambda: type("Wrong", (Header,), {}, name="a b"), "'a b' is not a dotted name"),
    ("a group without a name", lambda: type("Wrong", (Group,), {}), "Wrong: needs a name"),
    (
        "a variant without a condition",
        lambda: type("Wrong", (Item,), {"more": U8()}),
        "Wrong: a variant, and only a variant",
    ),
    (
        "a group with a condition",
        lambda: type("Wrong", (Group,), {"more": U8()}, name="wrong", when=Item.kind == 1),
        "Wrong: a variant, and only a variant",
    ),
    (
        "a variant that repeats a name",
        lambda: type("Wrong", (Item,), {"kind": U8()}, when=Item.kind == 1),
        r"Wrong\.kind: the name item\.kind is taken",
    ),
    ("two lengths of a payload", two_lengths, r"Wrong\.b: a second length"),
    ("a table at no fixed place", wandering(U8(opens="x")), r"Wrong\.field: .*fixed place"),
    (
        "a length at no fixed place",
        wandering(U8(compute=length_of(payload))),
        r"Wrong\.field: .*fixed place",
    ),
    ("too deep", deep, r"Wrong\.body: length is nested too deep"),
    ("an alias that is taken", header_of(a=U8(), b=U8(aliases=("a",))), r"Wrong\.b: .*\ba\b"),
]


@pytest.mark.parametrize(("make", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_declaration(make: Make, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        make()


ARGUMENTS: list[tuple[str, Make, type[Exception], str]] = [
    ("unknown argument", lambda: U8(defualt=1), TypeError, "defualt"),  # type: ignore[call-arg]
    ("two ends", lambda: Octets(length=1, until=b"\0"), ValueError, "not by both"),
    ("a long delimiter", lambda: Octets(until=b"12345678"), ValueError, "1 to 7"),
    ("two ends of items", lambda: Items(Item, count=1, length=2), ValueError, "one of"),
    ("odd padding", lambda: Items(Item, align=3), ValueError, "power of two"),
    ("padding to 1", lambda: Pad(align=1), ValueError, "power of two"),
    ("bits of flags", lambda: Flags("a", "b", bits=8), ValueError, "cover 2 bits"),
    ("a kind of varint", lambda: Varint(kind="sql"), ValueError, "quic"),
    ("width", lambda: Unsigned(bits=65), ValueError, "1 to 64"),
    ("order", lambda: U16(order="middle"), ValueError, "middle"),
    (
        "order of a class",
        lambda: type("Wrong", (Header,), {}, name="wrong", order="middle"),
        ValueError,
        "middle",
    ),
    ("condition", lambda: U8(when=lambda h: h.a), TypeError, "when= takes"),  # type: ignore[arg-type]
    ("length of nothing", length_of, ValueError, "needs the part"),
    ("length of a number", lambda: length_of(4), TypeError, "not 4"),  # type: ignore[arg-type]
    ("length by zero", lambda: length_of(header) // 0, ValueError, "positive"),
]


@pytest.mark.parametrize(
    ("make", "error", "message"), [a[1:] for a in ARGUMENTS], ids=[a[0] for a in ARGUMENTS]
)
def test_a_wrong_argument(make: Make, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_a_header_does_not_change() -> None:
    layer = dissect("01", Before)["before"]
    with pytest.raises(AttributeError, match=r"before\.kind cannot be set"):
        layer.kind = 2


def test_an_unknown_field_is_told_with_what_is_near() -> None:
    with pytest.raises(TypeError, match=r"Before has no field 'knid': did you mean 'kind'\?"):
        Before(knid=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"it has kind"):
        Before(x=1)  # type: ignore[call-arg]
