"""The recordings of one test, and what is kept of them when it fails."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rawlab.testing.recording import Recording

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry
    from rawlab.testing.isolation import Opens

_MOST_LETTERS = 100


class Recordings:
    """Starts recordings, and ends them all.

    `folder` makes the folder for what is kept; it is asked when there is something.
    """

    def __init__(
        self, test: str, folder: Callable[[], Path], registry: Registry | None = None
    ) -> None:
        self._folder = folder
        self._name = re.sub(r"[^\w.=-]+", "-", test).strip("-.")[-_MOST_LETTERS:]
        self._registry = registry
        self._all: list[Recording] = []
        self._kept = False

    def start(
        self, interface: str = "lo", *, filter: str | None = None, host: Opens | None = None
    ) -> Recording:
        """Capture on an interface from now on, of a virtual host if one is given.

        `filter` is a capture filter ("udp port 53"). Raises CaptureError kinds, and ValueError for
        a wrong filter.
        """
        name = f"{getattr(host, 'name', 'host')} {interface}" if host is not None else interface
        self._all.append(Recording(
            interface, filter=filter, registry=self._registry, name=name,
            opener=None if host is None else host.socket))
        return self._all[-1]

    def keep(self) -> list[tuple[str, str]]:
        """Write what was recorded to files, the first time this is asked.

        (title, text) for a report on each recording.
        """
        if self._kept:
            return []
        self._kept = True
        told = []
        for number, recording in enumerate(self._all):
            lines = recording.report()
            if len(recording):
                lines.insert(1, self._keep_one(recording, number))
            told.append((f"rawlab: packets on {recording.name}", "\n".join(lines)))
        return told

    def close(self) -> None:
        """End all recordings."""
        for recording in self._all:
            recording.close()

    def _keep_one(self, recording: Recording, number: int) -> str:
        end = recording.name.replace(" ", "-").replace("/", "-")
        try:
            path = self._folder() / f"{self._name}-{number + 1}-{end}.pcapng"
            recording.save(path)
        except OSError as error:
            return f"they could not be kept: {error.strerror or error}: {error.filename or ''}"
        return f"kept in {os.fspath(path)}"
