"""Where the command `rawlab` begins; answers `--version` before anything heavy is imported."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType

TRACEBACK = "RAWLAB_TRACEBACK"
"""With this environment variable set, a defect of rawlab shows its whole traceback."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit status: 0, 1 (run time) or 2 (usage)."""
    words = sys.argv[1:] if arguments is None else arguments
    if arguments is None and TRACEBACK not in os.environ:
        sys.excepthook = _one_line
    if words == ["--version"]:
        return _print_version()
    from rawlab.cli.commands import run

    return run(words)


def _print_version() -> int:
    try:
        print(version_line(), flush=True)
    except OSError as error:
        print(f"rawlab: cannot write to standard output: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def version_line() -> str:
    """`rawlab 0.1.0`."""
    import rawlab

    return f"rawlab {rawlab.__version__}"


def _one_line(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A defect of rawlab itself, told in a line instead of a traceback; nothing after Ctrl-C."""
    if issubclass(kind, KeyboardInterrupt):
        return
    from rawlab.text.escape import escape

    frames = traceback.extract_tb(trace)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    reason = escape(traceback.format_exception_only(kind, error)[-1].strip())
    print(
        f"rawlab: a defect in rawlab: {reason}{place} (set {TRACEBACK}=1 to see the whole of it)",
        file=sys.stderr,
    )
