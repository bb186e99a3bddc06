"""Two linked virtual hosts for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.pair import Pair
from rawlab.lab import Lab, LabUnavailable


@pytest.fixture(params=["as we are", "user namespace"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    try:
        lab = Lab(user_namespace=request.param == "user namespace")
    except LabUnavailable as problem:
        pytest.skip(str(problem))
    with lab:
        a, b = lab.host("a"), lab.host("b")
        yield Pair(lab, a, b, lab.link(a, b))
