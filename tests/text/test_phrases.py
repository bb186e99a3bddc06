"""Summaries with values that are absent."""

from __future__ import annotations

import pytest

from declared import dissect
from rawlab.schema import U8, Header, Text
from rawlab.text.phrases import Phrase, phrases_of
from rawlab.text.summary import summarizer

CASES = [
    ("{a} code {b}", [Phrase("", ["a"]), Phrase(" code ", ["b"])]),
    ("key {a}{b} C", [Phrase("key ", ["a", "b"], " C")]),
    ("[{a}] {b}, {c}: {d}", [
        Phrase("[", ["a"], "]"), Phrase(" ", ["b"]), Phrase(", ", ["c"]), Phrase(": ", ["d"]),
    ]),
    ("{a}C #{b}%", [Phrase("", ["a"], "C"), Phrase(" #", ["b"], "%")]),
    ("no field", []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("template", "phrases"), CASES)
def test_phrases(template: str, phrases: list[Phrase]) -> None:
    assert phrases_of(template) == phrases


class Report(
    Header, name="report", summary="report [{name}] #{seq} {celsius} C, under {low}{high} hPa"
):
    """What a summary may hold."""

    name_len: U8 = U8()
    name: Text = Text(length=name_len)
    seq: U8 = U8(when=name_len > 0)
    low: U8 = U8(when=name_len == 0)
    high: U8 = U8(when=name_len == 2)
    celsius: U8 = U8()


class Bare(Header, name="bare"):
    """Nothing is said of what to tell."""

    _kept: U8 = U8()
    kind: U8 = U8(names={1: "one"})
    what__size: U8 = U8()
    text: Text = Text(length=1)
    a: U8 = U8()
    b: U8 = U8()
    c: U8 = U8()


def test_without_a_summary_the_first_fields_are_told() -> None:
    summarize = summarizer(Bare)
    assert summarize is not None
    told = summarize(dissect("00 01 02 41 03 04 05", Bare).layers[0])
    assert told == "kind one what.size 2 a 3 b 4"


SUMMARIES = [
    ("02 6162 03 04 05", "[ab] #3 5 C, under 4 hPa"),
    ("01 61 03 05", "[a] #3 5"),
    ("00 07 05", " 5 C, under 7 hPa"),
    ("02 61", ""),
]


@pytest.mark.parametrize(("octets", "told"), SUMMARIES)
def test_absent_values_go_with_their_words(octets: str, told: str) -> None:
    summarize = summarizer(Report)
    assert summarize is not None
    assert summarize(dissect(octets, Report).layers[0]) == told
