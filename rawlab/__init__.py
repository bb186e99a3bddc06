"""rawlab: capture, decode, build and inject packets; declare a protocol once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from rawlab.batch import Batch, Interface
    from rawlab.capture import Sniffer, sniff
    from rawlab.files import CaptureFile, read
    from rawlab.packet import Packet
    from rawlab.plugins import default_registry, load_file
    from rawlab.schema.fault import Fault, Kind
    from rawlab.schema.registry import Registry

_HOMES = {
    "Batch": "rawlab.batch",
    "Interface": "rawlab.batch",
    "Sniffer": "rawlab.capture",
    "sniff": "rawlab.capture",
    "Packet": "rawlab.packet",
    "default_registry": "rawlab.plugins",
    "load_file": "rawlab.plugins",
    "CaptureFile": "rawlab.files",
    "read": "rawlab.files",
    "Fault": "rawlab.schema.fault",
    "Kind": "rawlab.schema.fault",
    "Registry": "rawlab.schema.registry",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for, so that `import rawlab` costs nothing."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'rawlab' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
