"""The package of dissectors as a whole: what it exports, and that all of it can be reached."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import dissectors
from rawlab.schema import Header, Registry

MODULES = [module.name for module in pkgutil.iter_modules(dissectors.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_header_is_exported(name: str) -> None:
    module = importlib.import_module(f"dissectors.{name}")
    headers = {
        key
        for key, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Header)
        and value.__module__ == module.__name__
        and not key.startswith("_")
    }
    assert headers <= set(dissectors.__all__)


def test_every_header_follows_something_that_is_there() -> None:
    registry = Registry()
    registry.add_module(dissectors)
    assert [(entry.table, header.__name__) for entry, header in registry.unopened()] == []
