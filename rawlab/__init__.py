"""rawlab: capture, decode, build and inject packets; declare a protocol once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # `as` says to type checkers that these names are the package's own
    from rawlab.asking import Exchanged as Exchanged
    from rawlab.asking import Reply as Reply
    from rawlab.asking import answers as answers
    from rawlab.asking import exchange as exchange
    from rawlab.asking import exchange_all as exchange_all
    from rawlab.asking import exchange_all_async as exchange_all_async
    from rawlab.asking import exchange_async as exchange_async
    from rawlab.asking import reply_to as reply_to
    from rawlab.asking import respond as respond
    from rawlab.asking import with_defaults as with_defaults
    from rawlab.batch import Batch as Batch
    from rawlab.batch import Interface as Interface
    from rawlab.capture import Sniffer as Sniffer
    from rawlab.capture import sniff as sniff
    from rawlab.files import CaptureFile as CaptureFile
    from rawlab.files import read as read
    from rawlab.files.writing import write as write
    from rawlab.filter import FilterError as FilterError
    from rawlab.filter import compile_filter as compile_filter
    from rawlab.fragments import fragment as fragment
    from rawlab.fragments import segment as segment
    from rawlab.inject.replay import replay as replay
    from rawlab.inject.sending import send as send
    from rawlab.inject.stateful import stateful_replay as stateful_replay
    from rawlab.interop.dpkt_packets import from_dpkt as from_dpkt
    from rawlab.interop.dpkt_packets import to_dpkt as to_dpkt
    from rawlab.interop.scapy_packets import from_scapy as from_scapy
    from rawlab.interop.scapy_packets import to_scapy as to_scapy
    from rawlab.packet import Packet as Packet
    from rawlab.plugins import default_registry as default_registry
    from rawlab.plugins import load_file as load_file
    from rawlab.schema.fault import Fault as Fault
    from rawlab.schema.fault import Kind as Kind
    from rawlab.schema.registry import Registry as Registry
    from rawlab.template import Random as Random
    from rawlab.template import Template as Template
    from rawlab.text.showing import line as line
    from rawlab.text.showing import show as show

_HOMES = {
    "Exchanged": "rawlab.asking",
    "Reply": "rawlab.asking",
    "answers": "rawlab.asking",
    "exchange": "rawlab.asking",
    "exchange_all": "rawlab.asking",
    "exchange_all_async": "rawlab.asking",
    "exchange_async": "rawlab.asking",
    "reply_to": "rawlab.asking",
    "respond": "rawlab.asking",
    "with_defaults": "rawlab.asking",
    "Batch": "rawlab.batch",
    "Interface": "rawlab.batch",
    "Sniffer": "rawlab.capture",
    "sniff": "rawlab.capture",
    "FilterError": "rawlab.filter",
    "compile_filter": "rawlab.filter",
    "send": "rawlab.inject.sending",
    "fragment": "rawlab.fragments",
    "segment": "rawlab.fragments",
    "from_dpkt": "rawlab.interop.dpkt_packets",
    "to_dpkt": "rawlab.interop.dpkt_packets",
    "from_scapy": "rawlab.interop.scapy_packets",
    "to_scapy": "rawlab.interop.scapy_packets",
    "replay": "rawlab.inject.replay",
    "stateful_replay": "rawlab.inject.stateful",
    "Packet": "rawlab.packet",
    "default_registry": "rawlab.plugins",
    "load_file": "rawlab.plugins",
    "CaptureFile": "rawlab.files",
    "read": "rawlab.files",
    "write": "rawlab.files.writing",
    "Fault": "rawlab.schema.fault",
    "Kind": "rawlab.schema.fault",
    "Registry": "rawlab.schema.registry",
    "Random": "rawlab.template",
    "Template": "rawlab.template",
    "line": "rawlab.text.showing",
    "show": "rawlab.text.showing",
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
