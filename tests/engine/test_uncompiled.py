"""The engine gives the same results whether it was compiled or runs as plain Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from samples import Octets, captured, mutated, noise

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def write(file: Path, packets: list[Octets]) -> None:
    """The packets as lines; some had more octets on the wire than were captured."""
    lines = [
        f"{linktype} {len(octets) + (i % 4 == 3) * 9} {octets.hex()}"
        for i, (octets, linktype) in enumerate(packets)
    ]
    file.write_text("\n".join(lines) + "\n")


def told(file: Path, path: Path | None) -> dict[str, Any]:
    """What is told of the packets in a process of its own, with rawlab found at `path`."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    elif "PYTHONPATH" in os.environ:  # a second build is under test
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "telling.py"), str(file)],
        capture_output=True, env=environment, cwd=file.parent, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def uncompiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of rawlab without what was compiled."""
    path = tmp_path_factory.mktemp("uncompiled")
    leave = shutil.ignore_patterns("*.so", "*.pyd", "*.c", "__pycache__")
    for package in ("rawlab", "dissectors"):
        shutil.copytree(ROOT / package, path / package, ignore=leave)
    return path


def test_compiled_and_uncompiled_tell_the_same(uncompiled: Path, tmp_path: Path) -> None:
    packets = [*captured(), *mutated(21, 1), *noise(22, 12)]
    file = tmp_path / "packets"
    write(file, packets)
    fast, slow = told(file, None), told(file, uncompiled)
    compiled = {Path(name).suffix for name in fast.pop("engine")}
    if compiled == {".py"}:
        pytest.skip("needs a compiled engine: ./run setup found no C compiler")
    assert compiled <= {".so", ".pyd"}, "a part of the engine only was compiled"
    assert all(name.startswith(str(uncompiled)) for name in slow.pop("engine"))
    for (octets, linktype), a, b in zip(packets, fast["packets"], slow["packets"], strict=True):
        assert a == b, (linktype, octets.hex())
    assert fast["lines"] == slow["lines"]
    for name, column in fast["columns"].items():
        assert column == slow["columns"][name], name


def test_declarations_read_the_same_uncompiled(uncompiled: Path) -> None:
    """The tests of the schema and of the engine's arithmetic, on an engine of plain Python."""
    at = str(uncompiled)
    environment = {**os.environ, "PYTHONPATH": at, "PYTHONSAFEPATH": "1", "RAWLAB_EXPECT": at}
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
            ROOT / "tests/schema", HERE / "test_arithmetic.py", HERE / "test_limits.py",
            HERE / "test_bpf.py", ROOT / "tests/filter/test_selecting.py",
            "-k", "not any_filter",  # which asks too much of plain Python
        ],
        capture_output=True, env=environment, cwd=ROOT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()[-3000:]
