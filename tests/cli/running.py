"""Running the command as a user does: a process with its own standard streams."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = (sys.executable, "-m", "rawlab")
TIMEOUT_S = 60


def rawlab(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs `rawlab` with these words to its end."""
    return subprocess.run(
        [*PROGRAM, *words], input=stdin, capture_output=True, timeout=TIMEOUT_S, check=False
    )
