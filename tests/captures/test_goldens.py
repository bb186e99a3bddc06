"""Each capture has a golden of the same name: what it was decoded to when last looked at.

RAWLAB_UPDATE_GOLDENS=1 writes them anew; look at what changed before it is committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from rawlab.files import read
from rawlab.plugins import default_registry, load_file
from rawlab.schema import Registry
from rawlab.text.jsonl import as_json
from samples import CAPTURES, ROOT

GOLDENS = ROOT / "tests" / "golden"


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The built-in protocols, and the experimental one that one capture shows."""
    known = default_registry().extended()
    load_file(ROOT / "examples" / "tiny.py", known)
    return known


def decoded(capture: Path, registry: Registry) -> list[dict[str, Any]]:
    return [as_json(packet) for packet in read(capture, registry=registry)]


def test_pairs() -> None:
    assert {path.stem for path in CAPTURES} == {path.stem for path in GOLDENS.glob("*.json")}
    assert len(CAPTURES) >= 10


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_golden(capture: Path, registry: Registry) -> None:
    golden = GOLDENS / f"{capture.stem}.json"
    found = decoded(capture, registry)
    if os.environ.get("RAWLAB_UPDATE_GOLDENS"):
        lines = ",\n".join(json.dumps(packet, separators=(",", ":")) for packet in found)
        golden.write_text(f"[\n{lines}\n]\n")
    expected = json.loads(golden.read_text())
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == theirs, f"packet {theirs['number']}"
