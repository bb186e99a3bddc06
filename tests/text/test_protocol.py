"""What is told of a declared protocol."""

from __future__ import annotations

import pytest

from rawlab.schema import U8, U16, Expression, Header, header_name
from rawlab.text.condition import condition_text
from rawlab.text.protocol import announcements, protocol_lines
from text.inventing import Sample, registry


class Fields(Header, name="f"):
    """Fields to make conditions of."""

    a: U8 = U8()
    b: U16 = U16()


A, B = Fields.a, Fields.b

CONDITIONS = [
    (A == 3, "f.a is 3"),
    (A.among(1, 2, 5), "f.a is 1, 2 or 5"),
    (~A.among(0, 1), "not (f.a is 0 or 1)"),
    ((A == 1) & (B > 4), "f.a is 1 and f.b > 4"),
    (A.among(1, 2) & (B <= 4), "(f.a is 1 or 2) and f.b <= 4"),
    ((A == 1) | (B == 2), "f.a is 1 or f.b is 2"),
    ((A & 3) != 0, "f.a & 3 != 0"),
    ((A + B * 2) >= 8, "f.a + f.b * 2 >= 8"),
]


@pytest.mark.parametrize(("condition", "want"), CONDITIONS, ids=[c[1] for c in CONDITIONS])
def test_conditions(condition: Expression, want: str) -> None:
    assert condition_text(condition) == want


def test_everything_declared_is_told() -> None:
    text = "\n".join(protocol_lines(Sample, registry()))
    for told in (
        "test: Something to test with (no RFC)",
        "follows on: ethertype 0x88b5",
        "| level | scale |h|           |c|              src              |",
        "test.src       32 bits  IPv4 address  From",
        "values of test.level\n       5  five",
        "group test.mark: An item",
        "  test.mark.value  8 bits  unsigned  when test.mark.kind > 0",
    ):
        assert told in text


def test_every_protocol_can_be_told() -> None:
    all_of_them = registry()
    for header in all_of_them:
        lines = list(protocol_lines(header, all_of_them))
        assert lines[0].startswith(f"{header_name(header)}: ")
        assert lines[-1].isprintable()


def test_where_a_protocol_follows() -> None:
    [(udp,), (ip,)] = (registry()[name] for name in ("udp", "ip"))
    assert announcements(udp, registry()) == ["ip.proto 17"]
    assert "ethertype 0x0800" in announcements(ip, registry())
