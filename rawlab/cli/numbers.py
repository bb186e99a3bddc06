"""Numbers with a unit's prefix, as rates are said."""

from __future__ import annotations

import re

import click

_PREFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


class Quantity(click.ParamType):
    """A number above 0, perhaps with k, m or g (thousands, millions, milliards)."""

    name = "quantity"

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)([kmg]?)", str(value).lower())
        number = float(found[1]) * _PREFIXES[found[2]] if found else 0.0
        if not 0 < number < float("inf"):
            self.fail(f"{value!r} is no number of {self.unit} a second, such as 1000, 10k or 1.5m",
                      param, ctx)
        return number
