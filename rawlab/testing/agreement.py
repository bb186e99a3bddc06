"""Whether a field's value is the one that was wanted, compared as the field itself would."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any

from rawlab.engine.view import source_of, values_of
from rawlab.schema import field_values
from rawlab.schema.address import IPv6Address
from rawlab.schema.declaration import declaration_of
from rawlab.schema.integer import Number
from rawlab.schema.items import Custom, Nested
from rawlab.schema.octets import Octets, Text
from rawlab.testing.values import Values

if TYPE_CHECKING:
    from rawlab.schema import Field
    from rawlab.schema.declaration import Declared


def agrees(field: Field[Any], wanted: Any, found: Any) -> bool:
    """Whether `found`, a field's value or None, is what was wanted of it.

    `wanted`: a value in any form in which the field is built ("SA", "10.0.0.1"), None for a field
    that is not there, `Values`, a range, a network of addresses, or a function that is asked.
    Raises TypeError and ValueError, as building does, for what the field can never be.
    """
    if isinstance(wanted, Values):
        return wanted.accepts(found, lambda value: agrees(field, value, found))
    if isinstance(field, Nested):
        return not unmatched(groups_of(wanted), groups_of(found)) and (
            wanted != () and wanted != [] or not found)
    if wanted is None or found is None:
        return found is wanted
    if isinstance(wanted, (range, IPv4Network, IPv6Network)):
        return bool(found in wanted)
    if callable(wanted):
        return bool(wanted(found))
    return _same(field, wanted, found)


def _same(field: Field[Any], wanted: Any, found: Any) -> bool:
    if isinstance(field, Number):
        return int(field.wire(wanted)) == int(field.wire(found))
    if isinstance(field, IPv6Address):
        return bool(field.encode(wanted) == field.encode(found))
    if isinstance(field, Octets):
        field.encode(wanted)  # of another kind or length, it is refused here
        return bool(bytes(wanted) == found)
    if isinstance(field, Text) and isinstance(wanted, (bytes, bytearray)):
        return bool(bytes(wanted).decode(field.encoding, "backslashreplace") == found)
    if isinstance(field, Custom):
        return bool(wanted == found or field.write(wanted, b"") == field.write(found, b""))
    return bool(wanted == found)


def check_wanted(field: Field[Any], wanted: Any) -> None:
    """TypeError or ValueError for a value that the field can never have."""
    special = (Values, range, IPv4Network, IPv6Network)
    if isinstance(wanted, special) or wanted is None or callable(wanted):
        return
    if isinstance(field, Number):
        field.wire(wanted)
    elif isinstance(field, (IPv6Address, Octets)):
        field.encode(wanted)


def wanted_values(view: Declared) -> dict[Field[Any], Any]:
    """What a header or group says: the values that it was given, or those that it was read with."""
    known = declaration_of(type(view)).by_attribute
    if source_of(view) is not None:
        return {value.field: value.value for value in field_values(view)}
    return {known[name]: value for name, value in (values_of(view) or {}).items() if name in known}


def groups_of(value: Any) -> Sequence[Declared]:
    """A list of groups, a single group or none, as a list."""
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else (value,)


def unmatched(wanted: Sequence[Declared], found: Sequence[Declared]) -> Declared | None:
    """The first wanted group that is not among `found`, in order; others may stand between."""
    left = iter(found)
    for group in wanted:
        if not any(group_agrees(group, other) for other in left):
            return group
    return None


def group_agrees(wanted: Declared, found: Declared) -> bool:
    """Whether a group is of the wanted kind, and every value that was given agrees."""
    return isinstance(found, type(wanted)) and all(
        agrees(field, value, getattr(found, field.attribute, None))
        for field, value in wanted_values(wanted).items()
    )
