"""How far a long command is: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import rich.progress

_QUIET_S = 1.0
"""What takes less shows no bar."""
_STEP_S = 0.1


class Progress:
    """A bar on standard error for octets done of `total` octets; 0: nobody knows how many."""

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = total or None
        self._next_s = time.monotonic() + _QUIET_S
        self._shown = sys.stderr is not None and sys.stderr.isatty()
        self._bar: rich.progress.Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def due(self) -> bool:
        """Whether it is time for another `show`."""
        return self._shown and time.monotonic() >= self._next_s

    def show(self, done: int) -> None:
        """Show that `done` octets are done."""
        if self._bar is None:
            self._bar = self._made()
        self._bar.update(self._bar.task_ids[0], completed=done)
        self._next_s = time.monotonic() + _STEP_S

    def _made(self) -> rich.progress.Progress:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(),
            TransferSpeedColumn(), TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        bar.add_task(self._title, total=self._total)
        bar.start()
        return bar
