"""The command of `-z`, run on each file that is finished, beside the capture."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque

from rawlab.text.escape import escape

_AT_ONCE = os.cpu_count() or 1
_NICE = 19
_PAUSE_S = 0.02


class PostCommands:
    """Runs `COMMAND FILE`, without a shell, in the background and at the lowest priority.

    No more at once than there are processors: the others wait. Each has a process group of its
    own, so that Ctrl-C ends the capture and not the compression of its last file.
    """

    def __init__(self, command: str) -> None:
        self.failed = 0
        """How many could not be started, or ended with another status than 0."""
        self._command = command
        self._waiting: deque[str] = deque()
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def run(self, file: str) -> None:
        """Run it on a file, as soon as there is room."""
        self._waiting.append(file)
        self.look()

    def look(self) -> None:
        """Take note of those that have ended, and start those that wait."""
        if not self._running and not self._waiting:
            return
        for one in [one for one in self._running if one[1].poll() is not None]:
            self._running.remove(one)
            self._judge(*one)
        while self._waiting and len(self._running) < _AT_ONCE:
            self._start(self._waiting.popleft())

    def _start(self, file: str) -> None:
        argument = f"./{file}" if file.startswith("-") else file
        try:
            process = subprocess.Popen(
                [self._command, argument], stdin=subprocess.DEVNULL, process_group=0
            )
        except OSError as error:
            self._fail(file, f"cannot be run: {error.strerror}")
            return
        try:
            if sys.platform != "win32":
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
        except OSError:  # it has ended already, or has become another user's
            pass
        self._running.append((file, process))

    def _judge(self, file: str, process: subprocess.Popen[bytes]) -> None:
        status = process.returncode
        if status > 0:
            self._fail(file, f"ended with exit status {status}")
        elif status < 0:
            self._fail(file, f"was ended by signal {-status}")

    def _fail(self, file: str, why: str) -> None:
        self.failed += 1
        print(f"rawlab: -z {escape(f'{self._command} {file}')}: {why}", file=sys.stderr)

    def finish(self, timeout_s: float) -> None:
        """Wait for all, but no longer than that; what still runs then goes on by itself."""
        deadline = time.monotonic() + timeout_s
        self.look()
        while self._running and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
            self.look()
        if not self._running:
            return
        left = len(self._running)
        print(f"rawlab: -z {self._command}: {left} still running; not waited for", file=sys.stderr)
        for file in self._waiting:
            self._fail(file, "was not run: those before it took too long")
        self._waiting.clear()
