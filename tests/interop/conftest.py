"""What tests tell scapy, it forgets after them: other tests ask it as it came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


def subclasses(cls: type) -> Iterator[type]:
    for inner in cls.__subclasses__():
        yield inner
        yield from subclasses(inner)


@pytest.fixture(autouse=True, scope="module")
def scapys_own_bindings() -> Iterator[None]:
    scapy: Any = pytest.importorskip("scapy.all", reason="needs scapy")
    before = {cls: (cls.payload_guess, cls._overload_fields)  # type: ignore[attr-defined]
              for cls in subclasses(scapy.Packet)}
    linktypes = scapy.conf.l2types
    types, layers = dict(linktypes.num2layer), dict(linktypes.layer2num)
    yield
    for cls, (guess, overload) in before.items():
        cls.payload_guess = guess  # type: ignore[attr-defined]
        cls._overload_fields = overload  # type: ignore[attr-defined]
    linktypes.num2layer, linktypes.layer2num = types, layers
