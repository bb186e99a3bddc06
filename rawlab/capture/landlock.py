"""Landlock: a process gives up access to files, TCP and other processes, for good (Linux)."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

# Rights on files, by bit; those from REFER on came with later versions.
_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_FILE, _MAKE_REGULAR = (1 << n for n in (1, 2, 3, 5, 8))
_MAKE_FOLDER, _TRUNCATE = 1 << 7, 1 << 14
_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""Since which version of the interface there are how many rights on files."""
_SINCE_TCP, _BIND_AND_CONNECT = 4, 3
_SINCE_SCOPES, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 3

_OF_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE
_IN_OUTPUT_FOLDER = _WRITE_FILE | _TRUNCATE | _MAKE_REGULAR | _MAKE_FOLDER | _REMOVE_FILE
_ABSENT = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)


def landlock_version() -> int:
    """The version of the kernel's Landlock interface; 0 where there is none."""
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError as error:
        if error.errno in _ABSENT:
            return 0
        raise


def landlock_effect(version: int) -> str:
    """What `restrict` takes away in this version, in words."""
    effects = ["files outside the output folder"]
    if version >= _SINCE_TCP:
        effects.append("TCP")
    if version >= _SINCE_SCOPES:
        effects.append("signals and abstract sockets of other processes")
    return ", ".join(effects)


def restrict(outputs: Sequence[Path], readable: Sequence[Path]) -> int:
    """Keep only this: writing and making files in the outputs' folders, and reading `readable`.

    An output is a file, which need not exist yet, or a folder. Binds the calling thread and what
    it starts from now on; what is open stays open. It needs the process to have no_new_privs.
    The version that was used is returned, 0 where the kernel has none (then nothing has changed).
    """
    version = landlock_version()
    if version == 0:
        return 0
    handled = (1 << max(count for since, count in _RIGHTS if since <= version)) - 1
    attributes = struct.pack("Q", handled)
    if version >= _SINCE_TCP:
        attributes += struct.pack("Q", _BIND_AND_CONNECT)
    if version >= _SINCE_SCOPES:
        attributes += struct.pack("Q", _ABSTRACT_SOCKETS_AND_SIGNALS)
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR, handled)
        _allow(ruleset, Path(os.devnull), _READ_FILE | _WRITE_FILE, handled)
        for output in outputs:
            _allow(ruleset, _kept(output), _IN_OUTPUT_FOLDER, handled)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _kept(output: Path) -> Path:
    """The folder of an output file; the output itself when it is a folder, a pipe or a device.

    Of a name with strftime's codes in its folders, the folder above the first of them.
    """
    whole = Path(os.path.realpath(output))
    try:
        mode = whole.stat().st_mode
    except OSError:
        mode = stat.S_IFREG
    folder = whole.parent if stat.S_ISREG(mode) else whole
    while "%" in str(folder):
        folder = folder.parent
    return folder


def _allow(ruleset: int, path: Path, rights: int, handled: int) -> None:
    """Keep rights on a file, or on all that lies below a folder; nothing for a missing path.

    Only rights that the kernel's version knows can be named, and only those of files on a file.
    """
    with _opened(path) as descriptor:
        if descriptor is None:
            return
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights & handled, descriptor)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # who uses it later is told why it cannot be
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call. Raises OSError."""
    words = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    answer = int(libc.syscall(ctypes.c_long(number), *words))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return answer
