"""How long rawlab takes to start: the import over a bare interpreter, and the whole command."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

IMPORT_MS = 50
VERSION_MS = 150


@dataclass(frozen=True)
class Start:
    """A median time, and what it shall be at most."""

    title: str
    milliseconds: float
    aim_ms: float


def measure(rounds: int) -> list[Start]:
    """Start a bare interpreter, one that imports rawlab, and the command, in turns."""
    bare = [sys.executable, "-c", "pass"]
    importing = [sys.executable, "-c", "import rawlab"]
    version = [str(Path(sys.executable).with_name("rawlab")), "--version"]
    imports, versions = [], []
    for round_ in range(rounds + 1):
        bare_ms, importing_ms, version_ms = _ms(bare), _ms(importing), _ms(version)
        if round_:
            imports.append(importing_ms - bare_ms)
            versions.append(version_ms)
    return [
        Start("import rawlab, over a bare interpreter", median(imports), IMPORT_MS),
        Start("rawlab --version, the whole process", median(versions), VERSION_MS),
    ]


def _ms(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000
