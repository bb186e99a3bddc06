"""Regular expressions: as Python's where both know them, and in bounded time."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rawlab.filter.automaton import Automaton
from rawlab.filter.pattern import compile_pattern
from rawlab.filter.regex_parser import parse

ATOMS = st.sampled_from(["a", "b", "A", ".", r"\n", r"\w", r"\d", "[ab]", "[^a]", r"\s", r"\x41",
                         "[a-c1-3]", r"[\d_]"])
PLACES = st.sampled_from(["^", "$", r"\b", "(?m:^)", "(?m:$)", r"\A"])
COUNTS = st.sampled_from(["*", "+", "?", "*?", "{2}", "{1,3}", "{2,}"])
PATTERNS = st.recursive(
    ATOMS | PLACES,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("({}){}".format, inner, COUNTS),
        st.builds("{}{}".format, ATOMS, COUNTS),
    ),
    max_leaves=8,
)
SUBJECTS = st.lists(st.text("abAB12 \n_", max_size=6).map(str.encode), min_size=1, max_size=4)


@given(pattern=PATTERNS, subjects=SUBJECTS)
def test_finds_what_python_finds(pattern: str, subjects: list[bytes]) -> None:
    try:
        wanted = re.compile(pattern.encode(), re.IGNORECASE)
    except re.error:
        assume(False)
    search, automaton = compile_pattern(pattern.encode()), Automaton(parse(pattern.encode()))
    for octets in subjects:
        found = wanted.search(octets) is not None
        assert search(octets) == found, octets
        assert automaton.search(octets) == found, octets


CASES = [
    (r"^get", b"GET /", True),
    (r"(?-i)get", b"GET", False),
    (r"(?-i:g)et", b"gET", True),
    (r"[[:digit:]]{3}", b"a123", True),
    (r"[[:^digit:]]", b"123", False),
    (r"a.b", b"a\nb", False),
    (r"(?s)a.b", b"a\nb", True),
    (r"a\N*b", b"a  b", True),
    (r"(w)\1", b"Ww", True),
    (r"(?<=w)x", b"wx", True),
    (r"a(?!b)", b"ab", False),
    (r"\Bx", b"ax", True),
    (r"x$", b"x\n", True),
    (r"x\z", b"x\n", False),
    (r"\x{ff}\xfe\0", b"\xff\xfe\x00", True),
    (r"a{,2}b", b"b", True),
    (r"a{x}", b"a{x}", True),
    (r"(?#word)b", b"b", True),
    (r"(?<name>b)", b"b", True),
    (r"[]a]+", b"]", True),
    (r"[a\-z]", b"-", True),
    ("", b"", True),
]


@pytest.mark.parametrize(("pattern", "octets", "found"), CASES)
def test_what_is_found(pattern: str, octets: bytes, found: bool) -> None:
    assert compile_pattern(pattern.encode())(octets) == found


WRONG = ["(", "a)", "*", "a**", "[a", "a{3,1}", "a{1001}", "\\", r"\p{L}", "(?x)a", "[z-a]",
         "[[:foo:]]", r"(a)\2", "(" * 60 + ")" * 60, "(?<=a+)b", r"(a+)\1", "a++b", "(?>a*)b",
         "(?=.*b)", "((a{900}){900}){900}", "((((a?){9}){9}){9}){9}", r"\x{100}"]


@pytest.mark.parametrize("pattern", WRONG)
def test_what_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        compile_pattern(pattern.encode())


SLOW = ["(a+)+$", "(a|a)*b", "(a*)*b", "a*a*a*a*b", "(.*a){12}b", "(a?){30}a{30}b", "a.*b.*c.*d",
        "([a-z]+)*1", "[ab]*a[ab]{9}c", "(x+x+)+y"]


@pytest.mark.parametrize("pattern", SLOW)
def test_no_octets_keep_a_search_busy(pattern: str) -> None:
    """Each of these would take a search that tries and goes back longer than anybody waits."""
    search = compile_pattern(pattern.encode())
    for octets in (b"a", b"x", b"ac"):
        assert not search(octets * (65_536 // len(octets)) + b"!")
