"""Libraries that are imported only when they are used."""

from __future__ import annotations

import importlib
from types import ModuleType


class MissingLibrary(ImportError):
    """A library is not installed; the message says how to get it."""


def library(module: str) -> ModuleType:
    """The module of that name; MissingLibrary where its package is not installed."""
    package = module.partition(".")[0]
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingLibrary(
            f"{package} is not installed: pip install 'rawlab[{package}]'") from None
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise MissingLibrary(f"{package} has no module {error.name}") from None
