"""Nothing that steers a terminal survives."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from rawlab.text.escape import escape

CASES = [
    ("plain", "plain"),
    ("GET / HTTP/1.1\r\n", "GET / HTTP/1.1\\r\\n"),
    ("a\x1b[31mred", "a\\x1b[31mred"),
    ("bell\x07 delete\x7f", "bell\\x07 delete\\x7f"),
    ("C1 \x9b31m", "C1 \\x9b31m"),
    ("\u202eexe.txt", "\\u202eexe.txt"),
    ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
    ("line\u2028separator", "line\\u2028separator"),
    ("lone \ud800 surrogate", "lone \\ud800 surrogate"),
    ("tag \U000e0041", "tag \\U000e0041"),
    ("Zürich, 東京", "Zürich, 東京"),
]


@pytest.mark.parametrize(("text", "want"), CASES, ids=[repr(text) for text, _ in CASES])
def test_escapes(text: str, want: str) -> None:
    assert escape(text) == want


def test_no_control_or_format_character_is_left() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert chr(code) not in escape(chr(code))
