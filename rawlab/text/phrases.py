"""Templates in phrases: fields, and the words that make no sense without them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter

_STICKS = re.compile(r"[^\s,;:]*")
"""What belongs to the value before it: up to a blank or a mark between values."""


@dataclass
class Phrase:
    """Fields of which the first that has a value is told, with the words around it."""

    before: str
    names: list[str]
    after: str = ""


def phrases_of(template: str) -> list[Phrase]:
    """The phrases of a template: none where it names no field.

    Words belong to the value after them, but for what sticks to the value before (`]`), and what
    ends the template (a unit). Values side by side, `{src_eth}{src_ipv4}`, make one phrase.
    """
    found: list[Phrase] = []
    for literal, name, _, _ in Formatter().parse(template):
        sticking = _STICKS.match(literal) if name is not None else None
        after = sticking[0] if sticking is not None else literal
        if found and literal:
            found[-1].after = after
            literal = literal[len(after) :]
            joined = False
        else:
            joined = bool(found)
        if name and joined:
            found[-1].names.append(name)
        elif name:
            found.append(Phrase(literal, [name]))
    return found
