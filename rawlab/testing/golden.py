"""Goldens: what packets were decoded to when somebody last looked, kept as readable JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rawlab.files import CaptureFile, read
from rawlab.packet import Packet
from rawlab.testing.assertions import as_packet
from rawlab.text.escape import escape
from rawlab.text.frame_fields import seconds
from rawlab.text.jsonl import as_json

if TYPE_CHECKING:
    from rawlab.schema.declaration import Header
    from rawlab.schema.draft import Draft
    from rawlab.schema.registry import Registry

Told = dict[str, Any]
"""A packet in JSON's types: `frame`, `layers`, and what they leave over."""
Packets = str | PathLike[str] | CaptureFile | Iterable["Packet | Draft | Header"]

MASKED = "(masked)"
_MOST_SHOWN = 20
"""Differences that a report shows."""
_MOST_ALIGNED = 2000
"""Packets among which those that are new or missing are looked for."""
_MOST_LETTERS = 100
_ABSENT = object()


def told(
    packets: Packets, mask: Sequence[str] = (), registry: Registry | None = None
) -> list[Told]:
    """What packets or a capture file are decoded to, with the fields that `mask` names hidden.

    A mask is a name in which `*` and `?` stand for others, as in "tcp.*seq*" and "frame.time*".
    Raises OSError when a file cannot be read.
    """
    if isinstance(packets, (str, PathLike)):
        with read(packets, registry=registry) as file:
            return [_masked(_tell(packet), mask) for packet in file]
    return [_masked(_tell(as_packet(packet, registry)), mask) for packet in packets]


def text_of(packets: Sequence[Told]) -> str:
    """A golden file's text."""
    return json.dumps({"packets": list(packets)}, indent=1, ensure_ascii=False) + "\n"


def load(path: Path, mask: Sequence[str] = ()) -> list[Told]:
    """The packets of a golden file. Raises OSError, and ValueError where it is none."""
    try:
        packets = json.loads(path.read_text(encoding="utf-8"))["packets"]
        if not all(map(_is_told, packets)):
            raise TypeError("what stands there are no packets")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is no golden file: {error!r}; write it anew") from None
    return [_masked(packet, mask) for packet in packets]


def _is_told(packet: Any) -> bool:
    """Whether something has the form of a packet."""
    return (
        isinstance(packet, dict) and isinstance(packet.get("frame"), dict)
        and isinstance(packet.get("layers"), list)
        and all(isinstance(layer, dict) and "layer" in layer for layer in packet["layers"]))


def differences(wanted: Sequence[Told], found: Sequence[Told]) -> list[str]:
    """What is not the same, a line for each field or packet; nothing where all is."""
    lines: list[str] = []
    for here, there in _pairs(wanted, found):
        if here is None and there is not None:
            lines.append(f"packet {_number(there)} is new: {_brief(there)}")
        elif there is None and here is not None:
            lines.append(f"packet {_number(here)} of the golden is missing: {_brief(here)}")
        elif here is not None and there is not None and here != there:
            rows = list(_walk(here, there, ""))
            lines.append(f"packet {_number(there)} ({_brief(there)})")
            width = max(len(name) for name, _, _ in rows)
            lines += [f"  ! {name:<{width}}  want {_show(want)}, got {_show(got)}"
                      for name, want, got in rows]
    if len(lines) > _MOST_SHOWN:
        lines = [*lines[:_MOST_SHOWN], f"... and {len(lines) - _MOST_SHOWN} lines more"]
    return lines


def difference_rows(left: Packet, right: Packet) -> list[tuple[str, str, str]]:
    """(name, left's value, right's value) of what two packets are decoded to differently."""
    rows = _walk(_tell(left), _tell(right), "")
    return [(name, _show(ours), _show(theirs)) for name, ours, theirs in rows]


def _tell(packet: Packet) -> Told:
    whole = as_json(packet)
    layers: Any = whole["layers"]
    result: Told = {
        "frame": {
            "frame.number": packet.number,
            "frame.time_epoch": seconds(packet.time_ns),
            "frame.len": packet.length,
            "frame.cap_len": packet.caplen,
        },
        "layers": [{"layer": layer["name"]} | _plain(layer["fields"]) for layer in layers],
    }
    for part in ("payload", "trailer"):
        if part in whole:
            held: Any = whole[part]
            result[part] = held["octets"]
    if packet.faults:
        result["faults"] = [str(fault) for fault in packet.faults]
    return result


def _plain(fields: dict[str, Any]) -> Told:
    """Values by name, those of groups inside them, without their places."""
    return {name: [_plain(item["fields"]) for item in value] if isinstance(value, list) else value
            for name, value in fields.items()}


def _masked(value: Any, mask: Sequence[str], name: str = "") -> Any:
    if name and any(fnmatchcase(name, one) for one in mask):
        return MASKED
    if isinstance(value, dict):
        return {key: _masked(inner, mask, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, mask) for inner in value]
    return value


def _pairs(
    wanted: Sequence[Told], found: Sequence[Told]
) -> Iterable[tuple[Told | None, Told | None]]:
    """Packets beside those that they stand for; None where there is no such packet."""
    if len(wanted) == len(found) or max(len(wanted), len(found)) > _MOST_ALIGNED:
        most = max(len(wanted), len(found))
        yield from zip([*wanted, *[None] * (most - len(wanted))],
                       [*found, *[None] * (most - len(found))], strict=True)
        return
    ours, theirs = ([json.dumps(_without_number(one)) for one in many] for many in (wanted, found))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":  # packets that are the same but for their number are no news
            here, there = wanted[a:b], found[c:d]
            both = min(len(here), len(there))
            yield from zip(here[:both], there[:both], strict=True)
            yield from ((one, None) for one in here[both:])
            yield from ((None, one) for one in there[both:])


def _without_number(packet: Told) -> Told:
    frame = {k: v for k, v in packet.get("frame", {}).items()
             if k not in ("frame.number", "frame.time_epoch")}
    return packet | {"frame": frame}


def _walk(here: Any, there: Any, path: str) -> Iterable[tuple[str, Any, Any]]:
    """(name, wanted, found) of each value that differs."""
    if isinstance(here, dict) and isinstance(there, dict):
        for key in [*here, *(key for key in there if key not in here)]:
            nested = isinstance(here.get(key), (dict, list)) or isinstance(
                there.get(key), (dict, list))
            name = key if not (nested and key in ("frame", "layers")) else ""
            where = f"{path}{name}" if name else path
            yield from _walk(here.get(key, _ABSENT), there.get(key, _ABSENT), where)
    elif isinstance(here, list) and isinstance(there, list) and _alike(here, there):
        for number, (one, other) in enumerate(zip(here, there, strict=True)):
            inner = f"{path}[{number}]." if path and isinstance(one, dict) else path
            yield from _walk(one, other, inner)
    elif here != there:
        yield path or "layers", _named(here), _named(there)


def _alike(here: list[Any], there: list[Any]) -> bool:
    """Whether two lists can be told apart item by item: layers, if they are of the same names."""
    return len(here) == len(there) and _named(here) == _named(there)


def _named(value: Any) -> Any:
    """Of a list of layers their names."""
    if isinstance(value, list) and value and all(
            isinstance(one, dict) and "layer" in one for one in value):
        return "/".join(one["layer"] for one in value)
    return value


def _number(packet: Told) -> Any:
    return packet.get("frame", {}).get("frame.number", "?")


def _brief(packet: Told) -> str:
    layers = "/".join(str(layer.get("layer", "?")) for layer in packet.get("layers", []))
    length = packet.get("frame", {}).get("frame.len", "?")
    return f"{layers or 'no layers'}, {length} octets"


def _show(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 3]}..."
