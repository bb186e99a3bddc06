"""Packets from a Python expression over the declared headers."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rawlab.schema.declaration import Header
    from rawlab.schema.draft import Draft
    from rawlab.schema.registry import Registry

_MISTAKES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_ALLOWED = {"bytes": bytes, "int": int, "len": len, "range": range}
"""What is there besides the headers: enough to make a payload."""


def packets_of(text: str, registry: Registry) -> list[Draft | Header | bytes]:
    """What an expression makes: a draft, octets, or several of these.

    The names in it are the classes of headers and of their groups. Raises click.UsageError, which
    names what is wrong in one line.
    """
    from rawlab.schema.declaration import Header
    from rawlab.schema.draft import Draft

    names = header_names(registry)
    made = _evaluated(text, names)
    found = list(made) if isinstance(made, (list, tuple)) else [made]
    for one in found:
        if isinstance(one, type):
            raise _wrong(text, f"{one.__name__} is a class: say {one.__name__}()")
        if not isinstance(one, (Draft, Header, bytes)):
            raise _wrong(text, f"it gives {type(one).__name__}, and a packet is wanted, as in "
                               "IPv4(dst='127.0.0.1') / UDP(dstport=9) / b'x'")
        try:
            bytes(Draft((one,)) if isinstance(one, Header) else one)
        except _MISTAKES as error:
            raise _wrong(text, _said(error)) from None
    return found


def header_names(registry: Registry) -> dict[str, type[Any]]:
    """The classes that can be named: headers, and the groups (options) of their packages."""
    from rawlab.schema import Group

    packages = {header.__module__.partition(".")[0] for header in registry}
    names: dict[str, type[Any]] = {}
    for module in [*sys.modules]:
        if module.partition(".")[0] in packages:
            for value in [*vars(sys.modules[module]).values()]:
                if isinstance(value, type) and issubclass(value, Group) and value is not Group:
                    names[value.__name__] = value
    names.update({header.__name__: header for header in registry})
    return names


def _evaluated(text: str, names: dict[str, type[Any]]) -> Any:
    try:
        code = compile(text.strip(), "<packet>", "eval")
        return eval(code, {"__builtins__": {}, **_ALLOWED, **names})
    except SyntaxError as error:
        place = f" at character {error.offset}" if error.offset else ""
        raise _wrong(text, f"{error.msg}{place}") from None
    except NameError as error:
        near = difflib.get_close_matches(error.name or "", names, 3, 0.6)
        meant = f"; did you mean {' or '.join(near)}?" if near else "; rawlab protocols lists them"
        raise _wrong(text, f"no header is called {error.name}{meant}") from None
    except RecursionError:
        raise _wrong(text, "it is nested too deeply") from None
    except _MISTAKES as error:
        raise _wrong(text, _said(error)) from None


def _said(error: Exception) -> str:
    """What an error says, without the quotes that a KeyError puts around it."""
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _wrong(text: str, why: str) -> click.UsageError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return click.UsageError(f"{shown!r}: {why}")
