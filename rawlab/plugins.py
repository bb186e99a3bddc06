"""Finding protocols: installed packages by their entry points, and files by their path."""

from __future__ import annotations

import functools
import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from rawlab.schema.declaration import Header
from rawlab.schema.registry import Registry

GROUP = "rawlab.dissectors"


class PluginError(Exception):
    """A plugin cannot be used; the message says which, and why."""


@functools.cache
def default_registry() -> Registry:
    """The registry of all installed dissectors, made when first asked for.

    It is shared: to add to it, take a copy by `extended`.
    """
    registry = Registry()
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name != "builtin"):
        try:
            loaded = entry.load()
        except ImportError as error:
            raise PluginError(f"{entry.value} cannot be loaded: {error}") from error
        if isinstance(loaded, ModuleType):
            if not registry.add_module(loaded):
                place = ", ".join(getattr(loaded, "__path__", [loaded.__name__]))
                raise PluginError(f"{entry.value} declares no protocol: it was found at {place}")
        elif isinstance(loaded, type) and issubclass(loaded, Header):
            registry.add(loaded)
        else:
            raise PluginError(f"{entry.value} is neither a module nor a header class")
    if not len(registry):
        import dissectors

        registry.add_module(dissectors)
    return registry


def load_file(path: str | Path, registry: Registry) -> list[type[Header]]:
    """Run the Python file `path` and add the headers that it declares; returns them.

    PluginError, with the line, where the file cannot be read, fails, or declares none.
    """
    path = Path(path)
    name = f"rawlab_protocol_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path}: not a Python file (its name has to end in .py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except FileNotFoundError:
        raise PluginError(f"{path}: no such file") from None
    except OSError as error:
        raise PluginError(f"{path}: {error.strerror}") from error
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | GeneratorExit):
            raise
        line = _line(error, path)
        place = f"{path}:{line}" if line else f"{path}"
        raise PluginError(f"{place}: {_reason(error)}") from error
    found = [header for header in _declared(module) if header.__module__ == name]
    if not found:
        raise PluginError(f"{path}: declares no protocol: it needs a class ...(Header, name=...)")
    for header in found:
        registry.add(header)
    return found


def _declared(module: ModuleType) -> list[type[Header]]:
    return [v for v in vars(module).values()
            if isinstance(v, type) and issubclass(v, Header) and v is not Header]


def _line(error: BaseException, path: Path) -> int:
    """The last line of the file that the error came through."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == path.absolute() or (
            trace.tb_frame.f_code.co_filename == str(path)):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _reason(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    if not text or isinstance(error, SystemExit | KeyError):
        text = f"{type(error).__name__} {text}"
    return " ".join(text.split())
