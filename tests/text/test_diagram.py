"""Diagrams of headers."""

from __future__ import annotations

import pytest

from rawlab.text.diagram import Cell, diagram

RULER = 2
CASES = {
    "UDP": (
        [Cell("srcport", 16), Cell("dstport", 16), Cell("length", 16), Cell("checksum", 16)],
        """
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|            srcport            |            dstport            |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|             length            |            checksum           |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+""",
    ),
    "a field that goes on in the next row": (
        [Cell("dst", 48), Cell("src", 48), Cell("type", 16)],
        """
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                              dst                              |
+                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                               |                               |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
|                              src                              |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|              type             |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+""",
    ),
    "varying length, and labels that do not fit": (
        [Cell("x", 1), Cell("flags", 3), Cell("kind", 4), Cell("options", None), Cell("end", 8)],
        """
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|x|flags|  kind /                    options                    /
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|      end      |
+-+-+-+-+-+-+-+-+""",
    ),
    "legend": (
        [Cell("first", 1), Cell("second", 7)],
        """
+-+-+-+-+-+-+-+-+
|f|    second   |
+-+-+-+-+-+-+-+-+

  f        first""",
    ),
    "nothing": ([], ""),
}


@pytest.mark.parametrize(("cells", "want"), CASES.values(), ids=CASES.keys())
def test_draws(cells: list[Cell], want: str) -> None:
    assert diagram(cells)[RULER:] == want.split("\n")[1:]
