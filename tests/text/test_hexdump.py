"""Dumps of octets."""

from __future__ import annotations

import pytest

from rawlab.text.hexdump import hexdump, named_dump

OCTETS = b"\x45\x00\x00\x1d GET ~\x7f\x80\xff\n\tabc"

CASES = [
    ("no octets", b"", False, []),
    ("one octet", b"\x45", False, ["\t0x0000:  45"]),
    ("one octet, characters", b"E", True, [f"\t0x0000:  {'45':<39}  E"]),
    (
        "odd rest",
        OCTETS,
        False,
        ["\t0x0000:  4500 001d 2047 4554 207e 7f80 ff0a 0961", "\t0x0010:  6263"],
    ),
    (
        "characters",
        OCTETS,
        True,
        [
            "\t0x0000:  4500 001d 2047 4554 207e 7f80 ff0a 0961  E....GET.~.....a",
            "\t0x0010:  6263                                     bc",
        ],
    ),
]


@pytest.mark.parametrize(
    ("octets", "characters", "want"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_dumps(octets: bytes, characters: bool, want: list[str]) -> None:
    assert hexdump(octets, characters) == want


def test_long_dumps_widen_the_offset() -> None:
    assert hexdump(bytes(0x10010))[-1].startswith("\t0x10000:  0000")


def test_neighbours_read_as_one() -> None:
    lines = named_dump(bytes(range(0x41, 0x4F)), "eth", 0, True)
    lines += named_dump(bytes(range(0x41, 0x55)), "ip", 14, True)
    assert lines == [
        "    0x0000  41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e        ABCDEFGHIJKLMN    eth",
        "    0x0000                                            41 42                AB  ip",
        "    0x0010  43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50 51 52  CDEFGHIJKLMNOPQR",
        "    0x0020  53 54                                            ST",
    ]
