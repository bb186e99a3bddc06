"""Values that stand for many: what a field may be, where a test does not care which."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


class Values:
    """Some values of a field. Made by the functions of this module."""

    def __init__(self, words: str, accepts: Callable[[Any, Callable[[Any], bool]], bool]) -> None:
        self._words = words
        self._accepts = accepts

    def accepts(self, found: Any, equals: Callable[[Any], bool]) -> bool:
        """Whether `found` is among them; `equals` compares it with a value as its field does."""
        return self._accepts(found, equals)

    def __repr__(self) -> str:
        return self._words


ANY: Any = Values("any value", lambda found, equals: found is not None)
"""Any value, as long as the field is there."""


def between(low: Any, high: Any) -> Any:
    """Values from `low` to `high`, both included."""
    return Values(
        f"{low} to {high}",
        lambda found, equals: found is not None and bool(low <= found <= high),
    )


def one_of(*values: Any) -> Any:
    """Any of these values; each may be anything that the field takes."""
    if not values:
        raise ValueError("one_of needs at least one value")
    return Values(
        " or ".join(map(repr, values)), lambda found, equals: any(equals(v) for v in values)
    )


def matching(pattern: str) -> Any:
    """Text in which a regular expression is found; of a value that is no text, its `str`.

    Raises re.error for a wrong expression.
    """
    compiled = re.compile(pattern)
    return Values(
        f"text matching {pattern!r}",
        lambda found, equals: found is not None and compiled.search(str(found)) is not None,
    )


def where(test: Callable[[Any], object], words: str = "") -> Any:
    """Values for which `test` is true; `words` say in a report what it asks for."""
    told = words or f"what {getattr(test, '__name__', 'the test')} accepts"
    return Values(told, lambda found, equals: found is not None and bool(test(found)))
