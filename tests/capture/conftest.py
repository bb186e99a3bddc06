"""Network namespaces with interfaces of their own, made for one test and gone after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from capture.namespaces import Namespace, Wire, add_wire
from rawlab.capture.settings import Backend


@pytest.fixture
def backend() -> Backend:
    """What captures; modules whose tests hold for every backend name both of them."""
    return "ring"


@pytest.fixture
def namespace(backend: Backend) -> Iterator[Namespace]:
    """A network namespace with `lo` up and silent interfaces."""
    if shutil.which("ip") is None:
        pytest.skip("iproute2 (the command ip) is missing")
    made = Namespace(backend)
    try:
        made.enter_new()
    except PermissionError:
        made.close()
        pytest.skip("a network namespace cannot be made: CAP_SYS_ADMIN is missing")
    yield made
    made.close()


@pytest.fixture
def wire(namespace: Namespace) -> Wire:
    """A veth pair, both ends up."""
    return add_wire(namespace)


@pytest.fixture
def two_wires(namespace: Namespace) -> tuple[Wire, Wire]:
    """Two veth pairs."""
    return add_wire(namespace), add_wire(namespace)
