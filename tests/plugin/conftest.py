"""Runs of pytest inside the tests, each a process of its own."""

from __future__ import annotations

import pytest

from rawlab.lab import available


@pytest.fixture(scope="session")
def hosts() -> None:
    """Skips where virtual hosts cannot be made."""
    reason = available()
    if reason is not None:
        pytest.skip(reason)
