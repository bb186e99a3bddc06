"""When a capture goes on in another file, and what its files are called. No I/O, no clock.

The words are tcpdump's: a size (`-C`), a period (`-G`) and a count of files (`-W`). A size and a
count make a ring; a period and a count end the capture; all three make a ring whose files end by
size or time, whichever comes first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

SECOND_NS = 1_000_000_000
_COMPRESSED = (".gz", ".zst", ".lz4", ".xz", ".bz2")

UtcOffset = Callable[[int], int]
"""How far local time is ahead of UTC, in seconds, at a time in seconds since the epoch."""


def local_offset_s(seconds: int) -> int:
    """What this machine's clocks on the wall show, as a UtcOffset."""
    return time.localtime(seconds).tm_gmtoff


@dataclass(frozen=True)
class Rotation:
    """When the next file begins; with nothing set, never."""

    size_octets: int | None = None
    """A packet that would make the file larger than this begins the next."""
    period_s: int | None = None
    """Files end at multiples of this in local time: 3600 is on the hour, 86400 at midnight."""
    files: int | None = None
    """With a size, at most so many files are kept; with a period alone, the capture ends after."""

    def __post_init__(self) -> None:
        for name in ("size_octets", "period_s", "files"):
            given = getattr(self, name)
            if given is not None and given < 1:
                raise ValueError(f"{name} must be at least 1, not {given}")
        if self.files is not None and self.size_octets is None and self.period_s is None:
            raise ValueError("files needs size_octets or period_s: nothing else ends a file")

    @property
    def ring(self) -> bool:
        """Whether the oldest file gives way to a new one."""
        return self.files is not None and self.size_octets is not None

    @property
    def last(self) -> int | None:
        """After how many files the capture ends."""
        return None if self.ring else self.files

    def end_of_first(self, now_ns: int, offset: UtcOffset = local_offset_s) -> int | None:
        """When the file that begins now ends at the latest.

        Where it is to be the only one, a whole period from now: `-G 60 -W 1` is a minute.
        """
        if self.period_s is not None and self.last == 1:
            return now_ns + self.period_s * SECOND_NS
        return self.boundary_after(now_ns, offset)

    def boundary_after(self, time_ns: int, offset: UtcOffset = local_offset_s) -> int | None:
        """The first boundary after a time, in nanoseconds since the epoch; None without a period.

        Boundaries depend on the clock alone, so they do not drift. When clocks are put forward or
        back, a day still ends at midnight.
        """
        if self.period_s is None:
            return None
        now = time_ns // SECOND_NS
        before = offset(now)
        wanted = ((now + before) // self.period_s + 1) * self.period_s
        at = wanted - before
        after = offset(at)
        if after != before and (at + after) % self.period_s and wanted - after > now:
            at = wanted - after
        return at * SECOND_NS

    def boundary_before(self, time_ns: int, offset: UtcOffset = local_offset_s) -> int:
        """The last boundary until a time; the time itself without a period."""
        if self.period_s is None:
            return time_ns
        now = time_ns // SECOND_NS
        return (now - (now + offset(now)) % self.period_s) * SECOND_NS


class FileNames:
    """The names of the files of a capture, one after the other.

    With a period the pattern is strftime's. A ring's files have their place in it as a number with
    leading zeros. Elsewhere a name that would be that of the file just before gets a number
    instead: a capture never overwrites what it has just written.
    """

    def __init__(self, pattern: str, rotation: Rotation) -> None:
        self._pattern = pattern
        self._rotation = rotation
        self._stem = ""
        self._number = 0
        self._count = 0
        self._ring: list[str] = []

    def next(self, start_ns: int) -> tuple[str, str | None]:
        """The name of the file that begins at a time, and the file that has to go for it, if any.

        A file whose name is simply used again is not named as one that has to go.
        """
        stem = self._pattern
        if self._rotation.period_s is not None:
            stem = time.strftime(stem, time.localtime(start_ns // SECOND_NS))
        if self._rotation.ring:
            return self._next_of_ring(stem)
        self._number = self._number + 1 if self._count and stem == self._stem else 0
        self._stem = stem
        self._count += 1
        return numbered(stem, str(self._number) if self._number else ""), None

    def _next_of_ring(self, stem: str) -> tuple[str, str | None]:
        assert self._rotation.files is not None
        place = self._count % self._rotation.files
        self._count += 1
        name = numbered(stem, f"{place:0{len(str(self._rotation.files - 1))}}")
        if place == len(self._ring):
            self._ring.append(name)
            return name, None
        old, self._ring[place] = self._ring[place], name
        return name, None if old == name else old


def numbered(name: str, number: str) -> str:
    """A name with a number after it as tcpdump writes it, or before what says the compression."""
    for suffix in _COMPRESSED:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)] + number + name[-len(suffix) :]
    return name + number
