"""What an author of a declaration writes by mistake fails at once, and the message says how."""

from __future__ import annotations

from typing import Any

import pytest

from rawlab.schema import U8, DeclarationError, Group, Header, count_of, on

OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"minimun": 3}, "no argument 'minimun': did you mean 'minimum'"),
    ({"when": True}, "when= takes a condition over earlier fields"),
    ({"compute": count_of}, "compute= takes length_of"),
    ({"seal": "internet"}, "seal= takes internet_checksum"),
]


@pytest.mark.parametrize(("options", "reason"), OPTIONS)
def test_arguments_of_a_field(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        U8(**options)


CLASSES: list[tuple[dict[str, Any], str]] = [
    ({"follow": on("udp.port", 9)}, "no argument 'follow': did you mean 'follows'"),
    ({"follows": "udp.port"}, "follows= takes on"),
    ({"summary": "{kimd}"}, "the summary names 'kimd', which is no field: did you mean 'kind'"),
    ({"summary": "{kind"}, "the summary|summary '{kind'"),
]


@pytest.mark.parametrize(("arguments", "reason"), CLASSES)
def test_arguments_of_a_class(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(DeclarationError, match=reason):
        type("Wrong", (Header,), {"kind": U8()}, name="wrong", **arguments)


def test_a_group_has_no_summary() -> None:
    with pytest.raises(DeclarationError, match="Wrong: a class has no argument 'summary'"):
        type("Wrong", (Group,), {"kind": U8()}, name="wrong", summary="{kind}")


def test_annotated_only() -> None:
    with pytest.raises(DeclarationError, match=r"Wrong\.kind: is annotated but not declared"):

        class Wrong(Header, name="wrong"):
            kind: U8
