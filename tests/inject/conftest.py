"""Namespaces and cables for tests that send."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from capture.namespaces import Namespace, Wire, add_wire


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    """A network namespace with `lo` up and silent interfaces."""
    if shutil.which("ip") is None:
        pytest.skip("iproute2 (the command ip) is missing")
    made = Namespace()
    try:
        made.enter_new()
    except PermissionError:
        made.close()
        pytest.skip("making a network namespace needs CAP_SYS_ADMIN")
    yield made
    made.close()


@pytest.fixture
def wire(namespace: Namespace) -> Wire:
    """A veth pair, both ends up."""
    return add_wire(namespace)
