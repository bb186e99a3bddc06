"""Domain names: the text form, compression, and what is no name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.dns_name import DomainName
from rawlab.schema import Malformed

WWW = b"\3www\7example\3org\0"

NAMES = [
    (WWW, 0, "www.example.org", len(WWW)),
    (b"\0", 0, ".", 1),
    (WWW + b"\2ww\xc0\x04", len(WWW), "ww.example.org", len(WWW) + 5),
    (WWW + b"\xc0\0\xc0\x11", len(WWW) + 2, "www.example.org", len(WWW) + 4),
    (b"\3a.b\2\\\0\0", 0, "a\\.b.\\\\\\000", 8),
]


@pytest.mark.parametrize(("message", "start", "name", "after"), NAMES)
def test_reads_names(message: bytes, start: int, name: str, after: int) -> None:
    assert DomainName().read(memoryview(message), start, len(message)) == (name, after)


DAMAGED = [
    (b"\3ww", 0, "runs over the end"),
    (b"\1a", 0, "has no end"),
    (b"\xc0", 0, "half a pointer"),
    (b"\xc0\0", 0, "does not lead back"),
    (b"\1a\xc0\0", 0, "does not lead back"),
    (b"\xc0\x04\0\0\0", 0, "does not lead back"),
    (b"\x41a\0", 0, "unknown type of label"),
    (4 * (b"\x3f" + 63 * b"a") + b"\0", 0, "too long"),
]


@pytest.mark.parametrize(("message", "start", "reason"), DAMAGED)
def test_refuses_what_is_no_name(message: bytes, start: int, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        DomainName().read(memoryview(message), start, len(message))


@given(st.binary(max_size=300), st.integers(0, 300))
def test_reading_ends_within_bounds(message: bytes, start: int) -> None:
    start = min(start, len(message))
    try:
        name, after = DomainName().read(memoryview(message), start, len(message))
    except Malformed:
        return
    assert start < after <= len(message)
    assert len(DomainName().write(name, b"")) <= 255


@given(st.lists(st.binary(min_size=1, max_size=63), max_size=3))
def test_written_names_read_the_same(labels: list[bytes]) -> None:
    octets = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    name, after = DomainName().read(memoryview(octets), 0, len(octets))
    assert after == len(octets)
    assert DomainName().write(name, b"") == octets


@pytest.mark.parametrize("name", ["a..b", "", 64 * "a", ".".join(64 * ["abc"]), "\\256"])
def test_refuses_to_write_what_does_not_fit(name: str) -> None:
    with pytest.raises(ValueError):
        DomainName().write(name, b"")
