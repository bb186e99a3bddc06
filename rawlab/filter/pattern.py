"""Regular expressions of `matches`."""

from __future__ import annotations

import re
from collections.abc import Callable

Search = Callable[[bytes], bool]


def compile_pattern(pattern: bytes) -> Search:
    """What tells whether a pattern is found in octets; ValueError where it is none."""
    try:
        search = re.compile(pattern, re.IGNORECASE).search
    except re.error as error:
        raise ValueError(f"the regular expression is wrong: {error}") from None
    return lambda octets: search(octets) is not None
