"""What went wrong, in one line for the user."""

from __future__ import annotations

import errno


class Failure(Exception):
    """A run-time failure: its text is the line that the user reads. Exit status 1."""


def describe(error: OSError) -> str:
    """One line for an OSError: the file and the reason, without the error's number."""
    if error.filename is not None and error.strerror:
        name = error.filename.decode(errors="backslashreplace") if isinstance(
            error.filename, bytes
        ) else error.filename
        return f"{name}: {error.strerror}{_advice(error)}"
    if error.strerror and str(error).startswith("[Errno"):
        return f"{error.strerror}{_advice(error)}"
    return str(error)


def _advice(error: OSError) -> str:
    if error.errno == errno.EACCES and error.filename is not None:
        return " (its owner and mode decide who may)"
    if error.errno in (errno.EPERM, errno.EACCES):
        return " (use sudo, or let rawlab doctor say what is missing)"
    return ""
