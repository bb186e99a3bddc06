"""Numbers with a unit's prefix, as rates are said."""

from __future__ import annotations

import re

import click

_PREFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def rate(text: str) -> float:
    """A number above 0 a second, perhaps with k, m or g (thousands, millions, milliards)."""
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)([kmg]?)", text.lower())
    number = float(found[1]) * _PREFIXES[found[2]] if found else 0.0
    if not 0 < number < float("inf"):
        raise click.BadParameter(f"{text!r} is no rate a second, such as 1000, 10k or 1.5m")
    return number
