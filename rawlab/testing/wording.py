"""Values in the words of a report: short, printable, and such that a difference is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rawlab.engine.view import source_of
from rawlab.schema.declaration import Declared, Header, declaration_of
from rawlab.schema.draft import Draft, as_layer
from rawlab.schema.integer import Number
from rawlab.schema.items import Nested
from rawlab.schema.octets import Octets
from rawlab.testing.agreement import wanted_values
from rawlab.testing.values import Values
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.schema import Field

_MOST_OCTETS = 24
"""Octets that are shown of a value."""
_BEFORE = 4
"""Octets that are shown before the first that differs."""
_MOST_LETTERS = 160


def show_found(field: Field[Any], value: Any, beside: Any = None) -> str:
    """A value of a packet; of long octets the part in which they differ from those `beside`."""
    if value is None:
        return "nothing"
    if isinstance(value, (bytes, bytearray)):
        return show_octets(bytes(value), beside if isinstance(beside, bytes) else None)
    return _short(escape(field.describe(value)))


def show_wanted(field: Field[Any], wanted: Any, beside: Any = None) -> str:
    """What was wanted of a field, in the form in which its value is shown."""
    if wanted is None:
        return "nothing"
    if isinstance(wanted, (Values, range)):
        return _short(escape(repr(wanted)))
    if callable(wanted):
        return _called(wanted)
    if isinstance(wanted, (bytes, bytearray)) and isinstance(field, Octets):
        return show_octets(bytes(wanted), beside if isinstance(beside, bytes) else None)
    if isinstance(field, Nested):
        return show_groups(wanted if isinstance(wanted, (list, tuple)) else (wanted,))
    if isinstance(field, Number):
        try:
            return _short(escape(field.describe(field.natural(field.number(wanted)))))
        except (TypeError, ValueError):
            pass  # a network, say: it has words of its own
    return _short(escape(str(wanted)))


def show_octets(octets: bytes, beside: bytes | None = None) -> str:
    """Octets in hexadecimal: all of a few, else those around the first that differs."""
    if len(octets) <= _MOST_OCTETS:
        return octets.hex(" ", -4) or "no octets"
    start = 0
    if beside is not None:
        pairs = zip(octets, beside, strict=False)
        first = next((i for i, (a, b) in enumerate(pairs) if a != b), len(beside))
        start = max(first - _BEFORE, 0)
    part = octets[start : start + _MOST_OCTETS]
    before = f"{start} octets, " if start else ""
    left = len(octets) - start - len(part)
    after = f" and {left} more octets" if left > 0 else ""
    return f"{before}{part.hex(' ', -4)}{after}"


def show_groups(groups: Sequence[Declared]) -> str:
    """Groups, each with its values."""
    return _short(", ".join(map(show_header, groups))) or "none"


def show_header(view: Declared) -> str:
    """A header or group, with the values that it was given or read with."""
    values = wanted_values(view)
    if source_of(view) is None:
        parts = [f"{field.attribute}={_as_given(value)}" for field, value in values.items()]
    else:
        declared = declaration_of(type(view))
        own = {f.name for f in (declared.fields if declared.when is None else declared.own)}
        parts = [f"{field.attribute}={show_found_briefly(field, value)}"
                 for field, value in values.items() if field.name in own]  # the class says the rest
    return f"{type(view).__name__}({', '.join(parts)})"


def show_found_briefly(field: Field[Any], value: Any) -> str:
    """A value without the name and the unit that it may have."""
    return show_octets(value) if isinstance(value, bytes) else escape(field.show(value))


def _as_given(value: Any) -> str:
    """A value much as it was written in the test."""
    if isinstance(value, (bytes, bytearray)):
        return show_octets(bytes(value))
    if isinstance(value, (list, tuple)) and all(isinstance(one, Declared) for one in value):
        return f"[{', '.join(map(show_header, value))}]"
    if isinstance(value, Declared):
        return show_header(value)
    if isinstance(value, (Values, str, range)):
        return escape(repr(value))
    return _called(value) if callable(value) else escape(str(value))


def _called(function: Any) -> str:
    return f"what {getattr(function, '__name__', repr(function))} accepts"


def show_pattern(pattern: Header | Draft | type[Header]) -> str:
    """A pattern on a line."""
    if isinstance(pattern, type):
        return pattern.__name__
    if isinstance(pattern, Header):
        return show_header(pattern)
    parts = [show_header(as_layer(layer).header) for layer in pattern.layers]
    return " / ".join([*parts, show_octets(pattern.payload)] if pattern.payload else parts)


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 3]}..."
