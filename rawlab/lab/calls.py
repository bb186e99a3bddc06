"""A function call as octets, to be made in another process that loads the same source."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_MAIN = "__main__"
_MAIN_ELSEWHERE = "__lab_main__"  # so that `if __name__ == "__main__"` stays asleep there


@dataclass(frozen=True)
class Call:
    """Which function, from which file, and its pickled arguments."""

    module: str
    file: str | None
    name: str
    arguments: bytes


def describe_call(
    function: Callable[..., object], positional: tuple[object, ...], named: dict[str, Any]
) -> Call:
    """The call of a function that stands at the top of a module.

    Raises TypeError for lambdas, methods of instances and functions inside functions, which
    another process cannot find by name.
    """
    name = getattr(function, "__qualname__", "")
    module = getattr(function, "__module__", None)
    bound = getattr(function, "__self__", None)  # a built-in function is bound to its module
    if not module or not name or "<" in name or not isinstance(bound, ModuleType | None):
        raise TypeError(f"{function!r} runs in another process: it must stand at a module's top")
    file = getattr(sys.modules.get(module), "__file__", None)
    return Call(module, file, name, pickle.dumps((positional, named)))


def make_call(call: Call, descriptors: tuple[int, ...]) -> Any:
    """Makes the call in this process; descriptors, if any, become its first argument."""
    found: Any = _load(call.module, call.file)
    for part in call.name.split("."):
        found = getattr(found, part)
    positional, named = pickle.loads(call.arguments)
    return found(descriptors, *positional, **named) if descriptors else found(*positional, **named)


def _load(name: str, file: str | None) -> ModuleType:
    if name != _MAIN:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            if file is None:
                raise
    if file is None:
        raise ModuleNotFoundError(f"{name} has no file, so another process cannot load it")
    loaded_as = _MAIN_ELSEWHERE if name == _MAIN else name
    spec = importlib.util.spec_from_file_location(loaded_as, file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{file} is no Python source")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = sys.modules[loaded_as] = module
    spec.loader.exec_module(module)
    return module
