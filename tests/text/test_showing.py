"""Packets as text in Python, as on the command line."""

from __future__ import annotations

import rawlab
from text.inventing import LINK, WHOLE, packet


def test_line() -> None:
    told = rawlab.line(packet())
    assert told[5:16] == ":35.135052 "
    assert told[16:] == (
        "192.0.2.1:53 > 192.0.2.2:4096 TEST [hot,cold] five a\\x1b[2J 3, 0,"
        " 37 octets"
    )


def test_tree_with_faults() -> None:
    told = rawlab.show(packet(LINK + WHOLE[:8])).splitlines()
    assert told[0].endswith(":35.135052  eth7  22 octets")
    assert "    16-19  From [test.src]: 192.0.2.1" in told
    assert told[-1] == "fault: TRUNCATED test.dst at octet 14: want 15, got 8"


def test_octets() -> None:
    told = rawlab.show(packet(), octets=True).splitlines()
    assert told[-4].endswith("  eth")
    assert told[-3].endswith("  test")
