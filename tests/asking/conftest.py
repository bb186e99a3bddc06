"""Linked hosts for exchanges; nothing here leaves them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.pair import Pair
from rawlab.lab import Lab, LabUnavailable


@pytest.fixture(params=["as we are", "user namespace"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """An empty lab, as whoever runs the tests and as an ordinary user."""
    try:
        made = Lab(user_namespace=request.param == "user namespace")
    except LabUnavailable as problem:
        pytest.skip(str(problem))
    with made:
        yield made


@pytest.fixture
def pair(lab: Lab) -> Pair:
    """Two hosts: 10.0.1.1 and fd00:0:0:1::1, and the same with a 2."""
    a, b = lab.host("a"), lab.host("b")
    return Pair(lab, a, b, lab.link(a, b))
