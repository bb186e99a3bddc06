"""How `-T fields` sets its cells: tshark's -E options."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

_NAMED = {"/t": "\t", "/s": " "}
_QUOTES = {"d": '"', "s": "'", "n": ""}
_ANSWERS = {"y": True, "n": False}
_KNOWN = "header=y|n, separator=C, occurrence=f|l|a, aggregator=C, quote=d|s|n, bom=y|n"

Occurrence = Literal["f", "l", "a"]
_OCCURRENCES: dict[str, Occurrence] = {"f": "f", "l": "l", "a": "a"}


@dataclass(frozen=True)
class FieldsForm:
    """What stands between and around the cells of a row."""

    separator: str = "\t"
    occurrence: Occurrence = "a"
    """Of a field that occurs several times: the first, the last, or all."""
    aggregator: str = ","
    """Stands between the occurrences."""
    header: bool = False
    """Whether the names stand in a first line."""
    quote: str = ""
    bom: bool = False
    """Whether the output begins with a byte order mark."""

    @classmethod
    def parse(cls, options: Iterable[str]) -> FieldsForm:
        """The form that options like `separator=,` ask for; ValueError names a wrong one."""
        form = cls()
        for option in options:
            form = _with(form, option)
        return form


def _with(form: FieldsForm, option: str) -> FieldsForm:
    key, _, value = option.partition("=")
    if key == "separator" and value:
        return replace(form, separator=_NAMED.get(value, value[0]))
    if key == "aggregator" and value:
        return replace(form, aggregator=_NAMED.get(value, value[0]))
    if key == "header" and value in _ANSWERS:
        return replace(form, header=_ANSWERS[value])
    if key == "bom" and value in _ANSWERS:
        return replace(form, bom=_ANSWERS[value])
    if key == "quote" and value in _QUOTES:
        return replace(form, quote=_QUOTES[value])
    if key == "occurrence" and value in _OCCURRENCES:
        return replace(form, occurrence=_OCCURRENCES[value])
    raise ValueError(f"-E {option}: options of -T fields are {_KNOWN}")
